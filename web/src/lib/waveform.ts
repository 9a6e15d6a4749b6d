/** How loud a track is along its length, as the artist signed it (spec section 4.14). Nothing is decoded here. */

import { fetchOrKept } from "./offline/beside";

/** Most bytes that are read. */
const MAX_BYTES = 8 + 2048;
const MAGIC = [0x4f, 0x53, 0x50, 0x57, 1]; // "OSPW", version 1

/** The peaks, 0 to 255; `undefined` for bytes that are no waveform. */
export function peaksOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 9 || bytes.length > MAX_BYTES || MAGIC.some((byte, at) => bytes[at] !== byte)) return undefined;
  const count = (bytes[6]! << 8) | bytes[7]!;
  return count === bytes.length - 8 ? bytes.subarray(8) : undefined;
}

/** As many bars as there is room for, each as high as its loudest peak, 0 to 1. */
export function barsOf(peaks: Uint8Array, count: number): number[] {
  const bars = Math.min(count, peaks.length);
  const edge = (bar: number) => Math.floor((bar * peaks.length) / bars);
  return Array.from({ length: bars }, (_, bar) => Math.max(...peaks.subarray(edge(bar), edge(bar + 1))) / 255);
}

const known = new Map<string, Promise<Uint8Array | undefined>>();
/** Waveforms that are kept, for going back and forth in a queue. */
const KEPT = 50;

/** The peaks at an address. Whatever goes wrong, the bar is plain. */
export function fetchPeaks(address: string): Promise<Uint8Array | undefined> {
  const before = known.get(address);
  if (before) return before;
  const found = fetchFew(address, MAX_BYTES).then((bytes) => bytes && peaksOf(bytes), () => undefined);
  known.set(address, found);
  const oldest = known.keys().next().value;
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
  return found;
}

/** All bytes at an address, `undefined` if it answers with an error or with more than `most`. */
export async function fetchFew(address: string, most: number): Promise<Uint8Array | undefined> {
  const response = await fetchOrKept(address);
  if (!response.ok || !response.body || Number(response.headers.get("Content-Length") ?? 0) > most) {
    await response.body?.cancel();
    return undefined;
  }
  const reader = response.body.getReader();
  const bytes = new Uint8Array(most);
  let have = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (have + part.value.length > most) {
      await reader.cancel();
      return undefined;
    }
    bytes.set(part.value, have);
    have += part.value.length;
  }
  return bytes.slice(0, have);
}
