import { expect, it } from "vitest";
import { findPart, readHead, type Head } from "../../src/lib/media/container";
import { headOf, locate, Seen, type Readable } from "../../src/lib/media/locate";
import { cluster, fragment, mp4Head, webmHead } from "./media-bytes";

const head = (bytes: readonly number[]): Head => {
  const found = readHead(Uint8Array.from(bytes));
  if (typeof found === "string") throw new Error(found);
  return found;
};

it("reads the beginning of WebM, of known and of unknown length", () => {
  const start = webmHead();
  expect(head([...start, ...cluster(0)])).toMatchObject({ container: "webm", end: start.length, codecs: "opus,vp9", leading: 1 });
  expect(readHead(Uint8Array.from(start))).toBe("more");
  for (let length = 12; length < start.length; length += 1) expect(readHead(Uint8Array.from(start.slice(0, length))), String(length)).toBe("more");
});

it("reads the beginning of fragmented MP4 and refuses what is in one piece", () => {
  const start = mp4Head();
  expect(head([...start, ...fragment(0, true)])).toMatchObject({ container: "mp4", end: start.length, codecs: "avc1.640028", leading: 7, duration: 6 });
  for (let length = 12; length < start.length; length += 1) expect(readHead(Uint8Array.from(start.slice(0, length))), String(length)).toBe("more");
  expect(readHead(Uint8Array.from(mp4Head({ fragmented: false })))).toBe("unsuitable");
  expect(readHead(Uint8Array.from(Array(64).fill(7)))).toBe("unsuitable");
});

it.each([true, false])("finds clusters of any length (unknown: %s) that begin with a whole picture", (live) => {
  const start = webmHead();
  const bytes = Uint8Array.from([...start, ...cluster(0, { live }), ...cluster(1000, { live, key: false }), ...cluster(2000, { live })]);
  const of = head([...start, ...cluster(0)]);
  const found = [];
  for (let at = 0; ; ) {
    const part = findPart(of, bytes, at, 100);
    if (!part) break;
    found.push([part.time, part.independent]);
    at = part.offset - 100 + 1;
  }
  expect(found).toEqual([[0, true], [1, false], [2, true]]);
});

it("is not fooled by an id that stands in a picture, nor by a part that is cut off", () => {
  const of = head([...webmHead(), ...cluster(0)]);
  const real = cluster(3000);
  const noise = [0x1f, 0x43, 0xb6, 0x75, 0x84, 9, 9, 9, 9, 0x1f, 0x43];
  expect(findPart(of, Uint8Array.from([...noise, ...real]), 0, 0)).toEqual({ offset: noise.length, time: 3, independent: true });
  expect(findPart(of, Uint8Array.from(real.slice(0, 30)), 0, 0)).toBeUndefined();
});

it("finds fragments, and whether they begin with a whole picture", () => {
  const of = head([...mp4Head(), ...fragment(0, true)]);
  const times = (bytes: number[]) => findPart(of, Uint8Array.from(bytes), 0, 0);
  expect(times(fragment(2500, true))).toEqual({ offset: 0, time: 2.5, independent: true });
  expect(times(fragment(2500, false))?.independent).toBe(false);
  expect(times(fragment(2500, undefined))?.independent, "as the head has it").toBe(false);
  expect(times([109, 111, 111, 102, ...fragment(1000, true)])?.offset).toBe(4);
  expect(times(fragment(2500, true).slice(0, 60))).toBeUndefined();
});

/** A recording of a part each second; notes what is read of it. */
function recording(parts: number[][], start: number[], chunk: number) {
  const bytes = Uint8Array.from([...start, ...parts.flat()]);
  const reads: [number, number][] = [];
  const source: Readable = {
    size: bytes.length,
    chunk,
    async read(from, to) {
      reads.push([from, to]);
      return bytes.slice(from, to);
    },
  };
  return { source, reads };
}

it.each([
  ["WebM", webmHead(), (second: number) => cluster(second * 1000, { padding: 200 + ((second * 37) % 90) * 5 })],
  ["MP4", mp4Head(), (second: number) => fragment(second * 1000, true, 200 + ((second * 37) % 90) * 5)],
])("finds the part for any time of %s, with few reads", async (_, start, part) => {
  const seconds = 600;
  const { source, reads } = recording(Array.from({ length: seconds }, (__, second) => part(second)), start, 4096);
  const { signal } = new AbortController();
  const found = await headOf(source, signal);
  expect(found?.init.length).toBe(start.length);
  const near = Math.max(1.5, (4096 / source.size) * seconds);
  for (const time of [0, 0.5, 1, 17.2, 300, 433.9, 598.5, 599, 650]) {
    reads.length = 0;
    const at = await locate(source, found!.head, time, seconds, new Seen(), signal);
    expect(at!.time, String(time)).toBeLessThanOrEqual(time);
    if (time < seconds) expect(at!.time, String(time)).toBeGreaterThanOrEqual(time - near - 1);
    expect(reads.length, String(time)).toBeLessThan(12);
  }
});

it("asks for nothing to find what was seen", async () => {
  const { source, reads } = recording(Array.from({ length: 50 }, (_, second) => cluster(second * 1000)), webmHead(), 1024);
  const { signal } = new AbortController();
  const { head: of } = (await headOf(source, signal))!;
  const seen = new Seen();
  seen.scan(of, await source.read(0, source.size, signal), 0);
  reads.length = 0;
  expect((await locate(source, of, 20.5, 50, seen, signal))?.time).toBe(20);
  expect(reads).toEqual([]);
});
