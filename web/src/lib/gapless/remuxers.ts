/** The worker that remuxes, from the page's side. */

import type { Answer, Progress, Question } from "./protocol";

/** The file cannot be joined to others; it may play as it is. */
export class CannotJoin extends Error {}

const startHere = (): Worker => new Worker(new URL("./remux-worker.ts", import.meta.url), { type: "module", name: "gapless" });

interface Waiting {
  resolve(progress: Progress): void;
  reject(reason: Error): void;
}

/** One worker for all files of a page. */
export class Remuxers {
  private worker: Worker | undefined;
  private readonly waiting: Waiting[] = [];
  private files = 0;
  private closed = false;

  /** `start`: a worker that runs `remux-worker.ts`, for pages that load theirs from a place of their own. */
  constructor(private readonly start: () => Worker = startHere) {}

  /** Loads the module, if it is not there. */
  wake(): void {
    if (this.worker) return;
    const worker = this.start();
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const asked = this.waiting.shift();
      if ("progress" in data) asked?.resolve(data.progress);
      else asked?.reject(new CannotJoin(data.message));
    });
    worker.addEventListener("error", () => {
      worker.terminate();
      this.worker = undefined;
      this.refuse("the module for gapless playback did not load");
    });
    this.worker = worker;
  }

  /** Ends the worker, and everything that is in it. */
  close(): void {
    this.closed = true;
    this.worker?.terminate();
    this.refuse("nothing is played here any more");
  }

  private refuse(why: string) {
    for (const { reject } of this.waiting.splice(0)) reject(new CannotJoin(why));
  }

  async open(type: string, size: number): Promise<Remuxed> {
    this.files += 1;
    const file = this.files;
    await this.ask({ ask: "open", file, type, size });
    return new Remuxed(file, (question, transfer) => this.ask(question, transfer));
  }

  private ask(question: Question, transfer: Transferable[] = []): Promise<Progress> {
    if (!this.closed) this.wake();
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(new CannotJoin("nothing is played here any more"));
      this.waiting.push({ resolve, reject });
      this.worker?.postMessage(question, transfer);
    });
  }
}

/** One file in the worker. */
export class Remuxed {
  constructor(
    private readonly file: number,
    private readonly ask: (question: Question, transfer?: Transferable[]) => Promise<Progress>,
  ) {}

  /** Takes bytes, which are gone then. */
  push(bytes: Uint8Array<ArrayBuffer>): Promise<Progress> {
    return this.ask({ ask: "push", file: this.file, bytes }, [bytes.buffer]);
  }

  seek(seconds: number): Promise<Progress> {
    return this.ask({ ask: "seek", file: this.file, seconds });
  }

  close(): void {
    void this.ask({ ask: "close", file: this.file }).catch(() => undefined);
  }
}
