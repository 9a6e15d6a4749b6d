/** A SourceBuffer with promises: one operation at a time, and room made when the browser's is used up. */

/** Seconds behind the position that are kept for stepping back. */
const BEHIND = 30;

export class Sink {
  constructor(
    private readonly buffer: SourceBuffer,
    private readonly media: HTMLMediaElement,
  ) {}

  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.run(() => this.buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>));
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      await this.tidy(5);
      await this.run(() => this.buffer.appendBuffer(bytes as Uint8Array<ArrayBuffer>));
    }
  }

  /** Forgets what was appended of an unfinished part, and takes another kind of stream from here on. */
  async restart(type: string): Promise<void> {
    this.buffer.abort();
    this.buffer.changeType?.(type);
  }

  /** Seconds that are there without a gap from `time` on; `undefined` when `time` itself is not. */
  bufferedEnd(time: number): number | undefined {
    const { buffered } = this.buffer;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) <= time + 0.1 && time < buffered.end(i)) return buffered.end(i);
    }
    return undefined;
  }

  /** Drops what was played. */
  async tidy(keep = BEHIND): Promise<void> {
    const until = this.media.currentTime - keep;
    const { buffered } = this.buffer;
    if (buffered.length > 0 && buffered.start(0) < until - 1) await this.run(() => this.buffer.remove(0, until));
  }

  /** Drops what comes after a time. */
  async cut(from: number): Promise<void> {
    await this.run(() => this.buffer.remove(from, Number.POSITIVE_INFINITY));
  }

  private run(operation: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.buffer.removeEventListener("updateend", done);
        this.buffer.removeEventListener("error", failed);
        resolve();
      };
      const failed = () => {
        this.buffer.removeEventListener("updateend", done);
        reject(new Error("the browser could not read the recording"));
      };
      this.buffer.addEventListener("updateend", done);
      this.buffer.addEventListener("error", failed, { once: true });
      try {
        operation();
      } catch (error) {
        this.buffer.removeEventListener("updateend", done);
        this.buffer.removeEventListener("error", failed);
        reject(error as Error);
      }
    });
  }
}
