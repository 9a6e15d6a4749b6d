/** A sealed file and its releases, as the page holds them. */

import type { Connection } from "./connection";
import type { Calls } from "./protocol";
import type { WorkerSource } from "./session";
import { noteTable, tableSeen } from "./tables-seen";
import { SealedError, type Beside, type Credential, type Release, type Sealed, type SealedInfo, type Terms, type UnlockOptions } from "./types";

/** Bytes in a piece of a stream. */
const PIECE = 1 << 20;

export const unixNow = (): number => Math.floor(Date.now() / 1000);

export class SealedFile implements Sealed {
  constructor(
    private readonly connection: Connection,
    private readonly source: WorkerSource,
    readonly info: SealedInfo,
  ) {}

  async unlock(credential: Credential, options: UnlockOptions = {}): Promise<Release> {
    const { connection, source } = this;
    const { now = unixNow(), ignoreExpiry = false, maxDecompressed, signal } = options;
    const progress = options.onProgress && ((done: number, total: number) => options.onProgress?.(done, total));
    const file = this.info.release?.id;
    const wish = { now, ignoreExpiry, maxDecompressed, tableSeen: file === undefined ? 0 : tableSeen(file) };
    const opened = await connection.call("unlock", { source, credential, wish }, { signal, progress });
    if (file !== undefined) noteTable(file, opened.tableSeen ?? 0);
    return new OpenedRelease(connection, opened);
  }

  close(): void {
    this.connection.close();
  }
}

class OpenedRelease implements Release {
  readonly message;
  readonly attachments;
  readonly terms?: Terms;
  readonly serial?: number;
  readonly beside?: Beside;
  private readonly generation: number;
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly opened: Calls["unlock"]["answer"],
  ) {
    this.message = opened.message;
    this.attachments = opened.attachments;
    if (opened.terms) this.terms = opened.terms;
    if (opened.serial !== undefined) this.serial = opened.serial;
    if (opened.beside) this.beside = opened.beside;
    this.generation = connection.generation;
  }

  async read(attachment: number, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.checkOpen();
    return this.connection.call("read", { release: this.opened.release, attachment, start, end, some: false }, { signal });
  }

  async readSome(attachment: number, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.checkOpen();
    return this.connection.call("read", { release: this.opened.release, attachment, start, end, some: true }, { signal });
  }

  ahead(attachment: number, seconds: number): void {
    if (this.closed || this.generation !== this.connection.generation) return;
    void this.connection.call("ahead", { release: this.opened.release, attachment, seconds }).catch(() => {});
  }

  stream(attachment: number, start = 0, end = this.attachments[attachment]?.size ?? 0): ReadableStream<Uint8Array> {
    const stop = new AbortController();
    let at = start;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const bytes = await this.read(attachment, at, Math.min(at + PIECE, end), stop.signal);
          at += bytes.length;
          if (bytes.length > 0) controller.enqueue(bytes);
          if (bytes.length === 0 || at >= end) controller.close();
        },
        cancel: () => stop.abort(),
      },
      { highWaterMark: 1 },
    );
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.generation === this.connection.generation) {
      void this.connection.call("closeRelease", { release: this.opened.release }).catch(() => {});
    }
  }

  private checkOpen(): void {
    if (this.closed || this.generation !== this.connection.generation) throw new SealedError("aborted", "the release was closed");
  }
}
