/** Finds the part of a recording to start reading at for a time, with few reads: by interpolation between parts seen. */

import { findPart, readHead, type Head, type Part } from "./container";

/** Bytes that are read piece by piece. */
export interface Readable {
  /** Bytes in all. */
  readonly size: number;
  /** Bytes that are fetched at once anyway. */
  readonly chunk: number;
  read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** Largest beginning that is read, bytes. */
const MAX_HEAD = 8 << 20;
/** Rounds of interpolation; recordings that are at all regular take two. */
const ROUNDS = 8;
/** Seconds; what is so near is near enough. */
const NEAR = 1.5;
/** Bytes that the beginning of a part may need to be judged. */
const OVERLAP = 64 << 10;

/** The beginning of a recording with its bytes; `undefined` when it is not made in parts. */
export async function headOf(source: Readable, signal: AbortSignal): Promise<{ head: Head; init: Uint8Array } | undefined> {
  for (let want = Math.min(source.chunk, source.size); ; want = Math.min(want * 2, source.size)) {
    const bytes = await source.read(0, want, signal);
    const head = readHead(bytes);
    if (typeof head === "object") return { head, init: bytes.slice(0, head.end) };
    if (head === "unsuitable" || want >= source.size || want >= MAX_HEAD) return undefined;
  }
}

/** Parts of a recording that were seen so far, so that nothing is fetched to find them again. */
export class Seen {
  /** Independent ones, in order. */
  private readonly parts: Part[] = [];

  add(part: Part): void {
    const at = this.parts.findLastIndex(({ offset }) => offset <= part.offset);
    if (part.independent && this.parts[at]?.offset !== part.offset) this.parts.splice(at + 1, 0, part);
  }

  /** Notes all parts that begin in `bytes`, which start at `base` of the recording. */
  scan(head: Head, bytes: Uint8Array, base: number): void {
    for (let inside = 0; ; ) {
      const part = findPart(head, bytes, inside, base);
      if (!part) return;
      this.add(part);
      inside = part.offset - base + 1;
    }
  }

  /** The last one at or before a time, and the first one after it. */
  around(time: number): [Part | undefined, Part | undefined] {
    const at = this.parts.findLastIndex((part) => part.time <= time);
    return [this.parts[at], this.parts[at + 1]];
  }
}

/**
 * An independent part that starts at or before `time`: the last one, or one so near that going on from it costs less than
 * another look. The first one there is where all are later.
 */
export async function locate(
  source: Readable,
  head: Head,
  time: number,
  duration: number,
  seen: Seen,
  signal: AbortSignal,
): Promise<Part | undefined> {
  const near = Math.max(NEAR, (source.chunk / source.size) * duration);
  let [low, after] = seen.around(time);
  if (!low) {
    low = await nextPart(source, head, head.end, source.size, seen, signal);
    if (!low || low.time >= time) return low;
  }
  let high = after ?? { offset: source.size, time: Math.max(duration, time) };
  for (let round = 0; round < ROUNDS && time - low.time > near && high.offset - low.offset > source.chunk; round += 1) {
    // Aims early: a part just before the time is worth more than one just behind it.
    const share = (time - near / 2 - low.time) / (high.time - low.time || 1);
    const aim = Math.floor(low.offset + share * (high.offset - low.offset));
    const guess = Math.min(Math.max(aim, low.offset + 1), high.offset - 1);
    const part = await nextPart(source, head, guess, high.offset, seen, signal);
    if (part && part.time <= time) low = part;
    else high = { offset: guess, time: part ? Math.min(part.time, high.time) : high.time };
  }
  while (time - low.time > near) {
    const following = await nextPart(source, head, low.offset + 1, high.offset, seen, signal);
    if (!following || following.time > time) break;
    low = following;
  }
  return low;
}

/** The first independent part that starts at or after `from` and before `until`; no more is read than it takes. */
async function nextPart(
  source: Readable,
  head: Head,
  from: number,
  until: number,
  seen: Seen,
  signal: AbortSignal,
): Promise<Part | undefined> {
  let kept: Uint8Array = new Uint8Array();
  for (let at = from; at < Math.min(until + OVERLAP, source.size); ) {
    const piece = await source.read(at, Math.min(at + source.chunk, source.size), signal);
    const bytes = joined(kept, piece);
    const base = at - kept.length;
    for (let inside = 0; ; ) {
      const part = findPart(head, bytes, inside, base);
      if (!part) break;
      if (part.offset >= until) return undefined;
      if (part.independent) {
        seen.add(part);
        return part;
      }
      inside = part.offset - base + 1;
    }
    at += piece.length;
    // What begins here may be told apart when more of it is there.
    kept = bytes.subarray(Math.max(0, bytes.length - OVERLAP));
  }
  return undefined;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
