/**
 * Plays an adaptive release through Media Source. Before each chunk the quality is chosen anew; on a change the other file is
 * taken up at the part that starts at or before the end of what is buffered, so pictures overlap and never gap.
 */

import { createSignal } from "solid-js";
import type { Head } from "../../../lib/media/container";
import { headOf, locate, Seen, type Readable } from "../../../lib/media/locate";
import { Sink } from "../../../lib/media/source-buffer";
import { f } from "../../../lib/messages/fan";
import { troubleOf } from "../problems";
import type { Variants } from "./variants";

/** Seconds that are fetched ahead. */
const AHEAD = 20;
/** Seconds until a quality is seen that the listener chose. */
const SOON = 1;
/** Milliseconds between looks at whether more is wanted. */
const LOOK = 200;
/** Milliseconds before a failed fetch is tried again: 1, 2, 4 times this. */
const RETRY = 1000;
const RETRIES = 3;

/** One quality, ready to be read. */
interface Track extends Readable {
  readonly index: number;
  readonly head: Head;
  readonly init: Uint8Array;
  readonly type: string;
  readonly seen: Seen;
}

/** Why a release cannot be switched; a sentence. */
class NotInParts extends Error {}

/** Chosen by the bandwidth. */
export const AUTOMATIC = -1;

export class AdaptivePlayer {
  private readonly stopped = new AbortController();
  private readonly tracks: (Promise<Track> | undefined)[] = [];
  private readonly source = new MediaSource();
  private readonly address: string;
  private sink!: Sink;
  /** What is being appended, and from where. */
  private track!: Track;
  private offset = 0;
  /** Ended by a jump, so that what is no longer wanted is not waited for. */
  private step = new AbortController();
  private jumped = false;
  /** From which second on which quality was appended. */
  private switches: { from: number; index: number }[] = [];

  private readonly chosen = createSignal(AUTOMATIC);
  private readonly shown = createSignal<number>();
  private readonly wrong = createSignal<string>();
  /** The quality that the listener chose, or AUTOMATIC. */
  readonly choice = this.chosen[0];
  readonly choose = (index: number): void => void this.chosen[1](index);
  /** The quality that is seen now. */
  readonly playing = this.shown[0];
  /** Why nothing more comes, for people. */
  readonly trouble = this.wrong[0];

  /** `giveUp` is told why the release has to be played in one quality. */
  constructor(
    readonly variants: Variants,
    private readonly media: HTMLMediaElement,
    giveUp: (why: string) => void,
  ) {
    this.address = URL.createObjectURL(this.source);
    media.src = this.address;
    media.addEventListener("seeking", this.onSeeking);
    media.addEventListener("timeupdate", this.onTime);
    void this.run().catch((error: unknown) => {
      if (this.stopped.signal.aborted) return;
      if (error instanceof NotInParts) {
        this.close();
        giveUp(error.message);
      } else this.wrong[1](troubleOf(error, { opensWith: "licence" }).sentence);
    });
  }

  static isPossible(variants: Variants): boolean {
    return "MediaSource" in globalThis && variants.abr.variants.length > 1;
  }

  close(): void {
    this.stopped.abort();
    this.step.abort();
    this.media.removeEventListener("seeking", this.onSeeking);
    this.media.removeEventListener("timeupdate", this.onTime);
    URL.revokeObjectURL(this.address);
  }

  private get duration(): number {
    return this.variants.abr.duration || this.track.head.duration || 0;
  }

  private readonly onSeeking = () => {
    if (this.sink?.bufferedEnd(this.media.currentTime) !== undefined) return;
    this.jumped = true;
    this.step.abort();
  };

