/** The one player of the page: what is played and in which order, on a deck that plays it. */

import { createEffect, createRoot, createSignal, untrack } from "solid-js";
import { createStore } from "solid-js/store";
import type { Deck, SourceOf } from "./deck/deck";
import { announce } from "./dom";
import { t } from "./messages";
import { roadOf } from "./offline/road";
import * as queues from "./queue";
import type { Queue, Repeat } from "./queue";
import { remember, remembered } from "./settings";
import type { Session } from "./session";
import { clock } from "./time";
import type { Track } from "./tracks";
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
  /** 1 is as recorded. */
  rate: number;
  repeat: Repeat;
  /** Why the track does not play, for a person. */
  error: string | undefined;
  /** What else a person should know now. */
  notice: string | undefined;
}

/** Seconds into a track after which "previous" starts it again. */
const RESTART_AFTER = 3;
/** Speeds there are. */
export const RATES = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2] as const;

const AFTER: Record<Repeat, Repeat> = { off: "all", all: "one", one: "off" };

export type Player = ReturnType<typeof createPlayer>;

/** The name of a track in the listener's language. */
export const named = (track: Track): string => t().by(track.title, track.artist);

export function createPlayer(deck: Deck) {
  const [queue, setQueue] = createSignal<Queue>();
  const [state, setState] = createStore<PlayerState>({
    playing: false,
    waiting: false,
    position: 0,
    duration: Number.NaN,
    volume: remembered("volume", 1),
    muted: false,
    rate: 1,
    repeat: "off",
    error: undefined,
    notice: undefined,
  });
  /** Whether the listener has begun to listen: only then is there something to come back to. */
  const [begun, setBegun] = createSignal(false);

  let sourceOf: SourceOf = roadOf;

  const track = (): Track | undefined => {
    const now = queue();
    return now?.tracks[now.index];
  };

  deck.listen({
    playing: (playing) => setState(playing ? { playing, notice: undefined } : { playing }),
    waiting: (waiting) => setState("waiting", waiting),
    position: (position) => setState("position", position),
    duration: (duration) => setState("duration", duration),
    volume(volume, muted) {
      setState({ volume, muted });
      remember("volume", volume);
    },
    moved(to) {
      const now = queue();
      const expected = following();
      // The queue may have changed in the last moment.
      const index = now && expected !== undefined && now.tracks[expected] === to ? expected : now?.tracks.indexOf(to);
      if (now && index !== undefined && index >= 0) turnTo({ ...now, index });
    },
    ended: () => {},
    failed: (detail) => fail(detail),
    recovered: () => setState("error", undefined),
    blocked: () => setState({ playing: false, notice: t().said.pressPlay(clock(state.position)) }),
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
    const why = offline ? t().said.offline : detail || t().said.noAudio;
    setState({ error: t().said.cannotPlay(now.title, why), playing: false });
  }

  /** Shows the queue's place as what is under the needle. */
  function turnTo(next: Queue) {
    const now = next.tracks[next.index];
    if (!now) return;
    setState({ error: undefined, notice: undefined, position: 0, duration: now.duration });
    setQueue(next);
    announce(t().said.now(named(now)));
  }

  /** Puts a place of a queue under the needle without playing it. */
  function put(next: Queue, at = 0) {
    const now = next.tracks[next.index];
    if (!now) return;
    setState({ error: undefined, notice: undefined, position: at, duration: now.duration });
    deck.load(now, at);
    setQueue(next);
  }

  async function play() {
    const now = track();
    if (!now) return;
    if (isRefused(now.key)) {
      setState("error", t().said.refused(now.title));
      return;
    }
    setState({ error: undefined, notice: undefined });
    setBegun(true);
    await deck.play();
  }

  /** The place `step` away, by what is repeated. */
  function place(step: 1 | -1): number | undefined {
    const now = queue();
    if (!now) return undefined;
    return state.repeat === "off" ? queues.neighbour(now, step, isRefused) : queues.neighbourAround(now, step, isRefused);
  }

  /** The place that follows when the track has ended. */
  function following(): number | undefined {
    return state.repeat === "one" ? queue()?.index : place(1);
  }

  function jump(index: number | undefined) {
    const now = queue();
    if (!now || index === undefined || !now.tracks[index]) return;
    put({ ...now, index });
    announce(t().said.now(named(now.tracks[index])));
    void play();
  }

  function seek(seconds: number) {
    if (!track()) return;
    const to = Math.max(0, Number.isFinite(state.duration) ? Math.min(seconds, state.duration) : seconds);
    deck.seek(to);
    setState("position", to);
  }

  /** What plays when this track has ended. */
  function upcoming(): Track | undefined {
    const index = following();
    return index === undefined ? undefined : queue()?.tracks[index];
  }

  /** The same track under the needle, the list around it changed. */
  function reorder(change: (now: Queue) => Queue) {
    const now = queue();
    if (now) setQueue(change(now));
  }

  return {
    state,
    track,
    /** Takes tracks from elsewhere; with `now` also the one under the needle, at the same place. */
    takeFrom(elsewhere: SourceOf, now: boolean) {
      sourceOf = elsewhere;
      deck.takeFrom(elsewhere, now);
    },
    /** Where tracks come from has to be asked anew: something else is known of them. */
    askAgain: () => deck.takeFrom(sourceOf, true),
    upcoming,
    /** A track that somebody is about to choose: its beginning is fetched. */
    expect(next: Track) {
      if (track()?.key !== next.key && !isRefused(next.key)) deck.expect(next);
    },
    queue,
    /** Whether there is something to come back to after a restart (reactive). */
    begun,
    /** Puts a track under the needle without playing it, `at` seconds from its beginning. */
    cue: (next: Track, list: readonly Track[], at = 0) => put(queues.queueFrom(list, next), at),
    /** Goes back to what was played before the browser was closed, without playing. */
    restore(session: Session) {
      setState("repeat", session.repeat);
      put(session.queue, session.position);
      setBegun(true);
    },
    pause: () => deck.pause(),
    /** Pauses for a reason that the listener is told. */
    giveWay(notice: string) {
      if (!deck.isWanted()) return;
      deck.pause();
      setState("notice", notice);
    },
    play,
    seek,
    jump,
    /** Plays a track of a list, or goes on with it if it is the current one. */
    start(next: Track, list: readonly Track[], at = 0) {
      if (track()?.key !== next.key || at > 0) put(queues.queueFrom(list, next), at);
      void play();
    },
    toggle() {
      if (deck.isWanted()) deck.pause();
      else void play();
    },
    next: () => jump(place(1)),
    previous() {
      const before = place(-1);
      if (state.position > RESTART_AFTER || before === undefined) seek(0);
      else jump(before);
    },
    /** Whether a listener has begun with a track, so that another page must not replace it. */
    isInUse: () => track() !== undefined && (deck.isWanted() || untrack(begun)),
    hasNext: () => place(1) !== undefined,
    /** Whether a listener wants to hear the track now. */
    isWanted: () => deck.isWanted(),
    /** Seconds that the browser has, from the position on. */
    buffered: () => deck.buffered(),

    /** Adds tracks behind the current one or at the end; to nothing, they become the queue. */
    add(tracks: readonly Track[], where: "next" | "last") {
      const first = tracks[0];
      if (queue()) reorder((now) => queues.withAdded(now, tracks, where));
      else if (first) put(queues.queueFrom(tracks, first));
      setBegun(true);
    },
    remove: (at: number) => reorder((now) => queues.without(now, at)),
    moveEntry: (from: number, to: number) => reorder((now) => queues.moved(now, from, to)),
    clear: () => reorder(queues.cleared),
    isShuffled: () => queue()?.before !== undefined,
    toggleShuffle() {
      reorder((now) => (now.before ? queues.unshuffled(now) : queues.shuffled(now)));
      announce(t().said.shuffle(queue()?.before !== undefined));
    },
    cycleRepeat() {
      setState("repeat", AFTER[state.repeat]);
      announce(t().bar.repeat(state.repeat));
    },
    setRate(rate: number) {
      deck.setRate(rate);
      setState("rate", rate);
      announce(t().said.speed(rateText(rate)));
    },
    /** The next speed up or down. */
    stepRate(step: 1 | -1) {
      const at = RATES.findIndex((rate) => rate >= state.rate);
      const rate = RATES[at + step];
      if (rate !== undefined) this.setRate(rate);
    },
    setVolume(volume: number) {
      deck.setMuted(false);
      deck.setVolume(Math.min(1, Math.max(0, volume)));
    },
    toggleMute() {
      deck.setMuted(!state.muted);
    },
    /** Stops and forgets the track if it is this one. */
    drop(key: string) {
      const now = track();
      if (now?.key !== key) return;
      deck.pause();
      setState("error", t().said.refused(now.title));
    },
  };
}

/** `1.25×`, in the listener's way of writing numbers. */
export const rateText = (rate: number): string => `${new Intl.NumberFormat(t().code).format(rate)}×`;
