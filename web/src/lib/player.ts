/** The one player of the page: state around one `<audio>` element, and what can be done to it. */

import { createSignal } from "solid-js";
import { createStore } from "solid-js/store";
import { Ahead } from "./ahead";
import { announce } from "./dom";
import { neighbour, queueFrom, type Queue } from "./queue";
import { remember, remembered } from "./settings";
import { watchStill } from "./still";
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
/** Seconds that have to be there ahead of the needle before anything else is fetched. */
const ENOUGH_AHEAD = 4;
/** Milliseconds that music may stand still on a road of others before the node is tried. */
const PATIENCE_MS = 1500;
/** Milliseconds in which the node has to answer then. */
const ANSWER_MS = 3000;

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
  on("error", () => {
    const detail = audio.error?.message;
    if (isElsewhere()) void straight().then((done) => done || fail(detail));
    else fail(detail);
  });
  watchStill(audio, PATIENCE_MS, () => void (isElsewhere() && straight()));

  const ahead = new Ahead();
  /** The track that was fetched ahead because it comes next. */
  let readied: string | undefined;
  on("playing progress timeupdate", () => {
    const next = upcoming();
    if (!next || audio.paused || readied === next.key || !hasEnough(audio)) return;
    readied = next.key;
    ahead.fetch(sourceOf(next));
  });
  // It has its own connection now.
  on("loadeddata", () => ahead.stop());

  /** Whether the track under the needle comes by another road than straight from the node. */
  function isElsewhere(): boolean {
    const now = track();
    return now !== undefined && audio.getAttribute("src") !== audioOf(now);
  }

  /** The track for which the node is being asked. */
  let asking: Track | undefined;

  /** Takes the track under the needle straight from the node, if the node answers. Whether it comes from there now. */
  async function straight(): Promise<boolean> {
    const now = track();
    if (!now || asking === now) return false;
    asking = now;
    const found = await answers(audioOf(now));
    asking = undefined;
    if (found && track() === now && isElsewhere()) putOn(audioOf(now));
    return found;
  }

  /** Goes on with the same track from another address, where it is. */
  function putOn(source: string) {
    const [at, plays] = [audio.currentTime || state.position, !audio.paused];
    setState("error", undefined);
    audio.setAttribute("src", source);
    if (at > 0) audio.currentTime = at;
    if (plays) void play();
  }

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
      // Told by the element too, and another road may be open.
      if (audio.error && isElsewhere()) return;
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
    readied = undefined;
    const current = track();
    if (current && now && audio.getAttribute("src") !== sourceOf(current)) putOn(sourceOf(current));
  }

  return {
    state,
    track,
    takeFrom,
    upcoming,
    /** A track that somebody is about to choose: its beginning is fetched. */
    expect(next: Track) {
      if (track()?.key !== next.key && !isRefused(next.key)) ahead.fetch(sourceOf(next));
    },
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

/** Whether there is enough ahead of the needle, or all. */
function hasEnough(audio: HTMLAudioElement): boolean {
  const there = bufferedAhead(audio);
  return there > ENOUGH_AHEAD || (there > 0 && audio.currentTime + there >= audio.duration - 1);
}

/** Whether something can be read at an address now. */
async function answers(address: string): Promise<boolean> {
  try {
    const headers = { Range: "bytes=0-0" };
    const { ok } = await fetch(address, { headers, cache: "no-store", signal: AbortSignal.timeout(ANSWER_MS) });
    return ok;
  } catch {
    return false;
  }
}

/** What the element says, else what the record says. */
function lengthOf(audio: HTMLAudioElement, track: Track | undefined): number {
  return Number.isFinite(audio.duration) ? audio.duration : (track?.duration ?? Number.NaN);
}
