/** The worker that remuxes, from the page's side. */

import type { Answer, Progress, Question } from "./protocol";

/** The file cannot be joined to others; it may play as it is. */
export class CannotJoin extends Error {}

const start = (): Worker => new Worker(new URL("./remux-worker.ts", import.meta.url), { type: "module", name: "gapless" });

interface Waiting {
  resolve(progress: Progress): void;
  reject(reason: Error): void;
}

/** One worker for all files of a page. */
export class Remuxers {
  private worker: Worker | undefined;
  private readonly waiting: Waiting[] = [];
  private files = 0;

  /** Loads the module, if it is not there. */
  wake(): void {
    if (this.worker) return;
    const worker = start();
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const asked = this.waiting.shift();
      if ("progress" in data) asked?.resolve(data.progress);
      else asked?.reject(new CannotJoin(data.message));
    });
    worker.addEventListener("error", () => {
      worker.terminate();
      this.worker = undefined;
      for (const { reject } of this.waiting.splice(0)) reject(new CannotJoin("the module for gapless playback did not load"));
    });
    this.worker = worker;
  }

  async open(type: string, size: number): Promise<Remuxed> {
    this.files += 1;
    const file = this.files;
    await this.ask({ ask: "open", file, type, size });
    return new Remuxed(file, (question, transfer) => this.ask(question, transfer));
  }

  private ask(question: Question, transfer: Transferable[] = []): Promise<Progress> {
    this.wake();
    return new Promise((resolve, reject) => {
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
