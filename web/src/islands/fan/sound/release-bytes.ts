/** The bytes of a recording of an opened release, straight from what decrypts them. */

import type { Bytes, Opened } from "../../../lib/gapless/bytes";
import type { Content, Item } from "../content";

/** Bytes that are asked for at once. */
const PIECE = 256 << 10;

export class ReleaseBytes implements Bytes {
  constructor(
    private readonly content: Content,
    private readonly item: Item,
  ) {}

  open(position: number, _road: number, signal: AbortSignal): Promise<Opened> {
    const { content, item } = this;
    const { size, type } = item;
    const stop = new AbortController();
    signal.addEventListener("abort", () => stop.abort(), { once: true });
    let at = position;
    const read = async () => {
      if (at >= size) return { done: true };
      const bytes = await content.read(item, at, Math.min(at + PIECE, size), stop.signal);
      at += bytes.length;
      // A view of something larger must not take all of it along to the worker.
      const value = (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()) as Uint8Array<ArrayBuffer>;
      return { done: false, value };
    };
    const cancel = () => {
      stop.abort();
      return Promise.resolve();
    };
    return Promise.resolve({ type, size, from: position, reader: { read, cancel } });
  }

  /** What is damaged, or gone, was told to the listener: it is not tried again behind their back. */
  isFinal(): boolean {
    return this.content.failed;
  }
}
