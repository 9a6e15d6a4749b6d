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

import type { Track } from "../tracks";
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

interface Entry {
  readonly track: Track;
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
export interface LineListener {
  /** The next track is under the needle. */
  moved(track: Track): void;
  /** It cannot go on; `alone`: the track may play as it is, by itself. */
  failed(alone: boolean, detail: string): void;
}

export class Line {
  private readonly source = new MediaSource();
  private readonly buffer: Buffer;
  private readonly address = URL.createObjectURL(this.source);
  /** From the one under the needle on. */
  private entries: Entry[];
  private next: Track | undefined;
  /** Changes when what is being fetched is not wanted any more. */
  private turn = 0;
  private filling: Entry;
  private wake: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  /** Where the line begins, until the needle is there. */
  private needle: number | undefined;

  constructor(
    private readonly audio: HTMLMediaElement,
    private readonly feed: (track: Track) => Feed,
    private readonly listener: LineListener,
    track: Track,
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

  setNext(track: Track | undefined): void {
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
    const to = this.entries[0]!.begin + seconds;
    if (this.needle !== undefined || this.buffer.ahead(to) === 0) return false;
    this.audio.currentTime = to;
    this.stir();
    return true;
  }

  /** Somebody wants to hear it, the clock moved, or there is another road. */
  stir(): void {
    this.putNeedle();
    this.watch();
    this.wake?.();
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
          else entry.whole = true;
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

  private hasEnough({ begin }: Entry): boolean {
    const wanted = this.audio.paused ? READY : AHEAD;
    return this.buffer.ahead(Math.max(begin, this.needle ?? this.audio.currentTime)) > wanted;
  }

  private async append(isOver: () => boolean, entry: Entry, { bytes, end, first }: Awaited<ReturnType<Feed["next"]>> & object): Promise<void> {
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
  private async goOn(entry: Entry): Promise<void> {
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

  private async rest({ feed }: Entry): Promise<void> {
    const timer = setTimeout(() => feed.rest(), LET_GO_MS);
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    this.wake = undefined;
    clearTimeout(timer);
  }
}
