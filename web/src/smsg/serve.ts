/** Answers the page's calls. */

import { asSealedError, type Module, type Modules } from "./module";
import type { CallName, Calls, Port, Reply, Request, SealArgs } from "./protocol";
import type { OpenRelease } from "./releases";
import { blobFile, inspect as inspectSource, type OpenSession, type WorkerSource } from "./session";
import { SealedError } from "./types";

type Handlers = {
  [Name in CallName]: (
    args: Calls[Name]["args"],
    signal: AbortSignal,
    progress: (done: number, total: number) => void,
  ) => Promise<Calls[Name]["answer"]>;
};

/** Serves one port for as long as it lives. */
export function serve(port: Port, modules: Modules): void {
  const running = new Map<number, AbortController>();
  const call = handlers(modules);

  const reply = (message: Reply, transfer: Transferable[] = []) => port.postMessage(message, transfer);

  const answer = async (data: Request): Promise<void> => {
    if ("abort" in data) {
      running.get(data.abort)?.abort();
      return;
    }
    const { id } = data;
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handle = call[data.call] as Handlers[CallName];
      const found = await handle(data.args as never, controller.signal, (done, total) => reply({ id, done, total }));
      reply({ id, answer: found }, found instanceof Uint8Array ? [found.buffer] : []);
    } catch (error) {
      const { problem, message, detail } = asSealedError(error);
      reply({ id, problem, message, detail });
    } finally {
      running.delete(id);
    }
  };
  port.addEventListener("message", (event: MessageEvent<Request>) => void answer(event.data));
}

function handlers(modules: Modules): Handlers {
  const releases = new Map<number, OpenRelease>();
  let session: Promise<OpenSession> | undefined;
  let next = 0;

  const inspect = (source: WorkerSource, now: number, signal: AbortSignal): Promise<OpenSession> => {
    session ??= inspectSource(modules, source, now, signal).catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };

  return {
    inspect: async ({ source, now }, signal) => (await inspect(source, now, signal)).info,
    async unlock({ source, credential, wish }, signal, progress) {
      const release = await (await inspect(source, wish.now, signal)).unlock(credential, wish, progress, signal);
      releases.set((next += 1), release);
      const { message, attachments, terms, serial, tableSeen, beside } = release;
      return { release: next, message, attachments, terms, serial, tableSeen, beside };
    },
    async read({ release, attachment, start, end, some }, signal) {
      const open = releases.get(release);
      if (!open) throw new SealedError("aborted", "the release was closed");
      return open.read(attachment, start, end, signal, some);
    },
    async ahead({ release, attachment, seconds }) {
      releases.get(release)?.ahead?.(attachment, seconds);
      return undefined;
    },
    async closeRelease({ release }) {
      releases.get(release)?.close();
      releases.delete(release);
      return undefined;
    },
    seal: async (args) => sealFile(await modules.older(), args),
  };
}

/** What is gathered before it becomes part of a Blob, which the browser may keep on disk. */
const BLOB_PART = 16 << 20;

/** Plaintext bytes per chunk when nobody says another number. */
const CHUNK = 1 << 20;

async function sealFile(module: Module, { message, header, target, now, contents }: SealArgs): Promise<Blob> {
  const files = await Promise.all(contents.map(blobFile));
  const blobs: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let gathered = 0;
  const flush = () => {
    blobs.push(new Blob(pieces));
    [pieces, gathered] = [[], 0];
  };
  const key =
    target.format === "v3"
      ? module.Key.licence(target.licence.id, target.licence.fingerprint, target.now ?? now, target.cadence)
      : module.Key.password(target.key);
  const chunk = target.format === "v3" ? (target.chunk ?? CHUNK) : 0;
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes.slice());
    gathered += bytes.length;
    if (gathered >= BLOB_PART) flush();
  };
  try {
    module.seal(message, header, key, chunk, files, { write });
  } finally {
    key.free();
  }
  flush();
  return new Blob(blobs, { type: "application/octet-stream" });
}
