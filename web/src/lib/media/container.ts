/**
 * What has to be known of a recording to play parts of it by Media Source: where its beginning ends, and where, from any
 * place in the bytes, the next part starts that can be played without what comes before. Nothing is looked up in an index,
 * as live recordings have none: places are found by looking for the beginnings of parts.
 */

import * as fmp4 from "./fmp4";
import * as webm from "./webm";

/** What a decoder needs first: the bytes before the first part. */
export interface Head {
  readonly container: "webm" | "mp4";
  /** Where the first part starts, which is where the beginning ends. */
  readonly end: number;
  /** RFC 6381, as far as the tracks say it. */
  readonly codecs: string | undefined;
  /** Seconds, if said. */
  readonly duration: number | undefined;
  /** Units per second, by track. */
  readonly scales: ReadonlyMap<number, number>;
  /** The track whose pictures matter, else the first one. */
  readonly leading: number;
  /** fMP4: sample flags of the leading track where a part does not say them. */
  readonly defaultFlags?: number;
}

/** A part: a cluster (WebM) or a movie fragment (fMP4). */
export interface Part {
  /** Bytes from the start of the recording. */
  readonly offset: number;
  /** Seconds. */
  readonly time: number;
  /** Starts with a whole picture. */
  readonly independent: boolean;
}

/** `"more"`: cut off. `"unsuitable"`: not made in parts, or nothing we know. */
export type HeadResult = Head | "more" | "unsuitable";

/** Reads the beginning of a recording. */
export function readHead(bytes: Uint8Array): HeadResult {
  if (bytes.length < 12) return "more";
  if (webm.isWebm(bytes)) return webm.readHead(bytes);
  if (fmp4.isMp4(bytes)) return fmp4.readHead(bytes);
  return "unsuitable";
}

/**
 * The first part that starts at or after `from` in `bytes`, whose first byte is at `base` in the recording. `undefined`
 * when there is none that is whole enough to be judged.
 */
export function findPart(head: Head, bytes: Uint8Array, from: number, base: number): Part | undefined {
  const found = head.container === "webm" ? webm.findCluster(head, bytes, from) : fmp4.findFragment(head, bytes, from);
  return found && { ...found, offset: found.offset + base };
}
