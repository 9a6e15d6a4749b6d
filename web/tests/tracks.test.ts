import { beforeEach, expect, it } from "vitest";
import { readTracks } from "../src/lib/tracks";
import { release, row } from "./fixtures";

beforeEach(() => {
  document.body.innerHTML = "";
});

it("reads what the page shows, the artist from the release where the row has none", () => {
  document.body.innerHTML = release("Max\n  McCracken", row("a", "Awakening"), row("b", "Guest spot", "Somebody"));
  expect(readTracks(document.body).map((t) => [t.key, t.title, t.artist, t.duration])).toEqual([
    ["a", "Awakening", "Max McCracken", 208.5],
    ["b", "Guest spot", "Somebody", 208.5],
  ]);
});

it("lists a page's own track in its album's order, once", () => {
  const own = row("b", "Second").replace("data-track", "data-cue data-track");
  document.body.innerHTML = `<ul>${own}</ul>${release("Max", row("a", "First"), row("b", "Second"))}`;
  expect(readTracks(document.body).map((t) => t.key)).toEqual(["a", "b"]);
});

it("leaves out an element that lacks what is needed to check it", () => {
  document.body.innerHTML = '<li data-track="x" data-id="osp:track:x"></li>';
  expect(readTracks(document.body)).toEqual([]);
});

it("leaves out what only a key opens", () => {
  const sealed = row("b", "Sealed").replace("data-track", "data-sealed data-track");
  document.body.innerHTML = release("Max", row("a", "Open"), sealed);
  expect(readTracks(document.body).map((t) => t.key)).toEqual(["a"]);
});
