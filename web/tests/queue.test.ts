import { expect, it } from "vitest";
import { neighbour, queueFrom } from "../src/lib/queue";
import { track } from "./fixtures";

const [a, b, c] = [track("a"), track("b"), track("c")];

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
