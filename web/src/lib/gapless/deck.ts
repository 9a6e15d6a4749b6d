/**
 * The deck without gaps, where the browser has Media Source and the file can be joined to others. A track that cannot plays as
 * the plain deck plays it, on the same element.
 */

import type { Deck, DeckListener, SourceOf } from "../deck/deck";
import { PlainDeck } from "../deck/plain";
import { isPlainRoad, roadOf } from "../offline/road";
import { audioOf, type Track } from "../tracks";
import { Fetched } from "./bytes";
import { Feed } from "./feed";
import { Line } from "./line";
import { Remuxers } from "./remuxers";

/** Seconds that have to be there ahead of the needle before anything else is fetched. */
const ENOUGH_AHEAD = 4;

/** What a browser tells of its line, where it does. */
interface Connected {
  readonly connection?: { readonly saveData?: boolean };
}

export class GaplessDeck implements Deck {
  private listener: DeckListener | undefined;
  private sourceOf: SourceOf = roadOf;
  private readonly plain: PlainDeck;
  private readonly remuxers = new Remuxers();
  /** Without a line the plain deck plays. */
  private line: Line<Track> | undefined;
  private track: Track | undefined;
  private next: Track | undefined;
  /** What follows is not begun by itself: the listener had paused, and then gone to the end. */
  private resting = false;
  /** The line has come to a stop that only a new one gets over. */
  private broken = false;
  /** The beginning of a track that is likely to be asked for. */
  private prepared: { readonly key: string; readonly feed: Feed } | undefined;
  /** The next track, once it was prepared. */
  private readied: string | undefined;
  /** Tracks that can only play alone. */
  private readonly alone = new Set<string>();

  constructor(private readonly audio: HTMLAudioElement) {
    this.plain = new PlainDeck(audio);
    const on = (events: string, run: (line: Line<Track>, listener: DeckListener) => void) => {
      for (const event of events.split(" ")) {
        audio.addEventListener(event, () => this.line && this.listener && run(this.line, this.listener));
      }
    };
    audio.addEventListener("play", () => {
      this.resting = false;
    });
    on("play playing pause", (line, listener) => {
      listener.playing(!audio.paused && !audio.ended);
      line.stir();
    });
    // A place that is given to an element before it knows what it plays is forgotten.
    on("loadedmetadata", (line) => line.stir());
    on("waiting", (_, listener) => listener.waiting(true));
    on("playing canplay pause error", (_, listener) => listener.waiting(false));
    on("timeupdate seeking seeked", (line, listener) => {
      line.stir();
      listener.position(line.position());
      listener.duration(line.duration());
      this.readyNext(line);
    });
    on("volumechange", (_, listener) => listener.volume(audio.volume, audio.muted));
    on("ended", (_, listener) => this.turnOver(listener));
    on("error", () => this.takeAlone(audio.error?.message));
  }

  listen(listener: DeckListener): void {
    this.listener = listener;
    const unlessJoined = <A extends unknown[]>(tell: (...told: A) => void) => (...told: A) => {
      if (!this.line) tell(...told);
    };
    this.plain.listen({
      playing: unlessJoined((playing) => listener.playing(playing)),
      waiting: unlessJoined((waiting) => listener.waiting(waiting)),
      position: unlessJoined((seconds) => listener.position(seconds)),
      duration: unlessJoined((seconds) => listener.duration(seconds)),
      volume: unlessJoined((level, muted) => listener.volume(level, muted)),
      moved: () => {},
      ended: unlessJoined(() => this.turnOver(listener)),
      failed: unlessJoined((detail) => listener.failed(detail)),
      recovered: unlessJoined(() => listener.recovered()),
      blocked: () => listener.blocked(),
    });
  }

  load(track: Track, at: number): void {
    this.track = track;
    this.next = undefined;
    this.line?.close();
    this.line = undefined;
    this.broken = false;
    if (!this.canBeJoined(track)) {
      this.plain.load(track, at);
      return;
    }
    this.plain.leave();
    this.readied = undefined;
    this.line = new Line(
      this.audio,
      (of) => this.feedOf(of),
      {
        moved: (moved) => this.moved(moved),
        failed: (alone, detail) => (alone ? this.takeAlone(detail) : this.fail(detail)),
      },
      track,
      at,
    );
  }

  setNext(track: Track | undefined): void {
    this.next = track;
    this.line?.setNext(track && this.canBeJoined(track) ? track : undefined);
  }

