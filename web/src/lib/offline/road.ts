/**
 * The address at which the service worker gives a track's bytes from this device. Without a worker the node answers there,
 * all the same.
 */

import { audioOf, type Track } from "../tracks";

/** Of nodes; and of plain files, which are named by their CIDs. */
const AUDIO = /(^\/api\/v1\/tracks\/[^/]+\/audio|\/audio\/b[a-z2-7]{50,}(\.\w+)?)$/;
const MARK = "kept";

/** Tracks that are kept, by key; told by `kept.ts`. Not a signal: who asks for bytes asks anew each time. */
let here: ReadonlySet<string> = new Set();

export const setHere = (keys: ReadonlySet<string>): void => {
  here = keys;
};

/** The address of bytes that are kept. */
export const keptAt = (audio: string): string => `${audio}?${MARK}`;

/** Whether an address stands for kept bytes. */
export const isKeptAt = ({ pathname, searchParams }: URL): boolean => searchParams.has(MARK) && AUDIO.test(pathname);

/** Where a track's bytes are best taken from: this device, else the node. */
export const roadOf = (track: Pick<Track, "key" | "audio">): string => (here.has(track.key) ? keptAt(audioOf(track)) : audioOf(track));

/** Whether an address is one that everybody may read piece by piece, and not one that others have a part in. */
export const isPlainRoad = (track: Pick<Track, "key" | "audio">, address: string): boolean =>
  address === audioOf(track) || address === keptAt(audioOf(track));
