/**
 * A track's bytes for a player: from the page, which has them proven or gets them in time; else from the node.
 *
 * Every answer is made here, also what is the node's: Chromium ends a track of which some answers come from a server and
 * others from a worker (it takes them for two origins). So the player asks for such tracks under an address of their own.
 *
 * Where the page does not answer at once (it may only just be loading, or the track is new to it) the first bytes come from
 * the node without waiting for anything, and the page is asked again for what follows.
 *
 * Nobody is waited for without a bound: neither a page that says nothing any more nor a node that has gone silent keeps the
 * other from being asked.
 */

import { NotYet, type MediaHead } from "../../lib/media/protocol";
import { answer, type MediaFile } from "../../sw/media";
import { askPage } from "../../sw/pages";
import type { FetchEvent, Scope, WindowClient } from "../../sw/scope";
import { HEAD, type FromNode } from "../road";
import { NodeRange } from "./node-range";

/** Milliseconds that the page may take to say whether it has a track; before the first sound every one counts. */
const PATIENCE_MS = 60;
/** Milliseconds that a page may say nothing where it is to give what it has, and where it may wait for others. */
const SILENCE_MS = { now: 250, later: 2500 } as const;
/** Milliseconds for which a page that said nothing is not asked again, and a node that gave nothing. */
const REST_MS = { page: 10_000, node: 2000 } as const;
/** Milliseconds after which a node that has not begun to answer is not waited for alone. */
const HEDGE_MS = 400;
/** Milliseconds in which the page may get hold of a track that the node does not have. */
const OTHERS_MS = 10_000;
/** Tries when neither page nor node has the beginning, and the pause between tries in milliseconds. */
const FIRST_TRIES = 6;
const PAUSE_MS = 500;
/** Milliseconds for which a player is kept waiting for the next bytes. */
const PLAYER_MS = 60_000;

/** Where a range starts. `undefined` for what players do not ask: nothing, the last bytes, several ranges. */
export function beginning(range: string | null): number | undefined {
  const start = /^bytes=(\d{1,15})-\d*$/.exec(range ?? "")?.[1];
  return start === undefined ? undefined : Number(start);
}

export async function audio(event: FetchEvent, clients: Scope["clients"], path: string, start: number): Promise<Response> {
  const range = event.request.headers.get("Range");
  const page = await clients.get(event.clientId);
  for (let tries = 1; ; tries += 1) {
    const file = page && (await askPage(page, path, PATIENCE_MS));
    if (file) return answer(lasting(new Road(path, file, page, file), event), range, false);

    const found = await begin(page, path, start);
    if (found instanceof Road) return answer(lasting(found, event), range, false);
    // Refusals, and whatever else the node says, are the player's to see.
    if (found) return found;
    if (tries === FIRST_TRIES) return Response.error();
    await pause(PAUSE_MS);
  }
}

/** The node's beginning; where it has none, or takes long to say so, the page's, which then joins the swarm for it. */
async function begin(page: WindowClient | undefined, path: string, start: number): Promise<Road | Response | undefined> {
  const opening = NodeRange.open(path, start, start + HEAD);
  const onNode = (range: NodeRange) => new Road(path, range.head, page, undefined, range);
  const soonest = await soon(opening, HEDGE_MS);
  if (soonest instanceof NodeRange) return onNode(soonest);
  const others = page ? askPage(page, path, OTHERS_MS, true) : Promise.resolve(undefined);
  const first = await Promise.race<NodeRange | MediaFile | Response | undefined>([
    others.then<MediaFile | NodeRange | Response | undefined>((file) => file ?? opening),
    opening.then<NodeRange | MediaFile | undefined>((range) => (range instanceof NodeRange ? range : others)),
  ]);
  if (first instanceof NodeRange) return onNode(first);
  if (!first || first instanceof Response) return opening.then((range) => (range instanceof NodeRange ? onNode(range) : range));
  // The node may only be slow: whoever has bytes first gives them.
  return new Road(path, first, page, first, undefined, { start, range: opening });
}

interface Opening {
  readonly start: number;
  readonly range: Promise<NodeRange | Response | undefined>;
}

