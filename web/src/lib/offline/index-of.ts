/** What is kept, as the index in the browser's database has it. Strangers' words in it are texts, and nothing else. */

import { isTrack, type Track } from "../tracks";
import type { Taken } from "./room";

/** A track on this device. Its bytes lie under its CID, which they were proven to have. */
export interface Kept {
  readonly track: Track;
  /** Bytes. */
  readonly size: number;
  /** Media type, as the node said. */
  readonly type: string;
  /** What lies beside it: cover, waveform, lyrics, record, page; by path. */
  readonly beside: readonly Taken[];
  /** Unix milliseconds. */
  readonly since: number;
}

/** What a licence opens and asks, in the words that were shown when it was opened. */
export interface KeptTerms {
  readonly kind: string;
  readonly opens: readonly string[];
  readonly asks: readonly string[];
}

/** A sealed release on the shelf. Nothing in here opens it. */
export interface Shelved {
  /** CID of the sealed file; also its name. */
  readonly id: string;
  readonly size: number;
  readonly title: string;
  readonly artist: string;
  /** Where it came from: a file name or an address. */
  readonly from: string;
  /** The signer of the record that led to it, who is the file's, too. */
  readonly recordOf?: string;
  readonly terms?: KeptTerms;
  /** Bytes of the picture from inside; 0 when there is none. */
  readonly cover: number;
  /** A licence or a table of keys that opens it together with the key; kept beside it. */
  readonly paper?: { readonly name: string; readonly size: number };
  /** Its key was stored, because the listener asked for it. */
  readonly hasKey: boolean;
  readonly since: number;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isSize = (value: unknown): value is number => typeof value === "number" && value >= 0;
const isText = (value: unknown): value is string => typeof value === "string";
const texts = (value: unknown): string[] => list(value).filter(isText);

export const keptList = (value: unknown): Kept[] => list(value).flatMap(keptOf);
export const shelfList = (value: unknown): Shelved[] => list(value).flatMap(shelvedOf);

function keptOf(value: unknown): Kept[] {
  const { track, size, type, beside, since } = (value ?? {}) as Record<string, unknown>;
  if (!isTrack(track) || !isSize(size) || !isText(type)) return [];
  const things = list(beside).filter((one): one is Taken => {
    const { name, size: bytes } = (one ?? {}) as Record<string, unknown>;
    return isText(name) && isSize(bytes);
  });
  return [{ track, size, type, beside: things, since: isSize(since) ? since : 0 }];
}

function shelvedOf(value: unknown): Shelved[] {
  const { id, size, title, artist, from, recordOf, terms, cover, paper, hasKey, since } = (value ?? {}) as Record<string, unknown>;
  if (!isText(id) || !isSize(size) || !isText(title)) return [];
  const { kind, opens, asks } = (terms ?? {}) as Record<string, unknown>;
  return [
    {
      id,
      size,
      title,
      artist: isText(artist) ? artist : "",
      from: isText(from) ? from : "",
      ...(isText(recordOf) && { recordOf }),
      ...(isText(kind) && { terms: { kind, opens: texts(opens), asks: texts(asks) } }),
      cover: isSize(cover) ? cover : 0,
      ...paperEntry(paper),
      hasKey: hasKey === true,
      since: isSize(since) ? since : 0,
    },
  ];
}

function paperEntry(value: unknown): Pick<Shelved, "paper"> {
  const { name, size } = (value ?? {}) as Record<string, unknown>;
  return isText(name) && isSize(size) ? { paper: { name, size } } : {};
}

/** What kept tracks and sealed releases take together. */
export const takenBy = (kept: readonly Kept[], shelf: readonly Shelved[]): Taken[] => [
  ...kept.flatMap(({ track, size, beside }) => [{ name: `kept ${track.cid}`, size }, ...beside]),
  ...shelf.flatMap(({ id, size, cover, paper }) => [
    { name: `sealed ${id}`, size },
    { name: `cover ${id}`, size: cover },
    { name: `paper ${id}`, size: paper?.size ?? 0 },
  ]),
];
