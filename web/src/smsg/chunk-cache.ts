/** Opened chunks: each is fetched once while somebody wants it, the last ones are kept, the next one is fetched ahead. */

/** What opened chunks may take, bytes; the newest is kept whatever it takes. */
const BUDGET = 16 << 20;

interface Entry {
  readonly bytes: Promise<Uint8Array>;
  readonly abort: AbortController;
  /** Readers that wait for it. */
  waiting: number;
  /** Bytes, once there. */
  size: number | undefined;
}

export class ChunkCache {
  /** The least recently used first. */
  private readonly entries = new Map<number, Entry>();

  constructor(private readonly fetchChunk: (chunk: number, signal: AbortSignal) => Promise<Uint8Array>) {}

  /** A chunk's plaintext. `signal` ends the wait, and the fetch when nobody else waits. */
  async get(chunk: number, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const entry = this.entry(chunk);
    entry.waiting += 1;
    try {
      return await (signal ? unlessAborted(entry.bytes, signal) : entry.bytes);
    } finally {
      entry.waiting -= 1;
      if (entry.waiting === 0 && entry.size === undefined) {
        entry.abort.abort();
        if (this.entries.get(chunk) === entry) this.entries.delete(chunk);
      }
    }
  }

  /** Fetches a chunk that will be wanted next. */
  ahead(chunk: number): void {
    if (!this.entries.has(chunk)) void this.get(chunk).catch(() => {});
  }

  close(): void {
    for (const entry of this.entries.values()) entry.abort.abort();
    this.entries.clear();
  }

  private entry(chunk: number): Entry {
    const found = this.entries.get(chunk);
    if (found) {
      this.entries.delete(chunk);
      this.entries.set(chunk, found);
      return found;
    }
    const abort = new AbortController();
    const entry: Entry = { bytes: this.fetchChunk(chunk, abort.signal), abort, waiting: 0, size: undefined };
    this.entries.set(chunk, entry);
    entry.bytes.then(
      (bytes) => {
        entry.size = bytes.length;
        this.evict();
      },
      () => {
        if (this.entries.get(chunk) === entry) this.entries.delete(chunk);
      },
    );
    return entry;
  }

  private evict(): void {
    const kept = [...this.entries].filter(([, entry]) => entry.size !== undefined);
    let total = kept.reduce((sum, [, entry]) => sum + entry.size!, 0);
    for (const [chunk, entry] of kept.slice(0, -1)) {
      if (total <= BUDGET) return;
      this.entries.delete(chunk);
      total -= entry.size!;
    }
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
