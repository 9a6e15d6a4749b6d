/** One sealed file in the Worker: read, unlocked, read from. Knows nothing of threads, so that it is tested without. */

import type { Cek, Key, Prefix } from "../wasm-older/osp_wasm";
import { BlobFile, BytesFile, type LocalFile } from "./files";
import { describe, FIRST_READ, readPrefix } from "./header";
import type { Module, Modules } from "./module";
import { isRelease, ReleaseSession } from "./release/session";
import { ChunkedRelease, WholeRelease, type OpenRelease } from "./releases";
import { BlobRemote, UrlRemote, type Remote } from "./remote";
import { Store } from "./store";
import { SealedError, type Credential, type SealedInfo } from "./types";

/** A source as it crosses to the Worker: text is a Blob of its characters. `artist`: who must have signed what is at the address. */
export type WorkerSource = Blob | { readonly url: string; readonly artist?: string };

export interface UnlockWish {
  readonly now: number;
  readonly ignoreExpiry: boolean;
  readonly maxDecompressed: number | undefined;
  /** 3.0: the highest number of a table beside this file that was seen before. */
  readonly tableSeen?: number | undefined;
}

/** Progress is told at most this often, bytes. */
const PROGRESS_STEP = 2 << 20;
/** Files over this are read twice by the module. */
const TWO_PASSES = 64 << 20;

/** A sealed file whose header was read. */
export interface OpenSession {
  readonly info: SealedInfo;
  unlock(
    credential: Credential,
    wish: UnlockWish,
    progress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<OpenRelease>;
  close(): void;
}

/** Reads the header of a file of any version. */
export async function inspect(modules: Modules, source: WorkerSource, now: number, signal?: AbortSignal): Promise<OpenSession> {
  const remote = source instanceof Blob ? new BlobRemote(source) : new UrlRemote(new URL(source.url));
  const beginning = await remote.range(0, FIRST_READ, signal);
  if (isRelease(beginning)) {
    const artist = source instanceof Blob ? undefined : source.artist;
    return ReleaseSession.inspect(await modules.release(), remote, beginning, artist, signal);
  }
  return Session.inspect(await modules.older(), remote, beginning, now, signal);
}

/** A file of the older formats. */
export class Session implements OpenSession {
  private constructor(
    private readonly module: Module,
    private readonly remote: Remote,
    private readonly prefix: Prefix,
    readonly info: SealedInfo,
  ) {}

  static async inspect(
    module: Module,
    remote: BlobRemote | UrlRemote,
    beginning: Uint8Array,
    now: number,
    signal?: AbortSignal,
  ): Promise<Session> {
    const prefix = await readPrefix(module, remote, beginning, signal);
    return new Session(module, remote, prefix, describe(prefix, remote.size, now));
  }