  private readonly onTime = () => {
    const now = this.switches.findLast(({ from }) => from <= this.media.currentTime);
    this.shown[1](now?.index);
  };

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    await new Promise((resolve) => this.source.addEventListener("sourceopen", resolve, { once: true }));
    this.track = await this.open(this.variants.abr.defaultIndex, signal);
    const buffer = this.source.addSourceBuffer(this.track.type);
    this.sink = new Sink(buffer, this.media);
    if (this.duration > 0) this.source.duration = this.duration;
    await this.takeUp(this.track, 0);
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.fetchMore();
        failures = 0;
      } catch (error) {
        if (signal.aborted || this.jumped) continue;
        failures += 1;
        if (failures > RETRIES) throw error;
        await sleep(RETRY * 2 ** (failures - 1));
      }
    }
  }

  /** One chunk, if one is wanted. */
  private async fetchMore(): Promise<void> {
    this.step = new AbortController();
    if (this.jumped) {
      this.jumped = false;
      await this.takeUp(this.track, this.media.currentTime);
    }
    const wanted = this.wanted();
    await this.obey(wanted);
    const end = this.sink.bufferedEnd(this.media.currentTime);
    const enough = end !== undefined && end - this.media.currentTime > AHEAD;
    const over = this.offset >= this.track.size;
    if (over && this.source.readyState === "open") this.source.endOfStream();
    if (enough || over) {
      this.rested = true;
      await sleep(LOOK);
      return;
    }
    // Only the end of what is continuous can be gone on from.
    if (wanted !== this.track.index && end !== undefined) await this.takeUp(await this.open(wanted, this.step.signal), end);
    await this.append();
  }

  /** A quality that the listener asks for is seen soon: what was fetched ahead in another one goes. */
  private async obey(wanted: number): Promise<void> {
    const soon = this.media.currentTime + SOON;
    const end = this.sink.bufferedEnd(this.media.currentTime);
    if (this.choice() === AUTOMATIC || wanted === this.track.index || end === undefined || end <= soon) return;
    const track = await this.open(wanted, this.step.signal);
    // A stream that was ended takes no more; cutting opens it again.
    await this.sink.cut(soon);
    await this.takeUp(track, soon);
  }

  /** What lay idle may have been fetched ahead in the meantime: its time says nothing about the network. */
  private rested = true;

  private async append(): Promise<void> {
    const { track, offset } = this;
    const began = performance.now();
    const bytes = await track.read(offset, Math.min(offset + track.chunk, track.size), this.step.signal);
    if (!this.rested) this.variants.abr.record(bytes.length, performance.now() - began);
    this.rested = false;
    if (this.jumped) return;
    track.seen.scan(track.head, bytes, offset);
    await this.sink.append(bytes);
    this.offset = offset + bytes.length;
    await this.sink.tidy();
    this.onTime();
  }

  private wanted(): number {
    const choice = this.choice();
    return choice === AUTOMATIC ? this.variants.abr.select(this.variants.abr.estimate()) : choice;
  }

  /** Goes on with `track` from `time`. */
  private async takeUp(track: Track, time: number): Promise<void> {
    const part = time > 0 ? await locate(track, track.head, time, this.duration, track.seen, this.step.signal) : undefined;
    await this.sink.restart(track.type);
    await this.sink.append(track.init);
    this.track = track;
    this.offset = part?.offset ?? track.head.end;
    const from = part?.time ?? 0;
    // What was appended behind this place stays as it is until it is overwritten.
    this.switches = [...this.switches.filter((other) => other.from < from), { from, index: track.index }];
    this.rested = true;
  }

  private open(index: number, signal: AbortSignal): Promise<Track> {
    const opening = (this.tracks[index] ??= this.openNow(index, signal));
    opening.catch(() => {
      if (this.tracks[index] === opening) this.tracks[index] = undefined;
    });
    return opening;
  }

  private async openNow(index: number, signal: AbortSignal): Promise<Track> {
    const variant = await this.variants.open(index, signal);
    const readable: Readable = {
      size: variant.size,
      chunk: Math.max(variant.chunk, 16 << 10),
      read: (start, end, stop) => variant.release.read(variant.attachment, start, end, stop),
    };
    const found = await headOf(readable, signal);
    if (!found) throw new NotInParts(f().player.notInParts);
    const type = this.typeOf(variant.type, found.head.codecs, this.variants.abr.variants[index]?.codecs);
    if (!type) throw new NotInParts(f().player.noSwitching);
    return { ...readable, index, type, ...found, seen: new Seen() };
  }

  /** The first name that this browser takes: what the recording itself says counts more than what was written about it. */
  private typeOf(said: string, ...codecs: (string | undefined)[]): string | undefined {
    const bare = said.split(";")[0]!;
    const names = [...codecs.filter(Boolean).map((list) => `${bare}; codecs="${list}"`), said];
    return names.find((name) => MediaSource.isTypeSupported(name));
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
