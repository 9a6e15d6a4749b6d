/**
 * Tracks as the server rendered them. An element with `data-track` stands for one track; where it does not show
 * the artist, the `data-release` around it does. `data-cue` marks the track that a page is about.
 *
 *     <li data-track="bafkrei…"        CID part of the record's id
 *         data-id="osp:track:bafkrei…"
 *         data-cid="bafybei…"          the audio
 *         data-did="did:key:z6Mk…"     the artist
 *         data-cover="/ipfs/…"         what to show beside it
 *         data-waveform="/ipfs/…"   peaks for the seek bar, where the record has them
 *         data-lyrics="/ipfs/…"     words, where the record has them
 *         data-audio="../audio/…"      the bytes, where no node has them
 *         data-sealed>                 it is opened with a key, on the Fan page: nothing for the player
 *       <… data-shows="title">Awakening</…>
 *       <… data-shows="artist">Max McCracken</…>
 *       <button data-play hidden>
 *       <span data-mark></span>        where the verdict goes
 */

import { addresses, pathOf } from "./addresses";
import { all, textOf } from "./dom";

/** One track on the page. */
export interface Track {
  /** CID part of the record's id: how URLs name it. */
  readonly key: string;
  readonly id: string;
  readonly title: string;
  /** The artist's name as shown. */
  readonly artist: string;
  readonly did: string;
  readonly album: string;
  readonly cid: string;
  /** Seconds by the record; NaN when it does not say. */
  readonly duration: number;
  readonly cover: string;
  /** Where the peaks of the seek bar are; empty when the record has none. */
  readonly waveform: string;
  /** Where the words are; empty when the record has none. */
  readonly lyrics: string;
  /** Where the bytes are, if the page has to say it. */
  readonly audio?: string;
}

/** The track an element stands for. */
export function readTrack(element: HTMLElement): Track | undefined {
  const { track, id, cid, did, cover, duration, album, waveform, lyrics, audio } = element.dataset;
  if (!track || !id || !cid || !did) return undefined;
  return {
    key: track,
    id,
    cid,
    did,
    album: album ?? "",
    cover: pathOf(cover ?? ""),
    waveform: pathOf(waveform ?? ""),
    lyrics: pathOf(lyrics ?? ""),
    ...(audio && { audio: pathOf(audio) }),
    duration: duration ? Number(duration) : Number.NaN,
    title: textOf(element.querySelector('[data-shows="title"]')) ?? "",
    artist: textOf(shownArtist(element)) ?? "",
  };
}

const TEXTS = ["key", "id", "title", "artist", "did", "album", "cid", "cover", "waveform", "lyrics"] as const;
/** What a page of ours fetches for a track is on this origin. */
const OWN = /^(\/(?![/\\])|$)/;

/** Whether something that was stored is a track. */
export function isTrack(value: unknown): value is Track {
  if (typeof value !== "object" || value === null) return false;
  const track = value as Record<string, unknown>;
  // A length that is not known is NaN, which JSON writes as null.
  if (track.duration === null) track.duration = Number.NaN;
  const texts = TEXTS.every((name) => typeof track[name] === "string") && typeof track.duration === "number";
  const paths = [track.cover, track.waveform, track.lyrics, track.audio ?? ""];
  return texts && paths.every((path) => typeof path === "string" && OWN.test(path));
}

/** The artist's name beside the title, or above the list that the row is in. */
function shownArtist(element: HTMLElement): Element | null | undefined {
  const shown = '[data-shows="artist"]';
  return element.querySelector(shown) ?? element.closest("[data-release]")?.querySelector(shown);
}

/** What the player can play on the page, in reading order, each once: tracks of lists, then the one the page is about. */
export function readTracks(root: ParentNode): Track[] {
  const tracks = new Map<string, Track>();
  const open = "[data-track]:not([data-sealed])";
  for (const element of [...all(root, `${open}:not([data-cue])`), ...all(root, `${open}[data-cue]`)]) {
    const track = readTrack(element);
    if (track && !tracks.has(track.key)) tracks.set(track.key, track);
  }
  return [...tracks.values()];
}

/** Where a track's page is. */
export const pageOf = (track: Track): string => addresses.page(track.key);

/** Where a track's bytes are. */
export const audioOf = (track: Pick<Track, "key" | "audio">): string => addresses.audio(track);

/** Where a track's record is. */
export const recordOf = (key: string): string => addresses.record(key);

/** HTML of rows as elements; scripts in it would not run. */
export function rowsOf(html: string): HTMLElement[] {
  const parsed = new DOMParser().parseFromString(html, "text/html").querySelectorAll<HTMLElement>("li[data-track]");
  return [...parsed].map((row) => document.adoptNode(row));
}
