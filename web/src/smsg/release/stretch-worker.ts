/** Stretches one passphrase. */

import init, { stretch } from "../../wasm-stretch/osp_stretch_wasm.js";
import moduleUrl from "../../wasm-stretch/osp_stretch_wasm_bg.wasm?url";
import type { StretchReply, StretchRequest } from "./passphrase";

const page = globalThis as unknown as { postMessage(reply: StretchReply): void };
// A Worker's, which has no origin to name.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
const answer = (reply: StretchReply) => page.postMessage(reply);

globalThis.addEventListener("message", ({ data }: MessageEvent<StretchRequest>) => {
  const { passphrase, slot } = data;
  void init({ module_or_path: new URL(moduleUrl, import.meta.url) })
    .then(() => {
      const stretched = stretch(passphrase, slot.kdf, Float64Array.from(slot.cost), Uint8Array.from(slot.salt));
      answer({ stretched });
    })
    .catch((error: unknown) => {
      const { problem = "internal", message } = error as { problem?: string; message?: string };
      answer({ problem, message: String(message ?? error) });
    });
});
