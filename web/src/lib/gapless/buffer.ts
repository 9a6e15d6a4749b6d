/** The one SourceBuffer: operations one after another, and room made when the browser's is used up. */

/** Seconds behind the needle that are kept. */
const BEHIND = 20;
/** Milliseconds between tries when the browser has no room at all. */
const NO_ROOM_MS = 500;
const MAX_TRIES = 60;

/** Where on the line a track is, and what of it is heard. */
export interface Placing {
  readonly mime: string;
  readonly init: Uint8Array<ArrayBuffer>;
  readonly bare: boolean;
  /** What is added to the times of frames. */
  readonly shift: number;
  /** When the sound begins on the line. */
  readonly begin: number;
}

export class Buffer {
  private buffer: SourceBuffer | undefined;
  private mime = "";
  private busy: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly source: MediaSource,
    private readonly audio: HTMLMediaElement,
  ) {}

  /** What is appended from now on is this track's. */
  place({ mime, init, bare, shift, begin }: Placing): Promise<void> {
    return this.inTurn(async () => {
      if (!this.buffer) this.buffer = this.source.addSourceBuffer(mime);
      else {
        this.reopen();
        this.buffer.abort();
        if (this.mime !== mime) this.buffer.changeType(mime);
      }
      this.mime = mime;
      if (!bare) this.buffer.mode = "segments";
      this.buffer.appendWindowEnd = Number.POSITIVE_INFINITY;
      this.buffer.appendWindowStart = begin;
      this.buffer.timestampOffset = shift;
      if (init.length > 0) await this.run((buffer) => buffer.appendBuffer(init));
    });
  }

  /** `until`: what would play later is cut off. */
  append(bytes: Uint8Array<ArrayBuffer>, until: number | undefined): Promise<void> {
    return this.inTurn(async () => {
      if (until !== undefined && this.buffer && this.buffer.appendWindowEnd !== until) this.buffer.appendWindowEnd = until;
      if (bytes.length === 0) return;
      for (let tries = 0; ; tries += 1) {
        try {
          // oxlint-disable-next-line no-await-in-loop
          return await this.run((buffer) => buffer.appendBuffer(bytes));
        } catch (error) {
          if (!(error instanceof DOMException) || error.name !== "QuotaExceededError" || tries >= MAX_TRIES) throw error;
          // oxlint-disable-next-line no-await-in-loop
          await this.drop(0, this.audio.currentTime - 1);
          // oxlint-disable-next-line no-await-in-loop
          if (tries > 0) await new Promise((resolve) => setTimeout(resolve, NO_ROOM_MS));
        }
      }
    });
  }

  /** Drops what was played. */
  tidy(): Promise<void> {
    return this.inTurn(async () => {
      const { buffered } = this.audio;
      const until = this.audio.currentTime - BEHIND;
      if (buffered.length > 0 && buffered.start(0) < until - BEHIND) await this.drop(0, until);
    });
  }

  /** Drops what plays from a moment on. */
  cut(from: number): Promise<void> {
    return this.inTurn(() => this.drop(from, Number.POSITIVE_INFINITY));
  }

  /** Nothing more will come, for now. */
  end(): Promise<void> {
    return this.inTurn(async () => {
      if (this.source.readyState === "open") this.source.endOfStream();
    });
  }

  /** Seconds that are there without a gap from `time` on. */
  ahead(time: number): number {
    if (!this.buffer) return 0;
    const { buffered } = this.buffer;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= time + 0.05 && time < buffered.end(i)) return buffered.end(i) - time;
    }
    return 0;
  }

  private reopen() {
    // An ended source opens again when it is changed.
    if (this.source.readyState === "ended" && this.buffer) this.buffer.timestampOffset = 0;
  }

  private async drop(from: number, to: number): Promise<void> {
    if (to > from && this.buffer && this.buffer.buffered.length > 0) await this.run((buffer) => buffer.remove(from, to));
  }

  private inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const done = this.busy.then(operation);
    this.busy = done.catch(() => undefined);
    return done;
  }

  private run(operation: (buffer: SourceBuffer) => void): Promise<void> {
    const { buffer } = this;
    if (!buffer) return Promise.resolve();
    // Both go with whichever comes: what is left behind would pile up, one for each piece of hours of music.
    const over = new AbortController();
    const { signal } = over;
    const ends = new Promise<void>((resolve, reject) => {
      buffer.addEventListener("updateend", () => resolve(), { signal });
      buffer.addEventListener("error", () => reject(new Error("the browser could not read the recording")), { signal });
      operation(buffer);
    });
    return ends.finally(() => over.abort());
  }
}
