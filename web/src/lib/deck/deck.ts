/**
 * What turns tracks into sound. The player decides what is played and in which order; a deck plays one track and, when it has
 * ended, goes on by itself with the one that was set as next, without being asked again: only so can there be no gap.
 */

import type { Track } from "../tracks";

/** Where the bytes of a track are. */
export type SourceOf = (track: Track) => string;

/** What a deck tells. All seconds are those of the track under the needle. */
export interface DeckListener {
  /** Whether it plays, or would if there were bytes. */
  playing(playing: boolean): void;
  /** Whether it waits for bytes. */
  waiting(waiting: boolean): void;
  position(seconds: number): void;
  /** NaN while unknown. */
  duration(seconds: number): void;
  /** Level from 0 to 1, as it is now, whoever set it. */
  volume(level: number, muted: boolean): void;
  /** The track that was set as next is under the needle now, from its first second; nothing is set as next any more. */
  moved(track: Track): void;
  /** The track has ended and nothing was set as next. */
  ended(): void;
  /** The track cannot be played; `detail` as the browser says it, where it says something. */
  failed(detail: string | undefined): void;
  /** It can be played after all: another road was found. */
  recovered(): void;
  /** The browser wants a press before it lets anything sound. */
  blocked(): void;
}

export interface Deck {
  /** Says what happens from now on to one listener. */
  listen(listener: DeckListener): void;
  /** Puts a track under the needle, `at` seconds from its beginning, without playing it. Nothing is set as next then. */
  load(track: Track, at: number): void;
  /** What to go on with when the track under the needle ends: it may be the same track again, or nothing. */
  setNext(track: Track | undefined): void;
  /** A track that somebody is about to choose: what it begins with may be fetched. */
  expect(track: Track): void;
  /** Never rejects: what goes wrong is told to the listener. */
  play(): Promise<void>;
  pause(): void;
  seek(seconds: number): void;
  /** 1 is as recorded; the pitch stays. Holds for every track until it is set again. */
  setRate(rate: number): void;
  setVolume(level: number): void;
  setMuted(muted: boolean): void;
  /** Takes tracks from elsewhere from now on; with `now` also the one under the needle, at the same place. */
  takeFrom(sourceOf: SourceOf, now: boolean): void;
  /** Whether a listener wants to hear the track now, though bytes may be missing. */
  isWanted(): boolean;
  /** Seconds that are there, from the position on. */
  buffered(): number;
}
