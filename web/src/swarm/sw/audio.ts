/**
 * A track's bytes for a player: from the page, which has them proven or gets them in time; else from the node.
 *
 * Every answer is made here, also what is the node's: Chromium ends a track of which some answers come from a server and
 * others from a worker (it takes them for two origins). So the player asks for such tracks under an address of their own.
 *
 * Where the page does not answer at once (it may only just be loading, or the track is new to it) the first bytes come from
 * the node without waiting for anything, and the page is asked again for what follows.
 */

import type { MediaHead } from "../../lib/media/protocol";
import { answer, type MediaFile } from "../../sw/media";
import { askPage } from "../../sw/pages";
import type { FetchEvent, Scope, WindowClient } from "../../sw/scope";
import { HEAD, type FromNode } from "../road";

/** Milliseconds that the page may take to say whether it has a track; before the first sound every one counts. */
const PATIENCE_MS = 60;
/** Tries when neither page nor node has the next bytes, and the pause between them in milliseconds. */
const TRIES = 120;
const PAUSE_MS = 500;

/** Where a range starts. `undefined` for what players do not ask: nothing, the last bytes, several ranges. */
export function beginning(range: string | null): number | undefined {
  const start = /^bytes=(\d{1,15})-\d*$/.exec(range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

export async function audio(event: FetchEvent, clients: Scope["clients"], path: string, start: number): Promise<Response> {
  const { request } = event;
  const page = await clients.get(event.clientId);
  const file = page && (await askPage(page, path, PATIENCE_MS));
  if (file) return answer(lasting(new Road(path, file, page, file), event), request.headers.get("Range"), false);

  const first = await fromNode(path, start, start + HEAD);
  const size = Number(/^bytes \d+-\d+\/(\d+)$/.exec(first.headers.get("Content-Range") ?? "")?.[1] ?? Number.NaN);
  // Refusals, and whatever else the node says, are the player's to see.
  if (first.status !== 206 || !first.body || !(size > start)) return first;
  const etag = first.headers.get("ETag") ?? "";
  const head = { size, type: first.headers.get("Content-Type") ?? "", name: "", etag };
  const road = new Road(path, head, page, undefined, first.body.getReader());
  return answer(lasting(road, event), request.headers.get("Range"), false);
}

/** Under an address for each beginning: the browser's cache would have one part of an address wait for another. */
const fromNode = (path: string, start: number, end: number): Promise<Response> =>
  fetch(`${path}?part=${start}`, { headers: { Range: `bytes=${start}-${end - 1}` } });

/** One request's way to its bytes. */
class Road {
  private closed = false;
  /** Bytes that were handed on. */
  private handed = 0;

  constructor(
    private readonly path: string,
    readonly head: MediaHead,
    private readonly page: WindowClient | undefined,
    private file: MediaFile | undefined,
    /** What the node is sending right now. */
    private first?: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
  ) {}

  /**
   * The first bytes of an answer are what a listener waits for, so whoever has them now gives them. For what follows there
   * is time to ask others, and the node is asked only when they are late.
   */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    for (let tries = 1; !this.closed; tries += 1) {
      const now = this.handed < HEAD && tries === 1;
      const bytes =
        (await this.fromFirst(start, end)) ??
        (await this.fromPage(start, end, now)) ??
        (await this.fromNode(start, Math.min(end, start + HEAD)));
      if (bytes && bytes.length > 0) {
        this.handed += bytes.length;
        return bytes;
      }
      if (tries === TRIES) break;
      await new Promise((resolve) => setTimeout(resolve, now ? 0 : PAUSE_MS));
    }
    throw new Error("neither the page nor the node has the next bytes");
  }

  close(): void {
    this.closed = true;
    this.file?.close();
    void this.first?.cancel().catch(() => undefined);
  }

  private async fromFirst(start: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const part = await this.first?.read().catch(() => undefined);
    if (!part?.value) {
      this.first = undefined;
      return undefined;
    }
    this.tell(start, part.value.slice());
    // The node was asked for more than a short range wants.
    return part.value.length > end - start ? part.value.slice(0, end - start) : part.value;
  }

  private async fromPage(start: number, end: number, now: boolean): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!this.page) return undefined;
    this.file ??= await askPage(this.page, this.path, PATIENCE_MS);
    // It may have found another file at the same path: then sizes differ.
    if (this.file?.size !== this.head.size) return undefined;
    return this.file.read(start, end, now).catch(() => undefined);
  }

  private async fromNode(start: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const response = await fromNode(this.path, start, end).catch(() => undefined);
    if (response?.status !== 206) return undefined;
    const bytes = await response.arrayBuffer().catch(() => undefined);
    if (!bytes) return undefined;
    this.tell(start, new Uint8Array(bytes.slice(0)));
    return new Uint8Array(bytes);
  }

  private tell(start: number, bytes: Uint8Array<ArrayBuffer>) {
    this.page?.postMessage({ media: "node", path: this.path, start, bytes } satisfies FromNode, [bytes.buffer]);
  }
}

/** The file, with the event kept open until it has been read. */
function lasting(road: Road, event: FetchEvent): MediaFile {
  let finish: (() => void) | undefined;
  event.waitUntil(
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  return {
    ...road.head,
    read: (start, end) => road.read(start, end),
    close() {
      road.close();
      finish?.();
    },
  };
}
