/** The Rust core as WebAssembly, fetched when the first record is to be checked. */

import type { ContentHasher, Verdict } from "../wasm/osp_wasm";
import module from "../wasm/osp_wasm_bg.wasm?url";

/** What the rest of the client uses of the core. */
export interface Core {
  verifyRecord(bytes: Uint8Array): Verdict;
  hasher(cid: string): ContentHasher;
}

let loading: Promise<Core> | undefined;

/** Loads the core once; a failed load is tried again by the next caller. */
export function core(): Promise<Core> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Core> {
  const wasm = await import("../wasm/osp_wasm.js");
  await wasm.default({ module_or_path: module });
  return { verifyRecord: wasm.verifyRecord, hasher: (cid) => new wasm.ContentHasher(cid) };
}
