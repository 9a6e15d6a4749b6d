/** Fragmented MP4 (ISO/IEC 14496-12) as byte stream of Media Source: ftyp and moov, then moof and mdat in turn. */

import type { Head, HeadResult, Part } from "./container";

/** One box; `end` is exclusive. */
interface Box {
  readonly type: string;
  /** First byte of the box. */
  readonly at: number;
  /** First byte of its content. */
  readonly data: number;
  readonly end: number;
}

/** Largest moof that is believed, bytes. */
const MAX_MOOF = 4 << 20;
/** In sample flags: cannot be decoded without others. */
const NON_SYNC = 0x10000;

const u32 = (bytes: Uint8Array, at: number): number =>
  at + 4 <= bytes.length ? ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0 : Number.NaN;
const u64 = (bytes: Uint8Array, at: number): number => u32(bytes, at) * 2 ** 32 + u32(bytes, at + 4);
const word = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
/** Flags of a full box. */
const flagsOf = (bytes: Uint8Array, box: Box): number => u32(bytes, box.data) & 0xffffff;

function boxAt(bytes: Uint8Array, at: number): Box | undefined {
  if (at + 8 > bytes.length) return undefined;
  const size = u32(bytes, at);
  const type = word(bytes, at + 4);
  if (size === 1) return at + 16 <= bytes.length ? { type, at, data: at + 16, end: at + Math.max(16, u64(bytes, at + 8)) } : undefined;
  return size === 0 || size >= 8 ? { type, at, data: at + 8, end: size === 0 ? Number.POSITIVE_INFINITY : at + size } : undefined;
}

function* boxes(bytes: Uint8Array, from: number, end: number): Generator<Box> {
  for (let at = from; at < Math.min(end, bytes.length); ) {
    const box = boxAt(bytes, at);
    if (!box) return;
    yield box;
    at = box.end;
  }
}

const child = (bytes: Uint8Array, box: Box | undefined, ...path: string[]): Box | undefined =>
  path.reduce<Box | undefined>((inside, type) => inside && [...boxes(bytes, inside.data, inside.end)].find((b) => b.type === type), box);

export const isMp4 = (bytes: Uint8Array): boolean => ["ftyp", "styp"].includes(word(bytes, 4));

export function readHead(bytes: Uint8Array): HeadResult {
  for (const box of boxes(bytes, 0, Number.POSITIVE_INFINITY)) {
    // Contents before the list of what is in them: a file that is read as a whole.
    if (box.type === "mdat" || box.type === "moof") return "unsuitable";
    if (box.end > bytes.length) return "more";
    if (box.type !== "moov") continue;
    const mvex = child(bytes, box, "mvex");
    return mvex ? headFrom(bytes, box, mvex) : "unsuitable";
  }
  return "more";
}

function headFrom(bytes: Uint8Array, moov: Box, mvex: Box): HeadResult {
  const scales = new Map<number, number>();
  const codecs: (string | undefined)[] = [];
  let video: number | undefined;
  for (const trak of boxes(bytes, moov.data, moov.end)) {
    if (trak.type !== "trak") continue;
    const [tkhd, mdhd, hdlr] = [child(bytes, trak, "tkhd"), child(bytes, trak, "mdia", "mdhd"), child(bytes, trak, "mdia", "hdlr")];
    const entry = child(bytes, trak, "mdia", "minf", "stbl", "stsd");
    if (!tkhd || !mdhd || !hdlr) return "unsuitable";
    const id = u32(bytes, tkhd.data + (bytes[tkhd.data] === 1 ? 20 : 12));
    scales.set(id, u32(bytes, mdhd.data + (bytes[mdhd.data] === 1 ? 20 : 12)) || 1);
    if (word(bytes, hdlr.data + 8) === "vide") video ??= id;
    codecs.push(entry && codecOf(bytes, boxAt(bytes, entry.data + 8)));
  }
  const leading = video ?? scales.keys().next().value;
  if (leading === undefined) return "unsuitable";
  const trex = [...boxes(bytes, mvex.data, mvex.end)].find((box) => box.type === "trex" && u32(bytes, box.data + 4) === leading);
  return {
    container: "mp4",
    end: moov.end,
    codecs: codecs.every((codec) => codec !== undefined) ? codecs.join(",") : undefined,
    duration: movieLength(bytes, moov, mvex),
    scales,
    leading,
    defaultFlags: trex ? u32(bytes, trex.data + 20) : 0,
  };
}

