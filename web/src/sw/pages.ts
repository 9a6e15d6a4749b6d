/** Asks the open pages for a virtual file. */

import { NotYet, type MediaAnswer, type MediaRequest, type PieceAnswer, type PieceRequest } from "../lib/media/protocol";
import type { MediaFile } from "./media";
import type { Scope, WindowClient } from "./scope";

/** Milliseconds that a page may take to say whether a file is its own; a frozen one never does. */
const PATIENCE_MS = 5000;

/** The file at `path`, from whichever of our pages (by their paths) has it; the page that asks is asked first. */
export async function findFile(clients: Scope["clients"], asking: string, path: string, pages: readonly string[]): Promise<MediaFile | undefined> {
  const first = asking === "" ? undefined : await clients.get(asking);
  const found = first && (await askPage(first, path));
  if (found) return found;
  // Only pages know of files; the empty frame that a save is started in would never answer.
  const others = (await clients.matchAll({ type: "window", includeUncontrolled: true })).filter(
    (page) => page.id !== asking && pages.includes(new URL(page.url).pathname),
  );
  return firstFound(others.map((page) => askPage(page, path)));
}

/** The first answer that is a file; `undefined` when all others came. */
function firstFound(answers: readonly Promise<MediaFile | undefined>[]): Promise<MediaFile | undefined> {
  return new Promise((resolve) => {
    for (const answer of answers) void answer.then((file) => file && resolve(file));
    void Promise.all(answers).then(() => resolve(undefined));
  });
}

/**
 * The file at `path`, if that page has it and says so within `patience` milliseconds; `needed`: if it can get hold of it.
 */
export async function askPage(
  page: WindowClient,
  path: string,
  patience = PATIENCE_MS,
  needed = false,
): Promise<MediaFile | undefined> {
  const { port1: port, port2: theirs } = new MessageChannel();
  const line = new Line(port);
  page.postMessage({ media: "find", path, needed } satisfies MediaRequest, [theirs]);
  const head = (await Promise.race([line.next(), later(patience)])) as MediaAnswer | undefined;
  if (!head || "none" in head) {
    port.close();
    return undefined;
  }
  return {
    ...head,
    async read(start, end, now = false) {
      port.postMessage({ start, end, now } satisfies PieceRequest);
      const piece = (await line.next()) as PieceAnswer;
      if (piece instanceof Uint8Array) return piece;
      throw piece.again === true ? new NotYet(piece.failed) : new Error(piece.failed);
    },
    close() {
      port.postMessage({ finished: true } satisfies PieceRequest);
      port.close();
    },
  };
}

/** One answer for each question. */
class Line {
  private heard: ((data: unknown) => void) | undefined;

  constructor(port: MessagePort) {
    port.addEventListener("message", (event: MessageEvent<unknown>) => this.heard?.(event.data));
    port.start();
  }

  next(): Promise<unknown> {
    return new Promise((resolve) => {
      this.heard = resolve;
    });
  }
}

const later = (ms: number) => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), ms));
