/** The one player of the page: state around one `<audio>` element, and what can be done to it. */

import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { announce } from "./dom";
import { neighbour, queueFrom, type Queue } from "./queue";
import { remember, remembered } from "./settings";
import { audioOf, nameOf, type Track } from "./tracks";
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

export function createPlayer(audio: HTMLAudioElement) {
  /** Where the bytes of a track are. */
  let sourceOf: (track: Track) => string = audioOf;
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
  audio.volume = state.volume;

  const track = (): Track | undefined => {
    const now = queue();
    return now?.tracks[now.index];
  };

  const on = (events: string, run: () => void) => {
    for (const event of events.split(" ")) audio.addEventListener(event, run);
  };
  on("play playing pause ended", () => setState({ playing: !audio.paused && !audio.ended }));
  on("waiting", () => setState("waiting", true));
  on("playing canplay pause error", () => setState("waiting", false));
  on("timeupdate seeking seeked", () => setState("position", audio.currentTime));
  on("durationchange loadedmetadata", () => setState("duration", lengthOf(audio, track())));
  on("volumechange", () => {
    setState({ volume: audio.volume, muted: audio.muted });
    remember("volume", audio.volume);
  });
  on("ended", () => move(1));
  on("error", () => fail(audio.error?.message));

  function fail(detail: string | undefined) {
    const now = track();
    if (!now) return;
    const offline = typeof navigator !== "undefined" && navigator.onLine === false;
    const why = offline ? "you are offline" : detail || "the node did not send playable audio";
    setState({ error: `Cannot play ${now.title}: ${why}.`, playing: false });
  }

  /** Puts a track under the needle without playing it. */
  function cue(next: Track, list: readonly Track[]) {
    setQueue(queueFrom(list, next));
    load(next);
  }

  function load(next: Track) {
    setState({ error: undefined, position: 0, duration: next.duration });
    const source = sourceOf(next);
    // A taken-over element may have begun to load this very file.
    if (audio.getAttribute("src") !== source) audio.setAttribute("src", source);
  }

  async function play() {
    const now = track();
    if (!now) return;
    if (isRefused(now.key)) {
      setState("error", `${now.title} is not verified, so it is not played.`);
      return;
    }
    if (state.error !== undefined) {
      setState("error", undefined);
      audio.load();
    }
    try {
      await audio.play();
    } catch (error) {
      // A newer play() or pause() took its place: nothing went wrong.
      if (error instanceof DOMException && error.name === "AbortError") return;
      if (state.error === undefined) fail(error instanceof Error ? error.message : undefined);
    }
  }

  function pause() {
    audio.pause();
  }

  function move(step: 1 | -1) {
    const now = queue();
    if (!now) return;
    const index = neighbour(now, step, isRefused);
    const next = index === undefined ? undefined : now.tracks[index];
    if (index === undefined || !next) return;
    setQueue({ tracks: now.tracks, index });
    load(next);
    announce(`Now playing ${nameOf(next)}`);
    void play();
  }

  function seek(seconds: number) {
    if (!track()) return;
    const end = Number.isFinite(state.duration) ? state.duration : Number.POSITIVE_INFINITY;
    const to = Math.min(Math.max(0, seconds), end);
    audio.currentTime = to;
    setState("position", to);
  }

  /** What plays when this track has ended. */
  function upcoming(): Track | undefined {
    const now = queue();
    const index = now && neighbour(now, 1, isRefused);
    return index === undefined ? undefined : now?.tracks[index];
  }

  /** Takes tracks from elsewhere; with `now` also the one under the needle, at the same place. */
  function takeFrom(elsewhere: (track: Track) => string, now: boolean) {
    sourceOf = elsewhere;
    const current = track();
    if (!current || !now || audio.getAttribute("src") === sourceOf(current)) return;
    const [at, plays] = [audio.currentTime, !audio.paused];
    audio.setAttribute("src", sourceOf(current));
    if (at > 0) audio.currentTime = at;
    if (plays) void play();
  }

  return {
    state,
    track,
    takeFrom,
    upcoming,
    queue,
    cue,
    pause,
    play,
    seek,
    /** Plays a track of a list from its start, or goes on with it if it is the current one. */
    start(next: Track, list: readonly Track[]) {
      if (track()?.key !== next.key) cue(next, list);
      void play();
    },
    toggle() {
      if (audio.paused) void play();
      else pause();
    },
    next: () => move(1),
    previous() {
      const now = queue();
      if (state.position > RESTART_AFTER || !now || neighbour(now, -1, isRefused) === undefined) seek(0);
      else move(-1);
    },
    /** Whether a listener has begun with a track, so that another page must not replace it. */
    isInUse: () => track() !== undefined && (!audio.paused || audio.currentTime > 0),
    hasNext: () => upcoming() !== undefined,
    /** Whether a listener wants to hear the track now. */
    isWanted: () => !audio.paused,
    /** Seconds that the browser has, from the position on. */
    buffered: () => bufferedAhead(audio),
    setVolume(volume: number) {
      audio.muted = false;
      audio.volume = Math.min(1, Math.max(0, volume));
    },
    toggleMute() {
      audio.muted = !audio.muted;
    },
    /** Stops and forgets the track if it is this one. */
    drop(key: string) {
      if (track()?.key !== key) return;
      audio.pause();
      setState("error", `${track()?.title ?? "The track"} is not verified, so it is not played.`);
    },
  };
}

function bufferedAhead({ buffered, currentTime }: HTMLAudioElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime && currentTime < buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}

/** What the element says, else what the record says. */
function lengthOf(audio: HTMLAudioElement, track: Track | undefined): number {
  return Number.isFinite(audio.duration) ? audio.duration : (track?.duration ?? Number.NaN);
}
