/** Sockets and fetches of the page, carried out by the worker. */

import { Ending, type News, type Order } from "./protocol";

export { Ending };

/** What happens at a socket. */
export interface SocketEvents {
  opened(): void;
  text(text: string): void;
  /** It closed, or could not be opened. */
  closed(): void;
}

/** A connection to a tracker. */
export interface Socket {
  send(text: string): void;
  close(): void;
}

/** What happens in a fetch. */
export interface FetchEvents {
  bytes(bytes: Uint8Array<ArrayBuffer>): void;
  ended(how: Ending): void;
}

export interface Net {
  open(url: string, events: SocketEvents): Socket;
  /** Fetches bytes `start` to `end`, exclusive. What it returns stops that. */
  get(url: string, start: number, end: number, events: FetchEvents): () => void;
  /** Closes everything. */
  close(): void;
}

export function startNet(): Net {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "swarm-net" });
  const sockets = new Map<number, SocketEvents>();
  const fetches = new Map<number, FetchEvents>();
  let last = 0;
  const order = (message: Order) => worker.postMessage(message, []);
  worker.addEventListener("message", ({ data: news }: MessageEvent<News>) => {
    const { id } = news;
    if ("bytes" in news) fetches.get(id)?.bytes(news.bytes);
    else if ("ended" in news) take(fetches, id)?.ended(news.ended);
    else if ("text" in news) sockets.get(id)?.text(news.text);
    else if ("opened" in news) sockets.get(id)?.opened();
    else take(sockets, id)?.closed();
  });
  return {
    open(url, events) {
      const id = ++last;
      sockets.set(id, events);
      order({ id, open: url });
      return {
        send: (send) => order({ id, send }),
        close() {
          sockets.delete(id);
          order({ id, stop: true });
        },
      };
    },
    get(url, start, end, events) {
      const id = ++last;
      fetches.set(id, events);
      order({ id, get: url, start, end });
      return () => {
        if (fetches.delete(id)) order({ id, stop: true });
      };
    },
    close: () => worker.terminate(),
  };
}

function take<T>(map: Map<number, T>, id: number): T | undefined {
  const value = map.get(id);
  map.delete(id);
  return value;
}
