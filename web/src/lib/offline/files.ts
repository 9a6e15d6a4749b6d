/**
 * Bytes in the origin's private file system, which no other site and no other program of the listener sees. A file appears
 * under its name when it is whole, or not at all: until then the browser writes beside it.
 */

/** Tracks as they are; sealed files as they are sealed; pictures that came out of those; what opens those besides a key. */
export type Folder = "kept" | "sealed" | "covers" | "papers";

/** There is no such storage here: private windows of some browsers, old ones. */
export class NoStorage extends Error {}

const ROOT = "opensound";
/** Bytes that are in memory when a file is copied. */
const PIECE = 4 << 20;

async function folder(name: Folder): Promise<FileSystemDirectoryHandle> {
  try {
    const root = await navigator.storage.getDirectory();
    return await (await root.getDirectoryHandle(ROOT, { create: true })).getDirectoryHandle(name, { create: true });
  } catch (error) {
    throw new NoStorage("this browser has no private files", { cause: error });
  }
}

/** A file that was written whole; `undefined` if there is none. */
export async function open(where: Folder, name: string): Promise<File | undefined> {
  try {
    const file = await (await (await folder(where)).getFileHandle(name)).getFile();
    return file.size > 0 ? file : undefined;
  } catch {
    return undefined;
  }
}

/** A file that is being written. */
export interface Draft {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Now it is there. */
  finish(): Promise<void>;
  /** Nothing of it stays. */
  discard(): Promise<void>;
}

export async function draft(where: Folder, name: string): Promise<Draft> {
  const parent = await folder(where);
  const handle = await parent.getFileHandle(name, { create: true });
  if (!("createWritable" in handle)) {
    await parent.removeEntry(name).catch(() => undefined);
    throw new NoStorage("this browser cannot write private files from a page");
  }
  const stream = await handle.createWritable();
  return {
    write: (bytes) => stream.write(bytes),
    finish: () => stream.close(),
    async discard() {
      await stream.abort().catch(() => undefined);
      await parent.removeEntry(name).catch(() => undefined);
    },
  };
}

/** Gives a file another name. Where browsers cannot, it is written once more. */
export async function rename(where: Folder, from: string, to: string): Promise<void> {
  const parent = await folder(where);
  const handle = (await parent.getFileHandle(from)) as FileSystemFileHandle & { move?(name: string): Promise<void> };
  if (handle.move) return handle.move(to);
  const [file, target] = [await handle.getFile(), await draft(where, to)];
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await target.write(new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer()));
    }
    await target.finish();
  } catch (error) {
    await target.discard();
    throw error;
  }
  await parent.removeEntry(from);
}

export async function remove(where: Folder, name: string): Promise<void> {
  try {
    await (await folder(where)).removeEntry(name);
  } catch {
    // It was not there.
  }
}

/** What is there by name, with its size in bytes. */
export async function list(where: Folder): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  try {
    const entries = (await folder(where)) as unknown as AsyncIterable<readonly [string, FileSystemHandle]>;
    for await (const [name, handle] of entries) {
      if (handle.kind === "file") found.set(name, (await (handle as FileSystemFileHandle).getFile()).size);
    }
  } catch {
    // No storage: nothing is there.
  }
  return found;
}
