/** WebM (Matroska, RFC 9559) as byte stream of Media Source: head, then clusters. */

import type { Head, HeadResult, Part } from "./container";
import { elementAt, elements, float, uint, type Element } from "./ebml";

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const DURATION = 0x4489;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const CODEC_ID = 0x86;
const CLUSTER = 0x1f43b675;
const CLUSTER_ID = [0x1f, 0x43, 0xb6, 0x75] as const;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const REFERENCE = 0xfb;
/** What may come before a cluster's timestamp: CRC-32, Void. */
const FILLING = new Set([0xbf, 0xec]);

/** RFC 6381 names of what browsers decode in WebM. AV1 needs numbers that only its own header has. */
const CODECS: Readonly<Record<string, string>> = { V_VP8: "vp8", V_VP9: "vp9", A_OPUS: "opus", A_VORBIS: "vorbis" };

const VIDEO = 1;

export const isWebm = (bytes: Uint8Array): boolean => elementAt(bytes, 0)?.id === EBML;

export function readHead(bytes: Uint8Array): HeadResult {
  let scale = 1_000_000;
  let duration: number | undefined;
  let tracks: Track[] | undefined;
  const first = elementAt(bytes, 0);
  const segment = first && elementAt(bytes, first.end);
  if (!segment) return "more";
  if (segment.id !== SEGMENT) return "unsuitable";
  for (const element of elements(bytes, segment.data, segment.end)) {
    if (element.id === CLUSTER) {
      if (!tracks || tracks.length === 0) return "unsuitable";
      return headFrom(element.at, scale, duration, tracks);
    }
    if (element.end > bytes.length) return "more";
    if (element.id === INFO) {
      for (const child of elements(bytes, element.data, element.end)) {
        if (child.id === TIMESTAMP_SCALE) scale = uint(bytes, child) || scale;
        if (child.id === DURATION) duration = float(bytes, child);
      }
    }
    if (element.id === TRACKS) tracks = [...elements(bytes, element.data, element.end)].flatMap((entry) => track(bytes, entry));
  }
  return "more";
}

interface Track {
  readonly number: number;
  readonly type: number;
  readonly codec: string;
}

function track(bytes: Uint8Array, entry: Element): Track[] {
  if (entry.id !== TRACK_ENTRY) return [];
  let [number, type, codec] = [0, 0, ""];
  for (const child of elements(bytes, entry.data, entry.end)) {
    if (child.id === TRACK_NUMBER) number = uint(bytes, child);
    if (child.id === TRACK_TYPE) type = uint(bytes, child);
    if (child.id === CODEC_ID) codec = String.fromCharCode(...bytes.subarray(child.data, child.end)).replaceAll("\0", "");
  }
  return [{ number, type, codec }];
}

function headFrom(end: number, scale: number, duration: number | undefined, tracks: readonly Track[]): Head {
  const perSecond = 1_000_000_000 / scale;
  const codecs = tracks.map(({ codec }) => CODECS[codec]);
  return {
    container: "webm",
    end,
    codecs: codecs.every((codec) => codec !== undefined) ? codecs.join(",") : undefined,
    duration: duration === undefined ? undefined : duration / perSecond,
    scales: new Map(tracks.map(({ number }) => [number, perSecond])),
    leading: (tracks.find(({ type }) => type === VIDEO) ?? tracks[0]!).number,
  };
}

/** The first cluster at or after `from`, if enough of it is there to tell whether it starts with a whole picture. */
export function findCluster(head: Head, bytes: Uint8Array, from: number): Part | undefined {
  for (let at = bytes.indexOf(CLUSTER_ID[0], from); at >= 0; at = bytes.indexOf(CLUSTER_ID[0], at + 1)) {
    if (!CLUSTER_ID.every((byte, i) => bytes[at + i] === byte)) continue;
    const part = cluster(head, bytes, at);
    if (part) return part;
  }
  return undefined;
}

function cluster(head: Head, bytes: Uint8Array, at: number): Part | undefined {
  const element = elementAt(bytes, at);
  if (!element) return undefined;
  let time: number | undefined;
  for (const child of elements(bytes, element.data, element.end)) {
    if (child.id === TIMESTAMP && child.end - child.data <= 8 && child.end <= bytes.length) {
      time = uint(bytes, child) / (head.scales.get(head.leading) ?? 1000);
    } else if (time === undefined) {
      // The four bytes of the id stood somewhere in a picture.
      if (!FILLING.has(child.id)) return undefined;
    } else {
      const independent = startsWhole(head, bytes, child);
      if (independent !== undefined) return { offset: at, time, independent };
    }
  }
  return undefined;
}

/** Whether a block is a whole picture; `undefined` for blocks of other tracks, and elements that are none. */
function startsWhole(head: Head, bytes: Uint8Array, element: Element): boolean | undefined {
  if (element.id === SIMPLE_BLOCK) {
    const number = trackOf(bytes, element.data);
    return number?.track === head.leading ? (bytes[number.next + 2]! & 0x80) !== 0 : undefined;
  }
  if (element.id !== BLOCK_GROUP) return undefined;
  const children = [...elements(bytes, element.data, element.end)];
  const block = children.find(({ id }) => id === BLOCK);
  if (!block || trackOf(bytes, block.data)?.track !== head.leading) return undefined;
  return children.every(({ id }) => id !== REFERENCE);
}

/** The track number that a block starts with; a time of two bytes and the flags follow. */
function trackOf(bytes: Uint8Array, at: number): { track: number; next: number } | undefined {
  const first = bytes[at];
  if (first === undefined || at + 4 > bytes.length) return undefined;
  if (first & 0x80) return { track: first & 0x7f, next: at + 1 };
  if (first & 0x40) return { track: ((first & 0x3f) << 8) | bytes[at + 1]!, next: at + 2 };
  return undefined;
}
