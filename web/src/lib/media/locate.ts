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
/** Rounds of interpolation; what is left is then at most a few chunks wide for any recording that is at all regular. */
const ROUNDS = 8;
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

/** The last independent part that starts at or before `time`, or the first one there is. */
export async function locate(source: Readable, head: Head, time: number, duration: number, signal: AbortSignal): Promise<Part | undefined> {
  const next = (from: number, until: number) => nextPart(source, head, from, until, signal);
  const first = await next(head.end, source.size);
  if (!first || first.time >= time) return first;
  let low = first;
  let high = { offset: source.size, time: Math.max(duration, time) };
  for (let round = 0; round < ROUNDS && high.offset - low.offset > source.chunk; round += 1) {
    const share = (time - low.time) / (high.time - low.time || 1);
    // Aims half a chunk early: a part that begins just before the time is worth more than one just behind it.
    const aim = Math.floor(low.offset + share * (high.offset - low.offset) - source.chunk / 2);
    const guess = Math.min(Math.max(aim, low.offset + 1), high.offset - 1);
    const part = await next(guess, high.offset);
    if (part && part.time <= time) low = part;
    else high = { offset: guess, time: part ? Math.min(part.time, high.time) : high.time };
    if (guess === low.offset + 1) break;
  }
  for (;;) {
    const following = await next(low.offset + 1, high.offset);
    if (!following || following.time > time) return low;
    low = following;
  }
}

/** The first independent part that starts at or after `from` and before `until`. */
async function nextPart(source: Readable, head: Head, from: number, until: number, signal: AbortSignal): Promise<Part | undefined> {
  for (let at = from; at < until; at += source.chunk) {
    const bytes = await source.read(at, Math.min(at + source.chunk + Math.min(OVERLAP, source.chunk), source.size), signal);
    for (let inside = 0; inside < source.chunk; ) {
      const part = findPart(head, bytes, inside, at);
      if (!part || part.offset >= Math.min(at + source.chunk, until)) break;
      if (part.independent) return part;
      inside = part.offset - at + 1;
    }
  }
  return undefined;
}
