/**
 * The WebAssembly modules, each loaded once in the place that runs it and only when it is needed, and their errors as
 * `SealedError`s.
 */

import * as wasm from "../wasm-older/osp_wasm.js";
import * as releaseWasm from "../wasm/osp_wasm.js";
import { SealedError } from "./types";

/** Sealed files of the older formats. */
export type Module = typeof wasm;
/** Sealed files of version 3.0, and records. */
export type ReleaseModule = typeof releaseWasm;

/** How a Worker gets them. */
export interface Modules {
  older(): Promise<Module>;
  release(): Promise<ReleaseModule>;
}

type WasmSource = URL | string | BufferSource | WebAssembly.Module;

const once = <M extends { default(source: { module_or_path: WasmSource }): Promise<unknown> }>(module: M) => {
  let loading: Promise<M> | undefined;
  return (source: WasmSource): Promise<M> => {
    loading ??= module.default({ module_or_path: source }).then(
      () => module,
      (error: unknown) => {
        loading = undefined;
        throw new SealedError("unsupported", `the opening program could not be started: ${String(error)}`);
      },
    );
    return loading;
  };
};

/** The module, ready. `source`: its address, bytes, or compiled form. A failed load is tried again by the next caller. */
export const load: (source: WasmSource) => Promise<Module> = /* @__PURE__ */ once(wasm);

/** The same for that of version 3.0. */
export const loadRelease: (source: WasmSource) => Promise<ReleaseModule> = /* @__PURE__ */ once(releaseWasm);

/** Whatever was thrown, as a `SealedError`. */
export function asSealedError(error: unknown): SealedError {
  if (error instanceof SealedError) return error;
  if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
    return new SealedError("internal", `the opening program failed: ${error.message}`);
  }
  if (error instanceof DOMException && error.name === "AbortError") return new SealedError("aborted", "the reading was stopped");
  if (error instanceof DOMException && error.name === "QuotaExceededError") {
    return new SealedError("storage_full", "the browser has no room to keep the content; free some space and try again");
  }
  const { problem, message } = error as { problem?: unknown; message?: unknown };
  if (typeof problem === "string") return new SealedError(problem, String(message));
  return new SealedError("internal", String(message ?? error));
}
