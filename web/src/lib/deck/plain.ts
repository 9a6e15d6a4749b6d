/**
 * The deck that every browser can be: one `<audio>` element that is given one address after the other. Between two tracks the
 * element begins anew, which is heard as a short gap.
 */

import { Ahead } from "../ahead";
import { watchStill } from "../still";
import { roadOf } from "../offline/road";
import { audioOf, type Track } from "../tracks";
import type { Deck, DeckListener, SourceOf } from "./deck";

/** Seconds that have to be there ahead of the needle before anything else is fetched. */
const ENOUGH_AHEAD = 4;
/** Milliseconds that music may stand still on a road of others before the node is tried. */
const PATIENCE_MS = 1500;
/** Milliseconds in which the node has to answer then. */
const ANSWER_MS = 3000;

export class PlainDeck implements Deck {
  private listener: DeckListener | undefined;
  private sourceOf: SourceOf = roadOf;
  private track: Track | undefined;
  private next: Track | undefined;
  /** The track for which the node is being asked. */
  private asking: Track | undefined;
  /** The track that was fetched ahead because it comes next. */
  private readied: string | undefined;
  private readonly ahead = new Ahead();
  /** Where to begin when the element has forgotten where it was. */
  private place = 0;
  /** What follows is not begun by itself: the listener had paused, and then gone to the end. */
  private resting = false;
  /** Whether the element has to load anew before it plays. */
  private broken = false;

  constructor(private readonly audio: HTMLAudioElement) {
    const on = (events: string, run: () => void) => {
      for (const event of events.split(" ")) audio.addEventListener(event, run);
    };
    on("play", () => {
      this.resting = false;
    });
    on("play playing pause", () => this.listener?.playing(!audio.paused && !audio.ended));
    on("waiting", () => this.listener?.waiting(true));
    on("playing canplay pause error", () => this.listener?.waiting(false));
    on("timeupdate seeking seeked", () => {
      this.place = audio.currentTime;
      this.listener?.position(audio.currentTime);
    });
    on("durationchange loadedmetadata", () => this.listener?.duration(lengthOf(audio, this.track)));
    on("volumechange", () => this.listener?.volume(audio.volume, audio.muted));
    on("ended", () => this.turnOver());
    on("error", () => {
      const detail = audio.error?.message;
      if (this.isElsewhere()) void this.straight().then((done) => done || this.fail(detail));
      else this.fail(detail);
    });
    watchStill(audio, PATIENCE_MS, () => void (this.isElsewhere() && this.straight()));
    on("playing progress timeupdate", () => this.readyNext());
    // It has its own connection now.
    on("loadeddata", () => this.ahead.stop());
  }

  listen(listener: DeckListener): void {
    this.listener = listener;
  }

  load(track: Track, at: number): void {
    this.track = track;
    this.next = undefined;
    this.putOn(this.sourceOf(track), at);
  }

  /** Has no track any more: another deck has the element. */
  leave(): void {
    this.track = undefined;
    this.next = undefined;
    this.broken = false;
  }

  setNext(track: Track | undefined): void {
    this.next = track;
  }

  expect(track: Track): void {
    this.ahead.fetch(this.sourceOf(track));
  }

  async play(): Promise<void> {
    if (this.broken) {
      this.broken = false;
      this.audio.load();
      if (this.place > 0) this.audio.currentTime = this.place;
    }
    try {
      await this.audio.play();
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      // A newer play() or pause() took its place: nothing went wrong.
      if (name === "AbortError") return;
      if (name === "NotAllowedError") return this.listener?.blocked();
      // Told by the element too, and another road may be open.
      if (this.audio.error) return;
      this.fail(error instanceof Error ? error.message : undefined);
    }
  }

  pause(): void {
    this.audio.pause();
  }

  seek(seconds: number): void {
    this.place = seconds;
    this.resting = this.audio.paused;
    this.audio.currentTime = seconds;
  }

  setRate(rate: number): void {
    this.audio.preservesPitch = true;
    // The element goes back to the default with every new address.
    this.audio.defaultPlaybackRate = rate;
    this.audio.playbackRate = rate;
  }

  setVolume(level: number): void {
    this.audio.volume = level;
  }

  setMuted(muted: boolean): void {
    this.audio.muted = muted;
  }

  takeFrom(sourceOf: SourceOf, now: boolean): void {
    this.sourceOf = sourceOf;
    this.readied = undefined;
    if (now && this.track) this.changeRoad(sourceOf(this.track));
  }

  isWanted(): boolean {
    return !this.audio.paused;
  }

  buffered(): number {
    return bufferedAhead(this.audio);
  }

  /** The end of a track: the next one, or silence. */
  private turnOver() {
    const { next, resting } = this;
    if (!next) {
      this.listener?.playing(false);
      this.listener?.ended();
      return;
    }
    this.load(next, 0);
    this.listener?.moved(next);
    if (!resting) void this.play();
  }

  private putOn(source: string, at: number) {
    this.broken = false;
    this.place = at;
    // A taken-over element may have begun to load this very file.
    if (this.audio.getAttribute("src") !== source) this.audio.setAttribute("src", source);
    else if (this.audio.currentTime !== at) this.audio.currentTime = at;
    if (at > 0) this.audio.currentTime = at;
  }

  /** Goes on with the same track from another address, where it is. */
  private changeRoad(source: string) {
    if (this.audio.getAttribute("src") === source) return;
    const plays = !this.audio.paused;
    this.listener?.recovered();
    this.putOn(source, this.audio.currentTime || this.place);
    if (plays) void this.play();
  }

  /** Whether the track under the needle comes by another road than straight from the node. */
  private isElsewhere(): boolean {
    return this.track !== undefined && this.audio.getAttribute("src") !== audioOf(this.track);
  }

  /** Takes the track under the needle straight from the node, if the node answers. Whether it comes from there now. */
  private async straight(): Promise<boolean> {
    const now = this.track;
    if (!now || this.asking === now) return false;
    this.asking = now;
    const found = await answers(audioOf(now));
    this.asking = undefined;
    if (found && this.track === now && this.isElsewhere()) this.changeRoad(audioOf(now));
    return found;
  }

  private fail(detail: string | undefined) {
    if (!this.track) return;
    this.broken = true;
    this.listener?.failed(detail);
  }

  private readyNext() {
    const { next, audio } = this;
    if (!next || audio.paused || this.readied === next.key || !hasEnough(audio)) return;
    this.readied = next.key;
    if (next.key !== this.track?.key) this.ahead.fetch(this.sourceOf(next));
  }
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
