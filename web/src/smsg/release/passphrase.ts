/** Passphrases: stretched in a Worker and a module of their own, which are loaded for nothing else and leave no memory behind. */

import { SealedError } from "../types";
import type { WireSlot } from "./wire";

/** To the Worker. */
export interface StretchRequest {
  readonly passphrase: string;
  readonly slot: WireSlot;
}

/** From it. */
export type StretchReply = { readonly stretched: Uint8Array } | { readonly problem: string; readonly message: string };

const start = (): Worker => new Worker(new URL("./stretch-worker.ts", import.meta.url), { type: "module", name: "smsg-passphrase" });

/** The 32 bytes that stand for a passphrase in a slot. */
export async function stretch(passphrase: string, slot: WireSlot, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const worker = start();
  try {
    const reply = await new Promise<StretchReply>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      worker.addEventListener("message", ({ data }: MessageEvent<StretchReply>) => resolve(data));
      worker.addEventListener("error", () => reject(new SealedError("unsupported", "the passphrase could not be tried in this browser")));
      // A Worker's, which has no origin to name.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage({ passphrase, slot } satisfies StretchRequest);
    });
    if ("problem" in reply) throw new SealedError(reply.problem, reply.message);
    return reply.stretched;
  } finally {
    worker.terminate();
  }
}
