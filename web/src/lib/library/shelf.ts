/**
 * Documents in the browser's own database: likes, playlists, what was played lately, the index of what is on this device, and
 * the keys of sealed releases that a listener asked to keep. Each change reads, alters and writes its document in one
 * transaction, so that two tabs do not undo each other's work, and tells the other tabs.
 */

const DATABASE = "opensound";
const STORE = "shelf";
const CHANNEL = "opensound.shelf";

export type Name = "likes" | "playlists" | "recent" | "kept" | "sealed" | "keys";

const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(CHANNEL);
let opened: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE));
    request.addEventListener("success", () => {
      // Another tab may want a newer layout, or to delete everything.
      request.result.addEventListener("versionchange", () => {
        request.result.close();
        opened = undefined;
      });
      resolve(request.result);
    });
    request.addEventListener("error", () => reject(request.error ?? new Error("no database")));
  });
  return opened;
}

/** A document as it was stored; `undefined` if it never was. */
export async function read(name: Name): Promise<unknown> {
  const store = (await database()).transaction(STORE).objectStore(STORE);
  const request = store.get(name);
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("not read")));
  });
}

/** Changes a document; gives what it is then. Rejects where nothing can be kept. */
export async function change<T>(name: Name, alter: (before: unknown) => T): Promise<T> {
  const transaction = (await database()).transaction(STORE, "readwrite");
  const store = transaction.objectStore(STORE);
  const request = store.get(name);
  let after: T;
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => {
      after = alter(request.result);
      store.put(after, name);
    });
    transaction.addEventListener("complete", () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
      channel?.postMessage(name);
      resolve(after);
    });
    for (const event of ["error", "abort"]) {
      transaction.addEventListener(event, () => reject(transaction.error ?? new Error("not stored")));
    }
  });
}

/** Calls back when another tab has changed a document. */
export function onChange(changed: (name: Name) => void): void {
  channel?.addEventListener("message", ({ data }) => changed(data as Name));
}
