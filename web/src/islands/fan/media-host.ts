/** The page's end of `lib/media/protocol.ts`: attachments of opened releases as addresses, through the service worker. */

import { MEDIA_PATH, type MediaAnswer, type MediaHead, type MediaRequest, type PieceAnswer, type PieceRequest, type Wish } from "../../lib/media/protocol";

/** Something whose bytes can be given out. */
export interface Served extends MediaHead {
  read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** Milliseconds to wait for a service worker to take the page over; a first visit has to load everything. */
const PATIENCE_MS = 10_000;
/** Milliseconds between signs of life while something is read; browsers stop a worker after 30 s without an event. */
const STAY_MS = 15_000;

export class MediaHost {
  private readonly served = new Map<string, Served>();
  private reading = 0;
  private staying: ReturnType<typeof setInterval> | undefined;

  private constructor(private readonly workers: ServiceWorkerContainer) {
    workers.addEventListener("message", (event: MessageEvent<MediaRequest | undefined>) => {
      const port = event.ports[0];
      if (event.data?.fan === "media" && port) this.answer(event.data.path, port);
    });
    workers.startMessages();
  }

  /** `undefined` where there are no service workers: no secure origin, private windows of some browsers. */
  static async start(): Promise<MediaHost | undefined> {
    const workers = navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!workers) return undefined;
    try {
      await workers.register("/fan/sw.js", { scope: "/fan", updateViaCache: "none" });
      const controlled = await Promise.race([takenOver(workers), later(PATIENCE_MS)]);
      return controlled ? new MediaHost(workers) : undefined;
    } catch {
      return undefined;
    }
  }

  /** The address of a file, as long as the page is open and `withdraw` was not called. */
  publish(file: Served): string {
    const path = `${MEDIA_PATH}${crypto.randomUUID()}/0`;
    this.served.set(path, file);
    return path;
  }

  withdraw(path: string): void {
    this.served.delete(path);
  }

  private answer(path: string, port: MessagePort) {
    const file = this.served.get(path);
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
      void file.read(data.start, data.end, stop.signal).then(
        (bytes) => {
          // A view of something larger must not carry all of it along.
          const piece = (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>;
          port.postMessage(piece satisfies PieceAnswer, [piece.buffer]);
        },
        (error: unknown) => port.postMessage({ failed: String(error) } satisfies PieceAnswer),
      );
    });
    port.start();
    const { size, type, name } = file;
    port.postMessage({ size, type, name } satisfies MediaAnswer);
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

function wish(worker: ServiceWorker | null, fan: Wish["fan"]) {
  // A worker is of one origin; the rule thinks of windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker?.postMessage({ fan });
}

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