function movieLength(bytes: Uint8Array, moov: Box, mvex: Box): number | undefined {
  const [mvhd, mehd] = [child(bytes, moov, "mvhd"), child(bytes, mvex, "mehd")];
  if (!mvhd || !mehd) return undefined;
  const scale = u32(bytes, mvhd.data + (bytes[mvhd.data] === 1 ? 20 : 12));
  const length = bytes[mehd.data] === 1 ? u64(bytes, mehd.data + 4) : u32(bytes, mehd.data + 4);
  return scale > 0 && length > 0 ? length / scale : undefined;
}

/** RFC 6381 names of the usual ones; the rest is left to what the release says. */
function codecOf(bytes: Uint8Array, entry: Box | undefined): string | undefined {
  if (!entry) return undefined;
  if (entry.type === "avc1" || entry.type === "avc3") {
    const avcC = [...boxes(bytes, entry.data + 78, entry.end)].find((box) => box.type === "avcC");
    if (!avcC) return undefined;
    const profile = [1, 2, 3].map((i) => bytes[avcC.data + i]!.toString(16).padStart(2, "0"));
    return `${entry.type}.${profile.join("")}`;
  }
  if (entry.type === "mp4a") return "mp4a.40.2";
  if (entry.type === "Opus") return "opus";
  if (entry.type === "fLaC") return "flac";
  return undefined;
}

/** The first movie fragment at or after `from` that is all there. */
export function findFragment(head: Head, bytes: Uint8Array, from: number): Part | undefined {
  // 'm' of 'moof', four bytes into the box.
  for (let at = bytes.indexOf(0x6d, from + 4); at >= 0; at = bytes.indexOf(0x6d, at + 1)) {
    if (word(bytes, at) !== "moof") continue;
    const moof = boxAt(bytes, at - 4);
    if (!moof || moof.end - moof.at > MAX_MOOF || word(bytes, moof.data + 4) !== "mfhd" || moof.end > bytes.length) continue;
    const part = fragment(head, bytes, moof);
    if (part) return part;
  }
  return undefined;
}

function fragment(head: Head, bytes: Uint8Array, moof: Box): Part | undefined {
  for (const traf of boxes(bytes, moof.data, moof.end)) {
    const [tfhd, tfdt] = traf.type === "traf" ? [child(bytes, traf, "tfhd"), child(bytes, traf, "tfdt")] : [];
    if (!tfhd || !tfdt || u32(bytes, tfhd.data + 4) !== head.leading) continue;
    const ticks = bytes[tfdt.data] === 1 ? u64(bytes, tfdt.data + 4) : u32(bytes, tfdt.data + 4);
    const flags = firstFlags(bytes, child(bytes, traf, "trun")) ?? defaultFlags(bytes, tfhd) ?? head.defaultFlags ?? 0;
    return { offset: moof.at, time: ticks / (head.scales.get(head.leading) ?? 1), independent: (flags & NON_SYNC) === 0 };
  }
  return undefined;
}

/** Flags of a fragment's first sample, if the run says them. */
function firstFlags(bytes: Uint8Array, trun: Box | undefined): number | undefined {
  if (!trun) return undefined;
  const flags = flagsOf(bytes, trun);
  const samples = trun.data + 8 + (flags & 0x1 ? 4 : 0);
  if (flags & 0x4) return u32(bytes, samples);
  if (flags & 0x400) return u32(bytes, samples + (flags & 0x100 ? 4 : 0) + (flags & 0x200 ? 4 : 0));
  return undefined;
}

/** Flags of a fragment's samples, if its header says them. */
function defaultFlags(bytes: Uint8Array, tfhd: Box): number | undefined {
  const flags = flagsOf(bytes, tfhd);
  if (!(flags & 0x20)) return undefined;
  const skipped = (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0) + (flags & 0x8 ? 4 : 0) + (flags & 0x10 ? 4 : 0);
  return u32(bytes, tfhd.data + 8 + skipped);
}
