/** What a file says in the clear, from as few of its bytes as possible. */

import type { Prefix } from "../wasm-older/osp_wasm";
import type { Module } from "./module";
import type { Remote } from "./remote";
import { SealedError, type SealedInfo, type Warning } from "./types";
import { manifestFromWire, type WireHeader } from "./wire";

/** Covers the header of all but large chunked files, and of version 3.0 what stands before the chunks of a song. */
export const FIRST_READ = 16 << 10;

/** Reads on from the beginning, of `FIRST_READ` bytes, until the header is whole. */
export async function readPrefix(module: Module, remote: Remote, beginning: Uint8Array, signal?: AbortSignal): Promise<Prefix> {
  for (let want = FIRST_READ, bytes = beginning; ; bytes = await remote.range(0, want, signal)) {
    const prefix = module.Prefix.parse(bytes);
    const more = prefix.needMore;
    if (more === undefined) return prefix;
    prefix.free();
    if (bytes.length < want) {
      throw new SealedError("truncated_container", `the file ends after ${bytes.length} bytes, inside its header; download it again`);
    }
    // At least twice as much, so that a wrong guess about line breaks costs few requests.
    want = Math.max(more, want * 2);
  }
}

/** What a page shows before anybody typed a key. */
export function describe(prefix: Prefix, size: number | undefined, now: number): SealedInfo {
  const header = JSON.parse(prefix.header()) as WireHeader;
  const written = JSON.parse(prefix.headerAsWritten()) as { version?: string; algorithm?: string };
  const warnings = JSON.parse(prefix.warnings(prefix.isBase64 ? undefined : size)) as [string, string][];
  const { format = "v1", compression, hint, manifest, cadence, wrappedKeys, chunked } = header;
  return {
    version: written.version ?? "",
    algorithm: written.algorithm ?? "",
    format,
    compression: compression === "gzip" || compression === "zstd" ? compression : "none",
    ...(hint !== undefined && { hint }),
    ...(manifest && { manifest: manifestFromWire(manifest) }),
    opensWith: format === "v3" ? "licence" : "key",
    ...(cadence !== undefined && { cadence }),
    ...(wrappedKeys && { periods: wrappedKeys.map((key) => key.date) }),
    ...(chunked && {
      chunked: { chunkSize: chunked.chunkSize, totalChunks: chunked.totalChunks, totalSize: chunked.totalSize },
    }),
    ...(size !== undefined && { size }),
    encoding: prefix.isBase64 ? "base64" : "binary",
    ...(manifest?.expires_at && { expiresAt: manifest.expires_at }),
    isExpired: prefix.isExpired(now),
    warnings: warnings.map(([name, message]): Warning => ({ class: name, message })),
  };
}