/** One request's way to its bytes. */
class Road {
  private closed = false;
  /** Bytes that were handed on. */
  private handed = 0;
  /** When the page may be asked again, and when the node. */
  private asking = 0;
  private refused = 0;

  constructor(
    private readonly path: string,
    readonly head: MediaHead,
    private readonly page: WindowClient | undefined,
    private file: MediaFile | undefined,
    /** What the node is sending right now. */
    private range?: NodeRange | undefined,
    /** What it was asked for and has not begun to send. */
    private opening?: Opening | undefined,
  ) {}

  /**
   * The first bytes of an answer are what a listener waits for, so whoever has them now gives them. For what follows there
   * is time to ask others, and the node is asked only when they are late.
   */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const last = performance.now() + PLAYER_MS;
    let now = this.handed < HEAD;
    while (!this.closed && performance.now() < last) {
      const bytes =
        (await this.fromRange(start, end)) ?? (await this.fromPage(start, end, now)) ?? (await this.fromNode(start, end));
      if (bytes && bytes.length > 0) {
        this.handed += bytes.length;
        return bytes;
      }
      // A page that has the track waits by itself, and so does who asks the node.
      if (!now && !this.opening && !(this.file && this.isRefused())) await pause(PAUSE_MS);
      now = false;
    }
    throw new Error("neither the page nor the node has the next bytes");
  }

  close(): void {
    this.closed = true;
    this.file?.close();
    this.range?.close();
    this.giveUpOpening();
  }

  /** What comes of the range that the node is sending. */
  private async fromRange(start: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = this.range?.at === start ? await this.range.read() : undefined;
    if (!bytes) {
      this.range?.close();
      this.range = undefined;
      return undefined;
    }
    const copy = bytes.slice();
    this.page?.postMessage({ media: "node", path: this.path, start, bytes: copy } satisfies FromNode, [copy.buffer]);
    // The node was asked for more than a short range wants.
    return bytes.length > end - start ? bytes.slice(0, end - start) : bytes;
  }

  private async fromPage(start: number, end: number, now: boolean): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.page && !this.closed && performance.now() >= this.asking) {
      this.file ??= await askPage(this.page, this.path, PATIENCE_MS);
      // It may have found another file at the same path: then sizes differ.
      if (this.file?.size !== this.head.size) return undefined;
      const bytes = await soon(this.file.read(start, end, now), now ? SILENCE_MS.now : SILENCE_MS.later).catch((error: unknown) =>
        error instanceof NotYet ? error : undefined,
      );
      if (bytes === "late") {
        // What it says after all answers no question any more.
        this.file.close();
        this.file = undefined;
        this.asking = performance.now() + REST_MS.page;
        return undefined;
      }
      if (!(bytes instanceof NotYet)) return bytes;
    }
    return undefined;
  }

  private async fromNode(start: number, end: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.isRefused()) return undefined;
    if (this.opening?.start !== start) this.giveUpOpening();
    this.opening ??= { start, range: NodeRange.open(this.path, start, Math.min(end, start + HEAD)) };
    const range = await soon(this.opening.range, HEDGE_MS);
    // The page may have it sooner.
    if (range === "late") return undefined;
    this.opening = undefined;
    if (range instanceof NodeRange) {
      this.range = range;
      return this.fromRange(start, end);
    }
    // The node has nothing, or says nothing: it is not asked for a while.
    this.refused = performance.now() + REST_MS.node;
    this.page?.postMessage({ media: "node", path: this.path, refused: true } satisfies FromNode, []);
    return undefined;
  }

  private giveUpOpening() {
    void this.opening?.range.then((range) => range instanceof NodeRange && range.close());
    this.opening = undefined;
  }

  private isRefused = () => performance.now() < this.refused;
}

/** The file, with the event kept open until it has been read. */
function lasting(road: Road, event: FetchEvent): MediaFile {
  let finish: (() => void) | undefined;
  event.waitUntil(
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  const close = () => {
    road.close();
    finish?.();
  };
  // A player may be gone before it has read anything, and then nobody ends the answer's body.
  event.request.signal.addEventListener("abort", close, { once: true });
  return { ...road.head, read: (start, end) => road.read(start, end), close };
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What comes of `work` within `ms` milliseconds. */
function soon<T>(work: Promise<T>, ms: number): Promise<T | "late"> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve("late"), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
