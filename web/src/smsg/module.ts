/** The WebAssembly module, loaded once in the place that runs it, and its errors as `SealedError`s. */

import * as wasm from "../wasm/osp_wasm.js";
import { SealedError } from "./types";

export type Module = typeof wasm;

let loading: Promise<Module> | undefined;

/** The module, ready. `source`: its address, bytes, or compiled form. A failed load is tried again by the next caller. */
export function load(source: URL | string | BufferSource | WebAssembly.Module): Promise<Module> {
  loading ??= wasm.default({ module_or_path: source }).then(
    () => wasm,
    (error: unknown) => {
      loading = undefined;
      throw new SealedError("unsupported", `the opening program could not be started: ${String(error)}`);
    },
  );
  return loading;
}

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
