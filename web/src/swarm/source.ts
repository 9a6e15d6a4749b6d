/** What has to be known of a track before others may be asked for it, all of it from the signed record. */

import { recordOf, type Track } from "../lib/tracks";
import { verifyTrack, type SignedRecord } from "../lib/verify";
import { fromHex } from "./bytes";
import { parseMagnet, webAddresses, webSocketAddresses } from "./magnet";
import type { Shared } from "./session";

/** What a record says in its own words. */
interface Words {
  readonly torrent?: unknown;
  readonly size?: unknown;
  readonly format?: unknown;
}

/** Media types of records that browsers know by another name. */
const SERVED_AS: Readonly<Record<string, string>> = { "audio/opus": "audio/ogg; codecs=opus" };
/** Largest file that is shared, in bytes. */
const MAX_SIZE = 4 * 2 ** 30;
/** Largest `.torrent` that is read: 262,144 pieces of 20 bytes, and trackers. */
const MAX_TORRENT = 6 << 20;

/** `undefined`: the record does not verify here, or names no torrent, so the track comes from the node alone. */
export async function sharedOf(track: Track): Promise<Shared | undefined> {
  const outcome = await verifyTrack(track);
  if (outcome.state !== "verified") return undefined;
  const words: Words & SignedRecord = outcome.record;
  const magnet = parseMagnet(words.torrent);
  const infohash = magnet && fromHex(magnet.infohash);
  const size = magnet?.size ?? words.size;
  const format = String(words.format);
  if (!infohash || typeof size !== "number" || !Number.isSafeInteger(size) || size <= 0 || size > MAX_SIZE) return undefined;
  if (!/^audio\/[a-z0-9.+-]{1,64}$/.test(format)) return undefined;
  return { infohash, size, cid: outcome.record.cid, type: SERVED_AS[format] ?? format };
}

/** Where the bytes are now, by the node's word: nobody has to believe it, since every piece is checked. */
export interface Places {
  readonly mirrors: readonly string[];
  readonly trackers: readonly string[];
}

export async function placesOf(track: Track, signal: AbortSignal): Promise<Places> {
  try {
    const response = await fetch(`${recordOf(track.key)}/sources`, { signal });
    if (!response.ok) return { mirrors: [], trackers: [] };
    const { mirrors, trackers } = (await response.json()) as { mirrors?: unknown[]; trackers?: unknown[] };
    return { mirrors: webAddresses(mirrors ?? []), trackers: webSocketAddresses(trackers ?? []) };
  } catch {
    return { mirrors: [], trackers: [] };
  }
}

/** The torrent with the digests of the pieces; peers give it too, later. */
export async function torrentOf(infohash: Uint8Array, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const hex = Array.from(infohash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const response = await fetch(`/torrents/${hex}.torrent`, { signal });
    if (!response.ok || Number(response.headers.get("Content-Length") ?? 0) > MAX_TORRENT) return undefined;
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}
