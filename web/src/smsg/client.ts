/** The page's side: what `index.ts` gives out. */

import moduleUrl from "../wasm-older/osp_wasm_bg.wasm?url";
import releaseUrl from "../wasm/osp_wasm_bg.wasm?url";
import { AdaptiveManifest } from "./abr";
import { Connection, type Thread } from "./connection";
import { asSealedError, load, loadRelease, type Module } from "./module";
import { SealedFile, unixNow } from "./sealed";
import type { WorkerSource } from "./session";
import { SealedError, type Abr, type Draft, type InspectOptions, type KeyCheck, type Sealed, type Source, type Target } from "./types";
import { headerToWire, messageToWire } from "./wire";

const startWorker = (): Thread => new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "smsg" });

/** Reads the header, and nothing more: by Range requests for a URL, by small slices for a Blob. */
export async function inspect(source: Source, options?: InspectOptions): Promise<Sealed> {
  return inspectWith(new Connection(startWorker), source, options);
}

/** As `inspect`, over a given connection. */
export async function inspectWith(connection: Connection, source: Source, options: InspectOptions = {}): Promise<Sealed> {
  try {
    const crossing = toWorker(source, options.artist);
    const info = await connection.call("inspect", { source: crossing, now: unixNow() }, options);
    return new SealedFile(connection, crossing, info);
  } catch (error) {
    connection.close();
    throw error;
  }
}

function toWorker(source: Source, artist: string | undefined): WorkerSource {
  if (source instanceof URL) return { url: source.href, ...(artist !== undefined && { artist }) };
  if (typeof source !== "string") return source;
  // Bytes that somebody took for text would be read as bytes, damaged as they are.
  if (/[^\w+/=\r\n-]/.test(source.slice(0, 4096))) {
    throw new SealedError("bad_base64", "this is not base64 text; copy it again, whole, or choose the file itself");
  }
  return new Blob([source]);
}

/** Seals a release; the file as a Blob. */
export async function seal(draft: Draft, target: Target): Promise<Blob> {
  return sealWith(new Connection(startWorker), draft, target);
}

/** As `seal`, over a given connection, which it closes. */
export async function sealWith(connection: Connection, draft: Draft, target: Target): Promise<Blob> {
  const given = draft.attachments ?? [];
  const contents = given.map(({ content }) => (content instanceof Blob ? content : new Blob([content as Uint8Array<ArrayBuffer>])));
  const attachments = given.map(({ name, mime = "" }, index) => ({ name, mime, size: contents[index]!.size }));
  try {
    return await connection.call("seal", {
      message: messageToWire(draft.message, attachments),
      header: headerToWire(target.format, draft.manifest, draft.hint),
      target,
      now: unixNow(),
      contents,
    });
  } finally {
    connection.close();
  }
}

/** Looks for typing errors in a licence key, offline. `release`: by the module of version 3.0, which is the one that is needed then. */
export async function checkKey(text: string, { release = false } = {}): Promise<KeyCheck> {
  return onPage((module) => module.checkKey(text), release);
}

/** Makes a licence key. */
export async function newKey(style: "code" | "words" | "uuid" = "code", prefix?: string): Promise<string> {
  return onPage((module) => module.newKey(style, prefix));
}

/** Opens an adaptive manifest. */
export async function openAbr(manifest: URL | Blob, options: InspectOptions = {}): Promise<Abr> {
  return AdaptiveManifest.open(await load(moduleUrl), manifest, options.signal);
}

/** What takes microseconds needs no Worker. */
async function onPage<T>(work: (module: Pick<Module, "checkKey" | "newKey">) => T, release = false): Promise<T> {
  const module = release ? await loadRelease(releaseUrl) : await load(moduleUrl);
  try {
    return work(module);
  } catch (error) {
    throw asSealedError(error);
  }
}
