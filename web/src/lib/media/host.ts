/** The page's end of `protocol.ts`: bytes that a page has, as addresses, through a service worker. */

import { NotYet, type MediaAnswer, type MediaHead, type MediaRequest, type PieceAnswer, type PieceRequest, type Wish } from "./protocol";

/** Something whose bytes can be given out. */
export interface Served extends MediaHead {
  /**
   * At least one byte of `start` to `end` (exclusive). `signal`: the same for one reader, which goes away with it. `now`:
   * what would have to be waited for fails.
   */
  read(start: number, end: number, signal: AbortSignal, now: boolean): Promise<Uint8Array>;
}

/** What is at a path. `needed`: nobody else has it, so that waiting for it is worth while. Never rejected. */
export type Find = (path: string, needed: boolean) => Served | undefined | Promise<Served | undefined>;

/** Which service worker to use. */
export interface WorkerPlace {
  readonly script: string;
  readonly scope: string;
}

/** Milliseconds to wait for a service worker to take the page over; a first visit has to load everything. */
const PATIENCE_MS = 10_000;
/** Milliseconds between signs of life while something is read; browsers stop a worker after 30 s without an event. */
const STAY_MS = 15_000;

export class MediaHost {
  private reading = 0;
  private staying: ReturnType<typeof setInterval> | undefined;

  private constructor(
    private readonly workers: ServiceWorkerContainer,
    private readonly find: Find,
  ) {
    workers.addEventListener("message", this.hear);
    workers.startMessages();
  }

  private readonly hear = (event: MessageEvent<MediaRequest | undefined>) => {
    const port = event.ports[0];
    if (event.data?.media !== "find" || !port) return;
    const found = this.find(event.data.path, event.data.needed === true);
    if (found instanceof Promise) void found.then((file) => this.answer(file, port));
    else this.answer(found, port);
  };

  /**
   * `find` says what is at a path. `undefined` where there are no service workers: no secure origin, private windows of some
   * browsers.
   */
  static async start(place: WorkerPlace, find: Find): Promise<MediaHost | undefined> {
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!workers) return undefined;
    try {
      const registered = workers.register(place.script, { scope: place.scope, updateViaCache: "none" });
      // A page that is controlled already can answer at once.
      if (!isControlledBy(workers, place)) {
        await registered;
        if (!(await Promise.race([takenOver(workers), later(PATIENCE_MS)]))) return undefined;
      } else registered.catch(() => undefined);
      return new MediaHost(workers, find);
    } catch {
      return undefined;
    }
  }

  /** Hears no more questions. What is being read is read on. */
  stop(): void {
    this.workers.removeEventListener("message", this.hear);
  }

  private answer(file: Served | undefined, port: MessagePort) {
    if (!file) {
      port.postMessage({ none: true } satisfies MediaAnswer);
      port.close();
      return;
    }
    const stop = new AbortController();
    this.stay(1);
    port.addEventListener("message", ({ data }: MessageEvent<PieceRequest>) => {
      if ("finished" in data) {
        if (!stop.signal.aborted) this.stay(-1);
        stop.abort();
        port.close();
        return;
      }
      void file.read(data.start, data.end, stop.signal, data.now === true).then(
        (bytes) => {
          // A view of something larger must not carry all of it along.
          const piece = (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>;
          port.postMessage(piece satisfies PieceAnswer, [piece.buffer]);
        },
        (error: unknown) => port.postMessage({ failed: String(error), again: error instanceof NotYet } satisfies PieceAnswer),
      );
    });
    port.start();
    const { size, type, name, etag } = file;
    port.postMessage({ size, type, name, ...(etag === undefined ? {} : { etag }) } satisfies MediaAnswer);
  }

  /** Keeps the worker awake while anything is read from it. */
  private stay(change: 1 | -1) {
    this.reading += change;
    if (this.reading === 0) {
      clearInterval(this.staying);
      this.staying = undefined;
    } else {
      this.staying ??= setInterval(() => wish(this.workers.controller, "stay"), STAY_MS);
    }
  }
}

function wish(worker: ServiceWorker | null, media: Wish["media"]) {
  // A worker is of one origin; the rule thinks of windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker?.postMessage({ media } satisfies Wish);
}

const isControlledBy = (workers: ServiceWorkerContainer, place: WorkerPlace): boolean =>
  workers.controller?.scriptURL === new URL(place.script, location.href).href;

/** Resolves when a worker controls this page. One that was reloaded with Shift has to ask for it. */
async function takenOver(workers: ServiceWorkerContainer): Promise<true> {
  if (workers.controller) return true;
  const changed = new Promise<true>((resolve) => {
    workers.addEventListener("controllerchange", () => resolve(true), { once: true });
  });
  const { active } = await workers.ready;
  if (workers.controller) return true;
  wish(active, "claim");
  return changed;
}

const later = (ms: number) => new Promise<false>((resolve) => setTimeout(() => resolve(false), ms));
