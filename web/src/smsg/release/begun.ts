/** A source whose beginning is at hand: small requests are served from it. */

import type { Remote } from "../remote";

export class Begun implements Remote {
  constructor(
    private readonly remote: Remote,
    private readonly beginning: Uint8Array,
  ) {}

  get size(): number | undefined {
    return this.remote.size;
  }

  async range(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    return end <= this.beginning.length ? this.beginning.slice(start, end) : this.remote.range(start, end, signal);
  }

  /** What is at hand comes first, and is not fetched again. */
  async *pieces(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    const here = Math.min(end, this.beginning.length);
    if (start < here) yield this.beginning.slice(start, here);
    if (end > here) yield* this.remote.pieces(Math.max(start, here), end, signal);
  }

  all(signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.remote.all(signal);
  }
}
