/** The one player of the page: what is played and in which order, on a deck that plays it. */

import { createEffect, createRoot, createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import type { Deck, SourceOf } from "./deck/deck";
import { announce } from "./dom";
import { neighbour, queueFrom, type Queue } from "./queue";
import { remember, remembered } from "./settings";
import { nameOf, type Track } from "./tracks";
import { isRefused } from "./trust";

/** What the bar and the buttons show. */
export interface PlayerState {
  playing: boolean;
  /** Waiting for bytes. */
  waiting: boolean;
  /** Seconds. */
  position: number;
  /** Seconds; NaN while unknown. */
  duration: number;
  /** 0 to 1. */
  volume: number;
  muted: boolean;
  /** Why the track does not play, for a person. */
  error: string | undefined;
}

/** Seconds into a track after which "previous" starts it again. */
const RESTART_AFTER = 3;

export type Player = ReturnType<typeof createPlayer>;

export function createPlayer(deck: Deck) {
  const [queue, setQueue] = createSignal<Queue>();
  const [state, setState] = createStore<PlayerState>({
    playing: false,
    waiting: false,
    position: 0,
    duration: Number.NaN,
    volume: remembered("volume", 1),
    muted: false,
    error: undefined,
  });

  const track = (): Track | undefined => {
    const now = queue();
    return now?.tracks[now.index];
  };

  deck.listen({
    playing: (playing) => setState("playing", playing),
    waiting: (waiting) => setState("waiting", waiting),
    position: (position) => setState("position", position),
    duration: (duration) => setState("duration", duration),
    volume(volume, muted) {
      setState({ volume, muted });
      remember("volume", volume);
    },
    moved() {
      const now = queue();
      const index = now && neighbour(now, 1, isRefused);
      if (now && index !== undefined) turnTo({ tracks: now.tracks, index });
    },
    ended: () => {},
    failed: (detail) => fail(detail),
    recovered: () => setState("error", undefined),
    blocked: () => setState("playing", false),
  });
  deck.setVolume(state.volume);
  createRoot(() =>
    createEffect(() => {
      deck.setNext(upcoming());
    }),
  );

  function fail(detail: string | undefined) {
    const now = track();
    if (!now) return;
    const offline = typeof navigator !== "undefined" && navigator.onLine === false;
    const why = offline ? "you are offline" : detail || "the node did not send playable audio";
    setState({ error: `Cannot play ${now.title}: ${why}.`, playing: false });
  }

  /** Shows the queue's place as what is under the needle. */
  function turnTo(next: Queue) {
    const now = next.tracks[next.index];
    if (!now) return;
    setState({ error: undefined, position: 0, duration: now.duration });
    setQueue(next);
    announce(`Now playing ${nameOf(now)}`);
  }

  /** Puts a track under the needle without playing it. */
  function cue(next: Track, list: readonly Track[]) {
    setState({ error: undefined, position: 0, duration: next.duration });
    deck.load(next, 0);
    setQueue(queueFrom(list, next));
  }

  async function play() {
    const now = track();
    if (!now) return;
    if (isRefused(now.key)) {
      setState("error", `${now.title} is not verified, so it is not played.`);
      return;
    }
    setState("error", undefined);
    await deck.play();
  }

  function move(step: 1 | -1) {
    const now = queue();
    if (!now) return;
    const index = neighbour(now, step, isRefused);
    const next = index === undefined ? undefined : now.tracks[index];
    if (index === undefined || !next) return;
    deck.load(next, 0);
    turnTo({ tracks: now.tracks, index });
    void play();
  }

  function seek(seconds: number) {
    if (!track()) return;
    const end = Number.isFinite(state.duration) ? state.duration : Number.POSITIVE_INFINITY;
    const to = Math.min(Math.max(0, seconds), end);
    deck.seek(to);
    setState("position", to);
  }

  /** What plays when this track has ended. */
  function upcoming(): Track | undefined {
    const now = queue();
    const index = now && neighbour(now, 1, isRefused);
    return index === undefined ? undefined : now?.tracks[index];
  }

  return {
    state,
    track,
    /** Takes tracks from elsewhere; with `now` also the one under the needle, at the same place. */
    takeFrom: (elsewhere: SourceOf, now: boolean) => deck.takeFrom(elsewhere, now),
    upcoming,
    /** A track that somebody is about to choose: its beginning is fetched. */
    expect(next: Track) {
      if (track()?.key !== next.key && !isRefused(next.key)) deck.expect(next);
    },
    queue,
    cue,
    pause: () => deck.pause(),
    play,
    seek,
    /** Plays a track of a list from its start, or goes on with it if it is the current one. */
    start(next: Track, list: readonly Track[]) {
      if (track()?.key !== next.key) cue(next, list);
      void play();
    },
    toggle() {
      if (deck.isWanted()) deck.pause();
      else void play();
    },
    next: () => move(1),
    previous() {
      const now = queue();
      if (state.position > RESTART_AFTER || !now || neighbour(now, -1, isRefused) === undefined) seek(0);
      else move(-1);
    },
    /** Whether a listener has begun with a track, so that another page must not replace it. */
    isInUse: () => track() !== undefined && (deck.isWanted() || state.position > 0),
    hasNext: () => upcoming() !== undefined,
    /** Whether a listener wants to hear the track now. */
    isWanted: () => deck.isWanted(),
    /** Seconds that the browser has, from the position on. */
    buffered: () => deck.buffered(),
    setVolume(volume: number) {
      deck.setMuted(false);
      deck.setVolume(Math.min(1, Math.max(0, volume)));
    },
    toggleMute() {
      deck.setMuted(!state.muted);
    },
    /** Stops and forgets the track if it is this one. */
    drop(key: string) {
      if (track()?.key !== key) return;
      deck.pause();
      setState("error", `${track()?.title ?? "The track"} is not verified, so it is not played.`);
    },
  };
}