  expect(track: Track): void {
    if (this.canBeJoined(track)) this.prepare(track);
    else this.plain.expect(track);
  }

  play(): Promise<void> {
    const { track, next, line, broken } = this;
    if (broken && track) {
      this.load(track, line?.position() ?? 0);
      this.setNext(next);
    } else if (line && track && this.audio.ended) {
      // An element would go back to where the line begins, which another track may have done.
      if (next) return this.playNext(next);
      this.load(track, 0);
    }
    return this.plain.play();
  }

  pause(): void {
    this.audio.pause();
  }

  seek(seconds: number): void {
    const { line, track, next } = this;
    this.resting = this.audio.paused;
    if (!line || !track) this.plain.seek(seconds);
    else if (!line.seek(seconds)) this.goOn(track, next, seconds);
  }

  setRate(rate: number): void {
    this.plain.setRate(rate);
  }

  setVolume(level: number): void {
    this.audio.volume = level;
  }

  setMuted(muted: boolean): void {
    this.audio.muted = muted;
  }

  takeFrom(sourceOf: SourceOf, now: boolean): void {
    this.sourceOf = sourceOf;
    const { track, next, line } = this;
    this.plain.takeFrom(sourceOf, now && !line);
    if (!now || !line || !track) return;
    if (this.broken) {
      this.goOn(track, next);
      this.listener?.recovered();
    } else line.reroute();
  }

  isWanted(): boolean {
    return !this.audio.paused;
  }

  buffered(): number {
    return this.line ? this.line.buffered() : this.plain.buffered();
  }

  private moved(track: Track) {
    this.track = track;
    this.next = undefined;
    this.readied = undefined;
    this.listener?.moved(track);
    this.listener?.position(this.line?.position() ?? 0);
  }

  /** The next track may be asked for before it is its turn. */
  private readyNext(line: Line<Track>) {
    const { next } = this;
    if (!next || this.audio.paused || this.readied === next.key || line.buffered() < ENOUGH_AHEAD || !this.canBeJoined(next)) return;
    this.readied = next.key;
    this.prepare(next);
  }

  private prepare(track: Track) {
    const { key } = track;
    if (this.prepared?.key === key || (navigator as Connected).connection?.saveData) return;
    this.prepared?.feed.close();
    const prepared = { key, feed: this.newFeed(track) };
    this.prepared = prepared;
    void prepared.feed.prepare().then((there) => {
      if (there || this.prepared !== prepared) return;
      this.prepared = undefined;
      prepared.feed.close();
    });
  }

  private feedOf(track: Track): Feed {
    const { prepared } = this;
    if (prepared?.key !== track.key) return this.newFeed(track);
    this.prepared = undefined;
    return prepared.feed;
  }

  private newFeed(track: Track): Feed {
    const addresses = () => [...new Set([this.sourceOf(track), audioOf(track)])];
    const spare = () => this.buffered() * 1_000;
    // Others are told by it where somebody reads.
    const mayRest = (road: number) => road === 0 && !isPlainRoad(track, this.sourceOf(track));
    return new Feed(this.remuxers, new Fetched(addresses, { spare, mayRest }));
  }

  /** The end of the line: the next track on one of its own, or silence. */
  private turnOver(listener: DeckListener) {
    const { next } = this;
    if (!next) {
      listener.playing(false);
      listener.ended();
      return;
    }
    if (this.resting) this.turnTo(next);
    else void this.playNext(next);
  }

  private turnTo(next: Track) {
    this.load(next, 0);
    this.listener?.moved(next);
  }

  private playNext(next: Track): Promise<void> {
    this.turnTo(next);
    return this.play();
  }

  private canBeJoined(track: Track): boolean {
    return !this.alone.has(track.key);
  }

  private fail(detail: string | undefined) {
    this.broken = true;
    this.listener?.failed(detail);
  }

  /** Goes on with the track where it is, or elsewhere in it, but not on this line. */
  private goOn(track: Track, next: Track | undefined, at = this.line?.position() ?? 0) {
    const plays = !this.audio.paused;
    this.load(track, at);
    this.setNext(next);
    if (plays) void this.play();
  }

  /** Goes on with the track as it is, where it is. */
  private takeAlone(detail: string | undefined) {
    const { track, line, next } = this;
    if (!track || !line) return;
    if (this.alone.has(track.key)) {
      this.fail(detail);
      return;
    }
    this.alone.add(track.key);
    this.goOn(track, next);
  }
}
