/**
 * Tracks one behind another on one line of time: a Media Source whose one buffer each track is appended to, from the sample at
 * which its sound begins, up to the one with which it ends.
 *
 *     line     0 ─────────────────────────── end ────────────────────────▶ seconds of the <audio> element
 *     tracks   │ under the needle            │ next                │ …
 *              begin                         begin = the end of the one before
 *
 * The line may begin in the middle of its first track. A place that is not on it is the beginning of another line.
 *
 * What was played is dropped; what is not needed yet is not fetched.
 */

import { Buffer } from "./buffer";
import type { Feed } from "./feed";
import { CannotJoin } from "./remuxers";

/** Seconds that are there ahead of the needle. */
const AHEAD = 30;
/** The same before anybody wants to hear it. */
const READY = 2;
/** Seconds before the end of a track in which the next one is begun. */
const EARLY = 20;
/** A browser that ran dry waits for so many seconds of sound before it goes on, if more is promised. What is behind a next track that is shorter nobody knows yet. */
const SHORT = 2;
/** Milliseconds of rest after which a connection is let go. */
const LET_GO_MS = 5_000;
/** Samples that decoders of MP3 are late, by which Chromium moves what is bare. */
const DECODER_DELAY = 529;
/** Seconds that a clock and the line may differ. */
const NEAR = 0.002;
/** Seconds before the end of a track from which it is taken up when a place behind its sound is asked for, and how many times more with each try. */
const TAIL = 0.05;
const TAIL_GROWS = 4;

/** Something that is played. */
export interface Playable {
  /** Names it among the others. */
  readonly key: string;
  /** Seconds, as far as that was said; else NaN. */
  readonly duration: number;
}

interface Entry<T> {
  readonly track: T;
  readonly feed: Feed;
  /** When its sound begins on the line. */
  readonly begin: number;
  /** When it ends, once that is known. */
  end?: number;
  /** All of it is on the line. */
  whole: boolean;
  /** What comes next has to be put in its place first. */
  placed: boolean;
}

/** What a line tells. */
export interface LineListener<T extends Playable> {
  /** The next track is under the needle. */
  moved(track: T): void;
  /** It cannot go on; `alone`: the track may play as it is, by itself. */
  failed(alone: boolean, detail: string): void;
}

export class Line<T extends Playable> {
  private readonly source = new MediaSource();
  private readonly buffer: Buffer;
  private readonly address = URL.createObjectURL(this.source);
  /** From the one under the needle on. */
  private entries: Entry<T>[];
  private next: T | undefined;
  /** Changes when what is being fetched is not wanted any more. */
  private turn = 0;
  private filling: Entry<T>;
  private wake: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  /** Where the line begins, until the needle is there. */
  private needle: number | undefined;
  /** Seconds that were gone back from a place behind the sound. */
  private back = 0;

  constructor(
    private readonly audio: HTMLMediaElement,
    private readonly feed: (track: T) => Feed,
    private readonly listener: LineListener<T>,
    track: T,
    at: number,
  ) {
    this.buffer = new Buffer(this.source, audio);
    this.filling = { track, feed: feed(track), begin: 0, whole: false, placed: false };
    this.entries = [this.filling];
    audio.src = this.address;
    if (at > 0) this.needle = at;
    const open = new Promise<void>((resolve) => this.source.addEventListener("sourceopen", () => resolve(), { once: true }));
    void this.fill(at, open);
  }

  /** Seconds into the track under the needle. */
  position(): number {
    return Math.max(0, (this.needle ?? this.audio.currentTime) - this.entries[0]!.begin);
  }

  /** Seconds of the track under the needle. */
  duration(): number {
    const [now] = this.entries;
    return now?.end === undefined ? (now?.track.duration ?? Number.NaN) : now.end - now.begin;
  }

  buffered(): number {
    return this.buffer.ahead(this.audio.currentTime);
  }

  setNext(track: T | undefined): void {
    const there = this.entries[1];
    this.next = track;
    if (there && there.track.key !== track?.key) {
      // What is on the line of another track goes.
      this.turn += 1;
      for (const { feed } of this.entries.splice(1)) feed.close();
      this.filling = this.entries[0]!;
      void this.buffer.cut(there.begin);
      void this.fill();
    } else this.stir();
  }

  /** Puts the needle there, if it is on the line; else `false`. */
  seek(seconds: number): boolean {
    const [now] = this.entries;
    const to = this.needle === undefined && now ? this.placeOf(now, now.begin + seconds) : undefined;
    if (to === undefined) return false;
    this.audio.currentTime = to;
    this.stir();
    return true;
  }

  /** Where on the line a moment of a track is, if it is there. */
  private placeOf({ begin, end = Number.POSITIVE_INFINITY }: Entry<T>, moment: number): number | undefined {
    const to = Math.min(moment, end);
    if (this.buffer.ahead(to) > 0) return to;
    if (to < end - NEAR) return undefined;
    // Behind the last sample there is nothing, but it is an end; or else where the next track begins, which may be late.
    const last = this.ended ? this.audio.duration : Math.max(begin, end - TAIL);
    return this.ended || this.buffer.ahead(last) > 0 ? last : undefined;
  }

  /** Somebody wants to hear it, the clock moved, or there is another road. */
  stir(): void {
    this.putNeedle();
    this.watch();
    this.wake?.();
  }

  /** Bytes have to be asked for elsewhere than before. */
  reroute(): void {
    for (const { feed } of this.entries) feed.reroute();
  }

