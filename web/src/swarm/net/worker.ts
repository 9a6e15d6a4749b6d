/** The worker of `protocol.ts`. */

import { fetchRange } from "./range";
import type { News, Order } from "./protocol";

/** Longest message of a tracker that is read, in characters. */
const MAX_TEXT = 256 << 10;

interface WorkerScope {
  postMessage(news: News, transfer: Transferable[]): void;
  addEventListener(type: "message", run: (event: MessageEvent<Order>) => void): void;
}

const page = globalThis as unknown as WorkerScope;
const tell = (news: News, transfer: Transferable[] = []) => page.postMessage(news, transfer);
const sockets = new Map<number, WebSocket>();
const fetches = new Map<number, AbortController>();

page.addEventListener("message", ({ data: order }) => {
  if ("open" in order) open(order.id, order.open);
  else if ("send" in order) sockets.get(order.id)?.send(order.send);
  else if ("get" in order) void get(order.id, order.get, order.start, order.end);
  else stop(order.id);
});

function open(id: number, url: string) {
  let socket: WebSocket;
  try {
    socket = new WebSocket(url);
  } catch {
    // From a page over https, ws: is refused at once.
    tell({ id, closed: true });
    return;
  }
  sockets.set(id, socket);
  socket.addEventListener("open", () => tell({ id, opened: true }));
  socket.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "string" && data.length <= MAX_TEXT) tell({ id, text: data });
  });
  socket.addEventListener("close", () => {
    if (sockets.delete(id)) tell({ id, closed: true });
  });
}

async function get(id: number, url: string, start: number, end: number) {
  const controller = new AbortController();
  fetches.set(id, controller);
  const give = (bytes: Uint8Array<ArrayBuffer>) => {
    if (fetches.has(id)) tell({ id, bytes }, [bytes.buffer]);
  };
  const ended = await fetchRange(url, start, end, give, controller);
  if (fetches.delete(id)) tell({ id, ended });
}

function stop(id: number) {
  const socket = sockets.get(id);
  sockets.delete(id);
  socket?.close();
  const controller = fetches.get(id);
  fetches.delete(id);
  controller?.abort();
}
