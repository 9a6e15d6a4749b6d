/** The engine as WebAssembly, loaded once. */

import init, { Swarm, pieceHeader } from "../wasm-swarm/osp_swarm_wasm.js";
import module from "../wasm-swarm/osp_swarm_wasm_bg.wasm?url";

export interface Engine {
  readonly Swarm: typeof Swarm;
  readonly pieceHeader: typeof pieceHeader;
}

let loading: Promise<Engine> | undefined;

/** A failed load is tried again by the next caller. */
export function engine(): Promise<Engine> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Engine> {
  await init({ module_or_path: module });
  return { Swarm, pieceHeader };
}