  async unlock(
    credential: Credential,
    wish: UnlockWish,
    progress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<OpenRelease> {
    return this.info.chunked ? this.unlockChunks(credential, wish, progress, signal) : this.unlockWhole(credential, wish, progress, signal);
  }

  private async unlockChunks(
    credential: Credential,
    wish: UnlockWish,
    progress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<OpenRelease> {
    if (credential.kind !== "licence") throw wrongKind("licence");
    if (!wish.ignoreExpiry && this.prefix.isExpired(wish.now)) throw expired(this.info.expiresAt ?? 0);
    const { id, fingerprint } = credential;
    const cek: Cek = this.prefix.unwrap(id, fingerprint, wish.now, undefined);
    const seekable = !this.prefix.isBase64 && !(this.remote instanceof UrlRemote && this.remote.ranges === false);
    const source = seekable ? { remote: this.remote, close: () => {} } : keptSource(await this.keep(progress, signal));
    try {
      const chunks = this.prefix.chunks(source.remote.size);
      if (!chunks) throw new SealedError("internal", "a chunked file without chunks");
      return await ChunkedRelease.open(this.module, source, chunks, cek, signal);
    } catch (error) {
      source.close();
      throw error;
    }
  }

  private async unlockWhole(
    credential: Credential,
    wish: UnlockWish,
    progress: (done: number, total: number) => void,
    signal?: AbortSignal,
  ): Promise<OpenRelease> {
    if (credential.kind === "preview") throw wrongKind("key");
    const { Key } = this.module;
    const key: Key =
      credential.kind === "key" ? Key.password(credential.key) : Key.licence(credential.id, credential.fingerprint, wish.now, undefined);
    const file = await this.local(progress, signal);
    try {
      signal?.throwIfAborted();
      const passes = file.size > TWO_PASSES && this.info.format !== "v1" ? 2 : 1;
      return await WholeRelease.open(this.module, counted(file, file.size * passes, progress), key, {
        now: wish.ignoreExpiry ? undefined : wish.now,
        maxDecompressed: wish.maxDecompressed,
        compressed: this.info.compression !== "none",
      });
    } finally {
      key.free();
      file.close();
    }
  }

  /** The binary file where it can be read at once: a Blob as it is, everything else kept first. */
  private async local(progress: (done: number, total: number) => void, signal?: AbortSignal): Promise<LocalFile> {
    if (this.remote instanceof BlobRemote && !this.prefix.isBase64) return blobFile(this.remote.blob);
    return this.keep(progress, signal);
  }

  /** The binary file in a store: downloaded, decoded. */
  private async keep(progress: (done: number, total: number) => void, signal?: AbortSignal): Promise<LocalFile> {
    let file: LocalFile;
    if (this.remote instanceof BlobRemote) file = await blobFile(this.remote.blob);
    else file = await download(this.remote, progress, signal);
    if (!this.prefix.isBase64) return file;
    const decoded = await Store.open(file.size);
    try {
      this.module.decodeFile(file, { write: (bytes) => decoded.append(bytes) });
      return decoded;
    } catch (error) {
      decoded.close();
      throw error;
    } finally {
      file.close();
    }
  }

  close(): void {
    this.prefix.free();
  }
}

/** All of a source, in a store. */
export async function download(
  remote: Remote,
  progress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<LocalFile> {
  const total = remote.size;
  const store = await Store.open(total ?? Infinity);
  try {
    let told = 0;
    for await (const bytes of remote.all(signal)) {
      store.append(bytes);
      if (store.size - told >= PROGRESS_STEP) progress((told = store.size), Math.max(total ?? 0, store.size));
    }
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/** A Blob that can be read at once: directly where a thread may block, else from memory (Node, in tests). */
export async function blobFile(blob: Blob): Promise<LocalFile> {
  return typeof FileReaderSync === "function" ? new BlobFile(blob) : new BytesFile(new Uint8Array(await blob.arrayBuffer()));
}

/** A kept file as chunks are read from it. */
export function keptSource(file: LocalFile): { remote: Remote; close(): void } {
  const range = async (start: number, end: number) => {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, file.size) - start));
    return bytes.subarray(0, file.read(start, bytes));
  };
  const pieces = async function* (start: number, end: number) {
    yield await range(start, end);
  };
  return { remote: { size: file.size, range, pieces, all: notAgain }, close: () => file.close() };
}

function notAgain(): never {
  throw new SealedError("internal", "a kept file is not downloaded again");
}

/** Tells how far reading is. */
function counted(file: LocalFile, total: number, progress: (done: number, total: number) => void): LocalFile {
  let [done, told] = [0, 0];
  return {
    size: file.size,
    read(offset, into) {
      const got = file.read(offset, into);
      done += got;
      if (done - told >= PROGRESS_STEP) progress(Math.min((told = done), total), total);
      return got;
    },
    close: () => file.close(),
  };
}

function wrongKind(wanted: "licence" | "key"): SealedError {
  if (wanted === "key") return new SealedError("password_required", "nothing in this file is open to everybody; type your licence key");
  return new SealedError(
    "license_required",
    "this file is opened by a licence id, not by a key; give the licence id (and fingerprint) you were given",
  );
}

function expired(at: number): SealedError {
  return new SealedError(
    "expired",
    `the licence of this file ended at ${new Date(at * 1000).toISOString()}; ask the artist for a new one. The date is the artist's request, written in the file, not a lock`,
    at,
  );
}
