/** One file, piece by piece: fetched from wherever it can be had, remuxed, and told where it is. */

import type { Bytes, Reader } from "./bytes";
import type { Progress, Stream } from "./protocol";
import { CannotJoin, type Remuxed, type Remuxers } from "./remuxers";

/** Bytes that are rather read in vain than asked for anew. */
const NEAR = 64 << 10;
/** Milliseconds before another try; the last one goes on. */
const PAUSES = [0, 500, 1_000, 2_000, 4_000];
/** Tries without a byte before the file is given up. */
const MAX_TRIES = 9;

/** No byte could be had. */
export class Unreachable extends Error {}

/** Something that can be appended. */
export interface Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly end: number | undefined;
  readonly first: number | undefined;
}

export class Feed {
  /** Once its beginning has been read. */
  stream: Stream | undefined;
  /** When the sound ends, as far as that is known. */
  end: number | undefined;
  private remuxed: Remuxed | undefined;
  private size = 0;
  private position = 0;
  private reader: Reader | undefined;
  /** Where in the file the reader is. */
  private readAt = 0;
  private cancel = new AbortController();
  private tries = 0;
  /** Which road is taken: one that led nowhere is not tried again before the others. */
  private road = 0;
  /** Changes with every seek: what was being read then is not wanted. */
  private turn = 0;
  /** The connection was let go on purpose. */
  private letGo = false;
  private closed = false;
  /** What was fetched before it was wanted. */
  private held: Promise<Piece | undefined> | undefined;

  constructor(
    private readonly remuxers: Remuxers,
    private readonly source: Bytes,
  ) {}

  /** Fetches what comes first before it is wanted, and lets go of the connection. Whether it is there. */
  async prepare(): Promise<boolean> {
    const held = this.produce();
    this.held = held;
    try {
      await held;
    } catch {
      return false;
    }
    if (this.held === held) this.rest();
    return true;
  }

  /** What comes next; `undefined` at the end. Rejects with `CannotJoin` or `Unreachable`. */
  next(): Promise<Piece | undefined> {
    const { held } = this;
    this.held = undefined;
    return held ?? this.produce();
  }

  private async produce(): Promise<Piece | undefined> {
    const { turn } = this;
    for (;;) {
      if (this.remuxed && this.position >= this.size) return undefined;
      // oxlint-disable-next-line no-await-in-loop
      const progress = await this.step(turn);
      if (!progress) continue;
      const { bytes, end, first } = progress;
      if (bytes.length > 0 || progress.stream) return { bytes, end, first };
      if (this.position >= this.size && end !== undefined) return { bytes, end, first };
    }
  }

  /** What comes next is from this second of the sound on. */
  async seek(seconds: number): Promise<void> {
    this.turn += 1;
    this.held = undefined;
    const { turn } = this;
    this.rest();
    while (!this.stream) {
      // oxlint-disable-next-line no-await-in-loop
      await this.step(turn);
    }
    if (this.remuxed) this.take(await this.remuxed.seek(seconds));
  }

  /** Lets go of the connection; the next piece makes another, perhaps on another road. */
  rest(): void {
    this.letGo = true;
    this.hangUp();
  }

  /** There is enough for now: lets go of the connection if it is held for this alone, and begins on the best road then. */
  relax(): void {
    if (!this.source.mayRest?.(this.road)) this.reroute();
  }

  /** The roads are others than before: what comes next is asked for on the first of them. */
  reroute(): void {
    this.road = 0;
    if (this.reader) this.rest();
  }

  private hangUp() {
    void this.reader?.cancel().catch(() => undefined);
    this.reader = undefined;
    this.cancel.abort();
    this.cancel = new AbortController();
  }

  close(): void {
    this.closed = true;
    this.rest();
    this.remuxed?.close();
    this.remuxed = undefined;
  }

  private take(progress: Progress): Progress {
    this.position = progress.position;
    this.stream ??= progress.stream;
    this.end = progress.end ?? this.end;
    return progress;
  }

  /** One read. */
  private async step(turn: number): Promise<Progress | undefined> {
    let bytes: Uint8Array<ArrayBuffer>;
    this.letGo = false;
    try {
      bytes = await this.read();
      this.tries = 0;
    } catch (error) {
      if (this.closed || turn !== this.turn || error instanceof CannotJoin) throw error;
      if (this.letGo) return undefined;
      this.hangUp();
      this.tries += 1;
      this.road += 1;
      if (this.tries >= MAX_TRIES || this.source.isFinal?.(error)) throw new Unreachable("the bytes cannot be had");
      await pause(PAUSES[Math.min(this.tries, PAUSES.length) - 1] ?? 0);
      return undefined;
    }
    if (this.closed || turn !== this.turn || !this.remuxed) throw new Unreachable("not wanted any more");
    return bytes.length > 0 ? this.take(await this.remuxed.push(bytes)) : undefined;
  }

  private hangUpLater() {
    const silence = this.source.silence?.();
    return silence === undefined ? undefined : setTimeout(() => this.hangUp(), silence);
  }

  /** Bytes from the position on; some were asked for elsewhere if a seek came in between, then none. */
  private async read(): Promise<Uint8Array<ArrayBuffer>> {
    const gap = this.position - this.readAt;
    if (this.reader && (gap < 0 || gap > NEAR)) this.rest();
    if (!this.reader) await this.connect();
    const reader = this.reader;
    if (!reader) throw new Error("no connection");
    const silence = this.hangUpLater();
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (reader !== this.reader) return new Uint8Array(0);
    if (done || !value) throw new Error("the connection ended early");
    const from = this.position - this.readAt;
    this.readAt += value.length;
    if (from < 0) return new Uint8Array(0);
    return from > 0 ? value.slice(from) : value;
  }

  private async connect(): Promise<void> {
    const { signal } = this.cancel;
    const silence = this.hangUpLater();
    const opened = await this.source.open(this.position, this.road, signal).finally(() => clearTimeout(silence));
    this.readAt = opened.from;
    if (!this.remuxed) {
      this.size = opened.size;
      if (!(this.size > 0)) throw new CannotJoin("the length of the file is not known");
      this.remuxed = await this.remuxers.open(opened.type, this.size);
      if (this.closed) this.remuxed.close();
    }
    this.reader = opened.reader;
  }
}

/** Some time, or until there is a network again. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      globalThis.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    globalThis.addEventListener("online", done);
  });
}
