/** What a listener keeps: likes, playlists, and what they played lately. In this browser, and nowhere else. */

import { createSignal } from "solid-js";
import { isTrack, type Track } from "../tracks";
import { change, onChange, read } from "./shelf";

export interface Playlist {
  readonly id: string;
  readonly name: string;
  readonly tracks: readonly Track[];
}

/** A track that was played. */
export interface Recent {
  readonly track: Track;
  /** Seconds into it when it was left; 0 when it was heard to its end. */
  readonly position: number;
}

const MOST_LIKES = 5000;
const MOST_PLAYLISTS = 200;
const MOST_TRACKS = 2000;
const MOST_RECENT = 50;
const MOST_NAME = 100;

const [likes, setLikes] = createSignal<readonly Track[]>([]);
const [playlists, setPlaylists] = createSignal<readonly Playlist[]>([]);
const [recent, setRecent] = createSignal<readonly Recent[]>([]);
const [isOff, setOff] = createSignal(false);

export { isOff, likes, playlists, recent };

/** Whether a track is liked (reactive). */
export const isLiked = (key: string): boolean => likes().some((track) => track.key === key);

const readers = {
  likes: (value: unknown) => list(value).filter(isTrack),
  playlists: (value: unknown) => list(value).flatMap(playlistOf),
  recent: (value: unknown) => list(value).flatMap(recentOf),
};
type Own = keyof typeof readers;
const writers = { likes: setLikes, playlists: setPlaylists, recent: setRecent } as {
  readonly [N in Own]: (value: ReturnType<(typeof readers)[N]>) => void;
};

/** Reads everything, and again what other tabs change. */
export async function openLibrary(): Promise<void> {
  onChange((name) => void (Object.hasOwn(readers, name) && load(name as Own)));
  await Promise.all((["likes", "playlists", "recent"] as const).map(load));
}

async function load<N extends Own>(name: N): Promise<void> {
  try {
    writers[name](readers[name](await read(name)) as ReturnType<(typeof readers)[N]>);
  } catch {
    setOff(true);
  }
}

async function alter<N extends Own>(
  name: N,
  edit: (before: ReturnType<(typeof readers)[N]>) => ReturnType<(typeof readers)[N]>,
): Promise<void> {
  try {
    writers[name](await change(name, (before) => edit(readers[name](before) as ReturnType<(typeof readers)[N]>)));
  } catch {
    setOff(true);
  }
}

/** Likes a track, or no longer. Whether it is liked now. */
export async function toggleLike(track: Track): Promise<boolean> {
  const wanted = !isLiked(track.key);
  await alter("likes", (before) => {
    const others = before.filter(({ key }) => key !== track.key);
    return wanted ? [{ ...track }, ...others].slice(0, MOST_LIKES) : others;
  });
  return isLiked(track.key);
}

/** Makes a playlist; gives its id. */
export async function createPlaylist(name: string, tracks: readonly Track[] = []): Promise<string> {
  const id = crypto.randomUUID?.() ?? String(Date.now() + Math.random());
  const fresh = { id, name: named(name), tracks: tracks.slice(0, MOST_TRACKS).map((track) => ({ ...track })) };
  await alter("playlists", (before) => [...before, fresh].slice(0, MOST_PLAYLISTS));
  return id;
}

const edit = (id: string, improve: (playlist: Playlist) => Playlist): Promise<void> =>
  alter("playlists", (before) => before.map((playlist) => (playlist.id === id ? improve(playlist) : playlist)));

export const renamePlaylist = (id: string, name: string): Promise<void> =>
  edit(id, (playlist) => ({ ...playlist, name: named(name) || playlist.name }));

export const deletePlaylist = (id: string): Promise<void> =>
  alter("playlists", (before) => before.filter((playlist) => playlist.id !== id));

export const addToPlaylist = (id: string, track: Track): Promise<void> =>
  edit(id, (playlist) => ({ ...playlist, tracks: [...playlist.tracks, { ...track }].slice(0, MOST_TRACKS) }));

export const takeOut = (id: string, at: number): Promise<void> =>
  edit(id, (playlist) => ({ ...playlist, tracks: playlist.tracks.filter((_, place) => place !== at) }));

export const moveInPlaylist = (id: string, from: number, to: number): Promise<void> =>
  edit(id, (playlist) => {
    const tracks = [...playlist.tracks];
    const [track] = tracks.splice(from, 1);
    if (track && to >= 0 && to <= tracks.length) tracks.splice(to, 0, track);
    return { ...playlist, tracks };
  });

/** Remembers that a track was played up to a second. */
export const rememberPlayed = (track: Track, position: number): Promise<void> =>
  alter("recent", (before) =>
    [{ track: { ...track }, position }, ...before.filter((other) => other.track.key !== track.key)].slice(0, MOST_RECENT),
  );

export const forgetPlayed = (): Promise<void> => alter("recent", () => []);

const named = (name: string) => name.trim().slice(0, MOST_NAME);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function playlistOf(value: unknown): Playlist[] {
  const { id, name, tracks } = (value ?? {}) as Record<string, unknown>;
  return typeof id === "string" && typeof name === "string" ? [{ id, name, tracks: list(tracks).filter(isTrack) }] : [];
}

function recentOf(value: unknown): Recent[] {
  const { track, position } = (value ?? {}) as Record<string, unknown>;
  return isTrack(track) && typeof position === "number" ? [{ track, position }] : [];
}
