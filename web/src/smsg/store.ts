/**
 * Where content is kept that had to be opened, or downloaded, as a whole: in memory while it is small, else in a file of the
 * origin's private file system, which no other site and no other program of the listener sees. It is removed when the release
 * is closed; what a crashed tab left behind is removed by the next one that keeps something.
 */

import type { LocalFile } from "./files";
import { SealedError } from "./types";

/** Beyond this, content goes to the file system. */
const IN_MEMORY = 32 << 20;
/** Without a file system, this much is kept in memory and no more. */
const MAX_IN_MEMORY = 256 << 20;
const FOLDER = "smsg";

/** A file of the private file system that is open. While it is, nobody can remove it. */
interface Overflow {
  readonly handle: FileSystemSyncAccessHandle;
  remove(): Promise<void>;
}

/** Bytes written once, in order, then read anywhere. */
export class Store implements LocalFile {
  size = 0;
  /** In order, while there are few. */
  private pieces: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  /** Whether the bytes are in the file. */
  private spilt = false;

  private constructor(private readonly overflow: Overflow | undefined) {}

  /** A store for `expected` bytes, `Infinity` when that cannot be known. */
  static async open(expected: number): Promise<Store> {
    if (expected <= IN_MEMORY) return new Store(undefined);
    const overflow = await openOverflow();
    if (!overflow && expected > MAX_IN_MEMORY && expected !== Infinity) throw tooLarge();
    return new Store(overflow);
  }

  append(bytes: Uint8Array): void {
    if (!this.spilt && this.size + bytes.length > (this.overflow ? IN_MEMORY : MAX_IN_MEMORY)) this.spill();
    if (this.spilt) this.write(bytes, this.size);
    else this.pieces.push({ at: this.size, bytes: bytes.slice() });
    this.size += bytes.length;
  }

  read(offset: number, into: Uint8Array): number {
    if (this.spilt) return this.overflow!.handle.read(into as Uint8Array<ArrayBuffer>, { at: offset });
    let done = 0;
    for (let at = this.find(offset); at < this.pieces.length && done < into.length; at += 1) {
      const piece = this.pieces[at]!;
      const part = piece.bytes.subarray(offset + done - piece.at).subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
    }
    return done;
  }

  close(): void {
    this.pieces = [];
    this.size = 0;
    this.overflow?.handle.close();
    // The tab may be on its way out; whoever comes next finishes this.
    void this.overflow?.remove().catch(() => {});
  }

  private spill(): void {
    if (!this.overflow) throw tooLarge();
    for (const piece of this.pieces) this.write(piece.bytes, piece.at);
    this.pieces = [];
    this.spilt = true;
  }

  private write(bytes: Uint8Array, at: number): void {
    for (let done = 0; done < bytes.length; ) {
      const written = this.overflow!.handle.write(bytes.subarray(done) as Uint8Array<ArrayBuffer>, { at: at + done });
      if (written === 0) throw storageFull();
      done += written;
    }
  }

  /** The piece that holds a place, by halving: pieces can be small and many. */
  private find(offset: number): number {
    let [low, high] = [0, this.pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.pieces[middle]!;
      if (piece.at + piece.bytes.length <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const tooLarge = () =>
  new SealedError("too_large", "this browser has no place for content of this size; leave the private window, or use another browser");

export const storageFull = () =>
  new SealedError("storage_full", "the browser has no room to keep the content; free some space and try again");

let swept: Promise<void> | undefined;

/** A new file, or nothing where there is no file system (private windows, old browsers, Node). */
async function openOverflow(): Promise<Overflow | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(FOLDER, { create: true });
    swept ??= sweep(folder);
    await swept;
    const name = crypto.randomUUID();
    const file = await folder.getFileHandle(name, { create: true });
    return { handle: await file.createSyncAccessHandle(), remove: () => folder.removeEntry(name) };
  } catch {
    return undefined;
  }
}

/** Removes what others left behind. What somebody still has open cannot be removed, so it stays. */
async function sweep(folder: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) await folder.removeEntry(name).catch(() => {});
}
