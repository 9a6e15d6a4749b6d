import { beforeEach, expect, it } from "vitest";
import { shuffled } from "../src/lib/queue";
import { keepPlace, keepQueue, recallSession } from "../src/lib/session";
import { store } from "../src/lib/settings";
import { track } from "./fixtures";

const tracks = ["a", "b", "c"].map(track);

beforeEach(() => localStorage.clear());

it("comes back as it was, to the second", () => {
  const unknown = { ...track("d"), duration: Number.NaN };
  keepQueue({ tracks: [...tracks, unknown], index: 1 }, "all");
  keepPlace("b", 68.5);
  expect(recallSession()).toEqual({ queue: { tracks: [...tracks, unknown], index: 1 }, repeat: "all", position: 68.5 });
  keepPlace("a", 5);
  expect(recallSession()?.position, "the second of another track").toBe(0);
});

it("knows the order before shuffling again, entry by entry", () => {
  const mixed = shuffled({ tracks, index: 2 }, () => 0);
  keepQueue(mixed, "off");
  const queue = recallSession()?.queue;
  expect(queue?.before?.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  expect(queue?.before?.every((entry) => queue.tracks.includes(entry))).toBe(true);
});

it("passes over what is something else, and addresses of others", () => {
  for (const bad of ["", "{", "[]", "null", '{"tracks":[{}],"index":0}', '{"tracks":[],"index":0}', '{"tracks":5}']) {
    store("queue", bad);
    expect(recallSession(), bad).toBeUndefined();
  }
  keepQueue({ tracks: [{ ...track("a"), cover: "//elsewhere.example/x.png" }], index: 0 }, "off");
  expect(recallSession()).toBeUndefined();
});

it("keeps the part around the needle of a list that is very long", () => {
  const many = Array.from({ length: 3000 }, (_, n) => track(String(n)));
  keepQueue({ tracks: many, index: 2990 }, "off");
  const queue = recallSession()?.queue;
  expect(queue?.tracks.length).toBe(1000);
  expect(queue?.tracks[queue.index]?.key).toBe("2990");
});
