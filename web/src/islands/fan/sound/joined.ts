/**
 * The recordings of an opened release behind one another without gaps: on a line (`lib/gapless`) that reads from what decrypts
 * them. Loaded only for releases of several recordings.
 */

import { Feed } from "../../../lib/gapless/feed";
import { Line, type Playable } from "../../../lib/gapless/line";
import { Remuxers } from "../../../lib/gapless/remuxers";
import type { Content, Item } from "../content";
import { Lengths } from "./lengths";
import { ReleaseBytes } from "./release-bytes";

/** What is told of them. */
export interface Hearing {
  /** The recording that plays behind this one, if it may be joined to it. */
  after(item: Item): Item | undefined;
  /** This one is under the needle now. */
  moved(item: Item): void;
  /** The clock, or what is known of the recording, has changed. */
  ticked(): void;
  /** It cannot be joined to others, but may play by itself, from where it was; `plays`: and the listener wants to hear it. */
  alone(item: Item, at: number, plays: boolean): void;
  /** It cannot be read. */
  failed(item: Item): void;
}

interface Recording extends Playable {
  readonly item: Item;
}

const EVENTS = ["loadedmetadata", "progress", "play", "playing", "pause", "timeupdate", "seeking", "seeked"];

const start = () => new Worker(new URL("./remux-worker.ts", import.meta.url), { type: "module", name: "gapless" });

export class Joined {
  private readonly remuxers = new Remuxers(start);
  private readonly lengths: Lengths;
  private line: Line<Recording> | undefined;
  private item: Item | undefined;
  /** The line has come to a stop that only a new one gets over. */
  private broken = false;

  constructor(
    private readonly media: HTMLMediaElement,
    private readonly content: Content,
    private readonly hearing: Hearing,
  ) {
    this.lengths = new Lengths(content, () => hearing.ticked());
    for (const event of EVENTS) media.addEventListener(event, this.stir);
    media.addEventListener("error", this.takeAlone);
  }

  /** Puts a recording under the needle, `at` seconds from its beginning. */
  load(item: Item, at: number): void {
    this.leave();
    this.item = item;
    this.line = new Line(
      this.media,
      (of) => new Feed(this.remuxers, new ReleaseBytes(this.content, of.item)),
      { moved: (of) => this.moved(of.item), failed: (alone) => (alone ? this.takeAlone() : this.fail()) },
      this.recording(item),
      at,
    );
    this.lengths.ask(item);
    this.follow();
  }

  /** The recording that follows has changed. */
  follow(): void {
    const next = this.item && this.hearing.after(this.item);
    this.line?.setNext(next && this.recording(next));
  }

  /** Seconds into the recording. */
  position(): number {
    return this.line?.position() ?? 0;
  }

  /** Seconds of the recording; NaN while nobody knows. */
  duration(): number {
    return this.line?.duration() ?? Number.NaN;
  }

  async play(): Promise<void> {
    const { item, media } = this;
    if (item && (this.broken || media.ended)) this.load(item, this.broken ? this.position() : 0);
    // What goes wrong is told by the element, or was: a listener who has paused, a browser that wants a press first.
    await media.play().catch(() => {});
  }

  seek(seconds: number): void {
    const { line, item, media } = this;
    if (!line || !item || line.seek(seconds)) return;
    const plays = !media.paused;
    this.load(item, seconds);
    if (plays) void this.play();
  }

  /** Has nothing to play any more: the element is somebody else's. */
  leave(): void {
    this.line?.close();
    this.line = undefined;
    this.item = undefined;
    this.broken = false;
  }

  close(): void {
    this.leave();
    for (const event of EVENTS) this.media.removeEventListener(event, this.stir);
    this.media.removeEventListener("error", this.takeAlone);
    this.remuxers.close();
    this.lengths.close();
  }

  private readonly stir = () => {
    if (!this.line) return;
    this.line.stir();
    this.hearing.ticked();
  };

  private moved(item: Item) {
    this.item = item;
    this.lengths.ask(item);
    this.hearing.moved(item);
    this.hearing.ticked();
    this.follow();
  }

  private readonly takeAlone = () => {
    const { item, media } = this;
    if (!item) return;
    const [at, plays] = [this.position(), !media.paused];
    this.leave();
    this.hearing.alone(item, at, plays);
  };

  private fail() {
    this.broken = true;
    if (this.item) this.hearing.failed(this.item);
  }

  private recording(item: Item): Recording {
    const { lengths } = this;
    return {
      key: String(item.index),
      item,
      get duration() {
        return lengths.of(item);
      },
    };
  }
}
