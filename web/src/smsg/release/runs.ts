/**
 * Chunks of a file of version 3.0, fetched in runs: one request for several chunks that follow each other, each opened as soon as
 * it is there. Runs grow while they are read on, so that the first sound does not wait for much, and a long listen needs few
 * requests.
 *
 * ```text
 *  get(7) --> request for chunks 7 to 10 --> 7 arrives, is verified, opened, given out --> 8 ...
 * ```
 */

import type { OpenRelease as Keys } from "../../wasm/osp_wasm";
import type { Remote } from "../remote";
import { SealedError } from "../types";
import { feed } from "./session";

/** Chunks of a first run, and of the longest. */
const FIRST = 4;
const LONGEST = 32;
/** What opened chunks may take, bytes. */
const BUDGET = 16 << 20;

interface Run {
  readonly first: number;
  readonly end: number;
  readonly abort: AbortController;
}

/** A chunk that was asked for. */
interface Entry {
  readonly run: Run;
  readonly bytes: Promise<Uint8Array>;
  readonly give: (bytes: Uint8Array) => void;
  readonly fail: (error: unknown) => void;
  waiting: number;
  /** Bytes, once there. */
  size: number | undefined;
}

export class Runs {
  /** The least recently used first. */
  private readonly entries = new Map<number, Entry>();
  private readonly running = new Set<Run>();
  private next = -1;
  private length = FIRST;
  /** Proofs are asked for one after the other. */
  private proofs: Promise<void> = Promise.resolve();
  private closed = false;

  /** `endOf`: where the stretch ends that a chunk is in, and the part that it is of. */
  constructor(
    private readonly keys: Keys,
    private readonly remote: Remote,
    private readonly endOf: (chunk: number) => { readonly part: number; readonly end: number },
  ) {}

  /** A chunk's plaintext. */
  async get(chunk: number, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    if (this.closed) throw wasClosed();
    const entry = this.entries.get(chunk) ?? this.start(chunk);
    this.entries.delete(chunk);
    this.entries.set(chunk, entry);
    entry.waiting += 1;
    try {
      return await (signal ? unlessAborted(entry.bytes, signal) : entry.bytes);
    } finally {
      entry.waiting -= 1;
    }
  }

  /** Whether a chunk can be had without waiting. */
  has(chunk: number): boolean {
    return this.entries.get(chunk)?.size !== undefined;
  }

  /** Begins to fetch what will be wanted next. */
  ahead(chunk: number): void {
    if (!this.closed && !this.entries.has(chunk)) this.start(chunk);
  }

  close(): void {
    this.closed = true;
    for (const run of this.running) run.abort.abort();
    for (const entry of this.entries.values()) entry.fail(wasClosed());
    this.entries.clear();
  }

  private start(first: number): Entry {
    // Nobody is at those places any more.
    for (const run of this.running) if (!this.isWaitedFor(run)) this.stop(run);
    this.length = first === this.next ? Math.min(this.length * 2, LONGEST) : FIRST;
    const { end: last } = this.endOf(first);
    let end = first + 1;
    while (end < last && end - first < this.length && !this.entries.has(end)) end += 1;
    this.next = end;
    const run: Run = { first, end, abort: new AbortController() };
    this.running.add(run);
    for (let chunk = first; chunk < end; chunk += 1) this.entries.set(chunk, entryOf(run));
    void this.fetch(run)
      .catch((error: unknown) => this.fail(run, error))
      .finally(() => this.running.delete(run));
    return this.entries.get(first)!;
  }

  private async fetch(run: Run): Promise<void> {
    const { signal } = run.abort;
    const [first, last] = [this.place(run.first), this.place(run.end - 1)];
    await this.prove(this.endOf(run.first).part, first[2], last[3]);
    const sealed = new Uint8Array(last[1] - first[0]);
    let [filled, at, chunk] = [0, 0, run.first];
    for await (const piece of this.remote.pieces(first[0], last[1], signal)) {
      sealed.set(piece, filled);
      filled += piece.length;
      let ready = chunk;
      while (ready < run.end && this.place(ready)[1] - first[0] <= filled) ready += 1;
      while (chunk < ready) {
        signal.throwIfAborted();
        if (this.closed) throw wasClosed();
        const end = this.place(ready - 1)[1] - first[0];
        const plain = this.keys.open(chunk, sealed.subarray(at, end));
        for (let done = 0; done < plain.length; chunk += 1) {
          const [, to, from, until] = this.place(chunk);
          this.give(chunk, plain.subarray(done, (done += until - from)));
          at = to - first[0];
        }
      }
    }
    if (chunk < run.end) throw new SealedError("truncated_container", "the file ends inside its chunks; download it again");
  }

  /** Has the digests of a stretch. */
  private prove(part: number, start: number, end: number): Promise<void> {
    // Not ended with the run: others wait for the same.
    const proof = this.proofs.then(() => {
      if (this.closed) throw wasClosed();
      this.keys.plan(part, start, end);
      return feed(this.keys, this.remote);
    });
    this.proofs = proof.catch(() => {});
    return proof;
  }

  private give(chunk: number, bytes: Uint8Array): void {
    const entry = this.entries.get(chunk);
    if (!entry) return;
    entry.size = bytes.length;
    entry.give(bytes);
    let total = [...this.entries.values()].reduce((sum, { size = 0 }) => sum + size, 0);
    for (const [old, { size, waiting }] of this.entries) {
      if (total <= BUDGET) return;
      if (size === undefined || waiting > 0 || old === chunk) continue;
      this.entries.delete(old);
      total -= size;
    }
  }

  /** What had not come yet, does not come. */
  private fail(run: Run, error: unknown): void {
    for (const [chunk, entry] of this.entries) {
      if (entry.run !== run || entry.size !== undefined) continue;
      entry.fail(error);
      this.entries.delete(chunk);
    }
  }

  private stop(run: Run): void {
    this.running.delete(run);
    this.fail(run, new DOMException("nobody waits for it", "AbortError"));
    run.abort.abort();
  }

  private isWaitedFor(run: Run): boolean {
    return [...this.entries.values()].some((entry) => entry.run === run && entry.waiting > 0);
  }

  /** Start and end in the file, start and end of the plaintext in its part. */
  private place(chunk: number): readonly [number, number, number, number] {
    return this.keys.place(chunk) as unknown as [number, number, number, number];
  }
}

function entryOf(run: Run): Entry {
  let give!: (bytes: Uint8Array) => void;
  let fail!: (error: unknown) => void;
  const bytes = new Promise<Uint8Array>((resolve, reject) => {
    [give, fail] = [resolve, reject];
  });
  // Nobody may be waiting.
  bytes.catch(() => {});
  return { run, bytes, give, fail, waiting: 0, size: undefined };
}

export const wasClosed = () => new SealedError("aborted", "the release was closed");

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