  close(): void {
    this.turn += 1;
    clearTimeout(this.timer);
    for (const { feed } of this.entries) feed.close();
    URL.revokeObjectURL(this.address);
    this.wake?.();
  }

  /** A Media Source begins at 0, and Chromium forgets a place that it was given before it had bytes of it. */
  private putNeedle() {
    if (this.needle === undefined || this.audio.seeking || this.buffer.ahead(this.needle) === 0) return;
    if (this.audio.currentTime >= this.needle) this.needle = undefined;
    else this.audio.currentTime = this.needle;
  }

  /** Sees to it that the needle has moved on to the next track when it has. */
  private watch() {
    const [, next] = this.entries;
    if (!next) return;
    const left = next.begin - this.audio.currentTime;
    if (left <= NEAR && next.placed) {
      this.entries.shift()?.feed.close();
      this.next = undefined;
      this.listener.moved(next.track);
    } else if (left < 1) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.watch(), Math.max(4, (left * 1_000) / (this.audio.playbackRate || 1)));
    }
  }

  /** Fetches and appends for as long as nothing else is wanted. */
  private async fill(from?: number, open?: Promise<void>): Promise<void> {
    this.wake?.();
    const { turn } = this;
    const isOver = () => turn !== this.turn;
    try {
      if (from !== undefined && from > 0) await this.filling.feed.seek(from);
      while (!isOver()) {
        const entry = this.filling;
        // oxlint-disable-next-line no-await-in-loop
        if (entry.whole) await this.goOn(entry);
        // oxlint-disable-next-line no-await-in-loop
        else if (this.hasEnough(entry)) await this.rest(entry);
        else {
          // oxlint-disable-next-line no-await-in-loop
          const piece = await entry.feed.next();
          if (isOver()) return;
          // oxlint-disable-next-line no-await-in-loop
          await open;
          if (isOver()) return;
          // oxlint-disable-next-line no-await-in-loop
          if (piece) await this.append(isOver, entry, piece);
          // oxlint-disable-next-line no-await-in-loop
          else await this.finish(entry);
          // oxlint-disable-next-line no-await-in-loop
          await this.buffer.tidy();
        }
      }
    } catch (error) {
      if (isOver()) return;
      const current = this.filling === this.entries[0];
      if (!current) return this.giveUpNext();
      this.turn += 1;
      this.listener.failed(error instanceof CannotJoin, error instanceof Error ? error.message : String(error));
    }
  }

  /** All of it has come. Where the needle was to go there may be no sound any more: it goes to the last there is. */
  private async finish(entry: Entry<T>): Promise<void> {
    const { feed } = entry;
    const { needle } = this;
    if (needle !== undefined && needle > 0 && entry === this.entries[0]) {
      const end = feed.end === undefined || !feed.stream ? needle : feed.end - feed.stream.start;
      this.needle = Math.max(0, Math.min(needle, end - TAIL));
      if (!entry.placed || this.buffer.ahead(this.needle) === 0) {
        this.back = this.back === 0 ? TAIL : this.back * TAIL_GROWS;
        this.needle = Math.max(0, Math.min(needle, end) - this.back);
        entry.placed = false;
        return feed.seek(this.needle);
      }
      this.putNeedle();
    }
    entry.whole = true;
  }

  private hasEnough({ begin }: Entry<T>): boolean {
    const wanted = this.audio.paused ? READY : AHEAD;
    return this.buffer.ahead(Math.max(begin, this.needle ?? this.audio.currentTime)) > wanted;
  }

  private async append(isOver: () => boolean, entry: Entry<T>, { bytes, end, first }: Awaited<ReturnType<Feed["next"]>> & object): Promise<void> {
    const { stream } = entry.feed;
    if (!stream) return;
    if (end !== undefined) entry.end = entry.begin + end - stream.start;
    if (!entry.placed && bytes.length > 0) {
      if (!MediaSource.isTypeSupported(stream.mime)) throw new CannotJoin(`this browser cannot join ${stream.mime}`);
      const { mime, init, bare, start, scale } = stream;
      const late = bare ? (first ?? 0) + DECODER_DELAY / scale : 0;
      await this.buffer.place({ mime, init, bare, begin: entry.begin, shift: entry.begin - start + late });
      if (isOver()) return;
      entry.placed = true;
      this.ended = false;
    }
    await this.buffer.append(bytes, entry.end);
    if (!isOver()) this.putNeedle();
  }

  /** The track is there: the next one, if it is time for it. */
  private async goOn(entry: Entry<T>): Promise<void> {
    const { next } = this;
    if (!next || entry !== this.entries[0] || entry.end === undefined) {
      const isLast = !next || (entry !== this.entries[0] && this.buffered() < SHORT);
      if (isLast && !this.ended && entry === this.entries.at(-1)) {
        this.ended = true;
        await this.buffer.end();
      }
      return this.rest(entry);
    }
    if (this.audio.paused || entry.end - this.audio.currentTime > EARLY) return this.rest(entry);
    this.filling = { track: next, feed: this.feed(next), begin: entry.end, whole: false, placed: false };
    this.entries.push(this.filling);
  }

  /** The next track cannot be joined to this one: this one ends, and it begins as it is. */
  private giveUpNext(): void {
    for (const { feed, placed, begin } of this.entries.splice(1)) {
      feed.close();
      if (placed) void this.buffer.cut(begin);
    }
    this.filling = this.entries[0]!;
    this.next = undefined;
    void this.fill();
  }

  private async rest({ feed }: Entry<T>): Promise<void> {
    const timer = setTimeout(() => feed.relax(), LET_GO_MS);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
    clearTimeout(timer);
  }
}
