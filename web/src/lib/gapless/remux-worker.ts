/** Remuxes files as their bytes come: `osp_media::remux` in a worker, so that no page waits for it. */

import init, { Remuxer } from "../../wasm-remux/osp_remux_wasm.js";
import moduleUrl from "../../wasm-remux/osp_remux_wasm_bg.wasm?url";
import type { Answer, Progress, Question, Stream } from "./protocol";

const page = globalThis as unknown as { postMessage(answer: Answer, transfer: Transferable[]): void };
const ready = init({ module_or_path: new URL(moduleUrl, import.meta.url) });
const files = new Map<number, Remuxer>();
/** Files whose stream has been told. */
const told = new Set<number>();

const NOTHING = new Uint8Array(0);

globalThis.addEventListener("message", ({ data }: MessageEvent<Question>) => {
  // What comes before the module is there waits in the order it came, and is answered in it.
  void ready.then(
    () => {
      try {
        const progress = answer(data);
        page.postMessage({ progress }, [progress.bytes.buffer]);
      } catch (error) {
        refuse(error);
      }
    },
    (error: unknown) => refuse(error),
  );
});

function refuse(error: unknown) {
  const { problem = "internal", message } = error as { problem?: string; message?: string };
  page.postMessage({ problem, message: String(message ?? error) }, []);
}

function answer(question: Question): Progress {
  const { file } = question;
  if (question.ask === "open") {
    files.set(file, new Remuxer(question.type, question.size));
    return { position: 0, bytes: NOTHING.slice() };
  }
  const remuxer = files.get(file);
  if (!remuxer) throw new Error("this file is closed");
  if (question.ask === "close") {
    files.delete(file);
    told.delete(file);
    remuxer.free();
    return { position: 0, bytes: NOTHING.slice() };
  }
  let bytes = NOTHING.slice();
  if (question.ask === "seek") remuxer.seek(question.seconds);
  else bytes = remuxer.push(question.bytes) as Uint8Array<ArrayBuffer>;
  return { position: remuxer.position, stream: stream(file, remuxer), end: remuxer.end, first: remuxer.first, bytes };
}

function stream(file: number, remuxer: Remuxer): Stream | undefined {
  const { mime, init: head, start } = remuxer;
  if (mime === undefined || told.has(file)) return undefined;
  told.add(file);
  return { mime, init: (head ?? NOTHING) as Uint8Array<ArrayBuffer>, bare: remuxer.bare, scale: remuxer.scale, start: start ?? 0 };
}
