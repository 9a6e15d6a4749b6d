import { describe, expect, it } from "vitest";
import {
  cleared,
  moved,
  neighbour,
  neighbourAround,
  queueFrom,
  shuffled,
  unshuffled,
  withAdded,
  without,
  type Queue,
} from "../src/lib/queue";
import { track } from "./fixtures";

const [a, b, c] = [track("a"), track("b"), track("c")];
const keys = (queue: Queue) => queue.tracks.map(({ key }) => key).join("");
const current = (queue: Queue) => queue.tracks[queue.index]?.key;

it("starts where the listener pressed play", () => {
  expect(queueFrom([a, b, c], b)).toEqual({ tracks: [a, b, c], index: 1 });
  expect(queueFrom([a], b)).toEqual({ tracks: [b], index: 0 });
});

it("steps over tracks that were found out, and ends at the ends", () => {
  const queue = queueFrom([a, b, c], a);
  expect(neighbour(queue, 1, () => false)).toBe(1);
  expect(neighbour(queue, 1, (key) => key === "b")).toBe(2);
  expect(neighbour(queue, -1, () => false)).toBeUndefined();
  expect(neighbour(queueFrom([a, b, c], c), 1, () => false)).toBeUndefined();
});

it("goes round, past what was found out, and back to itself when nothing else is left", () => {
  const last = queueFrom([a, b, c], c);
  expect(neighbourAround(last, 1, () => false)).toBe(0);
  expect(neighbourAround(last, 1, (key) => key === "a")).toBe(1);
  expect(neighbourAround(queueFrom([a, b, c], a), -1, () => false)).toBe(2);
  expect(neighbourAround(last, 1, (key) => key !== "c")).toBe(2);
});

describe("what a listener makes of it", () => {
  it("takes a track in behind the current one, or at the end, also a second time", () => {
    const queue = queueFrom([a, b, c], b);
    expect(keys(withAdded(queue, [a], "next"))).toBe("abac");
    expect(keys(withAdded(queue, [a], "last"))).toBe("abca");
    const twice = withAdded(queue, [b], "next");
    expect(keys(without(twice, 2))).toBe("abc");
  });

  it("keeps the needle where it is when entries move or go", () => {
    const queue = queueFrom([a, b, c], b);
    expect([keys(moved(queue, 2, 0)), current(moved(queue, 2, 0))]).toEqual(["cab", "b"]);
    expect([keys(moved(queue, 1, 2)), current(moved(queue, 1, 2))]).toEqual(["acb", "b"]);
    expect(moved(queue, 0, 3)).toBe(queue);
    expect([keys(without(queue, 0)), current(without(queue, 0))]).toEqual(["bc", "b"]);
    expect(without(queue, 1)).toBe(queue);
    expect(keys(cleared(queue))).toBe("b");
  });

  it("shuffles around the current track and finds the old order again, with what came and went meanwhile", () => {
    const d = track("d");
    const queue = queueFrom([a, b, c, d], b);
    const mixed = shuffled(queue, () => 0);
    expect(mixed.tracks[0]).toBe(b);
    expect(keys(mixed)).not.toBe("bacd");
    expect(keys(mixed).split("").toSorted().join("")).toBe("abcd");
    expect(unshuffled(mixed)).toEqual(queue);
    const elsewhere = { ...mixed, index: mixed.tracks.indexOf(d) };
    const changed = without(withAdded(elsewhere, [track("e")], "last"), mixed.tracks.indexOf(a));
    expect([keys(unshuffled(changed)), current(unshuffled(changed))]).toEqual(["bcde", "d"]);
  });
});
