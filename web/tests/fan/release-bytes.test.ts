import { expect, test } from "vitest";
import type { Content, Item } from "../../src/islands/fan/content";
import { ReleaseBytes } from "../../src/islands/fan/sound/release-bytes";

const item = { index: 0, size: 10, type: "audio/flac" } as Item;

/** A release of ten bytes that gives three at a time, as views of one buffer. */
function release(failed = false) {
  const whole = Uint8Array.from({ length: 10 }, (_, n) => n);
  const read = (_: Item, start: number, end: number, signal: AbortSignal) =>
    signal.aborted ? Promise.reject(new Error("aborted")) : Promise.resolve(whole.subarray(start, Math.min(end, start + 3)));
  return new ReleaseBytes({ read, failed } as unknown as Content, item);
}

test("gives an attachment from any place to its end, in buffers of its own", async () => {
  const { from, size, type, reader } = await release().open(4, 0, new AbortController().signal);
  expect({ from, size, type }).toEqual({ from: 4, size: 10, type: "audio/flac" });
  const got: number[] = [];
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    expect(piece.value!.buffer.byteLength).toBe(piece.value!.length);
    got.push(...piece.value!);
  }
  expect(got).toEqual([4, 5, 6, 7, 8, 9]);
});

test("who reads no more stops what is being decrypted", async () => {
  const stop = new AbortController();
  const { reader } = await release().open(0, 0, stop.signal);
  stop.abort();
  await expect(reader.read()).rejects.toThrow("aborted");
});

test("what is damaged is not tried again", () => {
  expect(release(true).isFinal()).toBe(true);
  expect(release().isFinal()).toBe(false);
});
