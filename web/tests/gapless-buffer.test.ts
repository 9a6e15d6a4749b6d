// @vitest-environment node
/** The one SourceBuffer of gapless playback: what an operation leaves behind is nothing, after hours as after a minute. */

import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Buffer } from "../src/lib/gapless/buffer";

/** Does at once what it is told; the next one fails as `fails` says. */
class FakeBuffer extends EventTarget {
  fails: "error" | "full" | undefined;
  mode = "segments";
  timestampOffset = 0;
  appendWindowStart = 0;
  appendWindowEnd = Number.POSITIVE_INFINITY;
  readonly buffered = { length: 1, start: () => 0, end: () => 100 };
  appended = 0;
  removed = 0;

  appendBuffer() {
    const { fails } = this;
    this.fails = undefined;
    if (fails === "full") throw new DOMException("no room", "QuotaExceededError");
    this.appended += 1;
    queueMicrotask(() => this.dispatchEvent(new Event(fails ?? "updateend")));
  }

  remove() {
    this.removed += 1;
    queueMicrotask(() => this.dispatchEvent(new Event("updateend")));
  }

  left = () => ["updateend", "error"].flatMap((name) => getEventListeners(this, name)).length;
}

async function placed(): Promise<{ fake: FakeBuffer; buffer: Buffer }> {
  const fake = new FakeBuffer();
  const source = { addSourceBuffer: () => fake, readyState: "open" } as unknown as MediaSource;
  const buffer = new Buffer(source, { currentTime: 50 } as HTMLMediaElement);
  await buffer.place({ mime: "audio/mp4", init: Uint8Array.of(1), bare: false, shift: 0, begin: 0 });
  return { fake, buffer };
}

test("a piece leaves no listener behind, for it would hold the piece", async () => {
  const { fake, buffer } = await placed();
  for (let i = 0; i < 20; i += 1) await buffer.append(Uint8Array.of(i), undefined);
  expect(fake.appended).toBe(21);
  expect(fake.left()).toBe(0);
});

test("neither does one that the browser cannot read, or one that waits for room", async () => {
  const { fake, buffer } = await placed();
  fake.fails = "error";
  await expect(buffer.append(Uint8Array.of(1), undefined)).rejects.toThrow("could not read");
  expect(fake.left()).toBe(0);
  fake.fails = "full";
  await buffer.append(Uint8Array.of(2), undefined);
  expect(fake.removed, "what was played makes room").toBe(1);
  expect(fake.left()).toBe(0);
});
