/** base64 as the original's calls take and give it. */

import { BytesFile } from "../files";
import type { Module } from "../module";

/** How long decoded text is kept: pages call with the same text again and again, `decryptV3Chunk` once per chunk. */
const KEPT_MS = 10_000;

let kept: { readonly text: string; readonly bytes: Uint8Array } | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** The binary file that a text stands for. */
export function decodeFile(module: Module, text: string): Uint8Array {
  if (kept?.text === text) return kept.bytes;
  const bytes = decode(module, text);
  kept = { text, bytes };
  clearTimeout(timer);
  timer = setTimeout(() => (kept = undefined), KEPT_MS);
  // In Node: nothing waits for it.
  (timer as { unref?: () => void }).unref?.();
  return bytes;
}

function decode(module: Module, text: string): Uint8Array {
  const source = new TextEncoder().encode(text);
  const out = new Uint8Array(Math.ceil(source.length / 4) * 3);
  let length = 0;
  module.decodeFile(new BytesFile(source), {
    write(bytes) {
      out.set(bytes, length);
      length += bytes.length;
    },
  });
  return out.subarray(0, length);
}

/** Characters per call: the arguments of a call have a limit. */
const STEP = 0x8000;

/** base64 of bytes. */
export function encode(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += STEP) binary += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(binary);
}

/** The bytes of a short base64 text. */
export function decodeShort(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}
