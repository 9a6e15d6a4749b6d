/** Every call of the original's `BorgSMSG`: same arguments, same results, same beginnings of error messages. */

import type { Cek, Prefix } from "../../wasm-older/osp_wasm";
import type { Module } from "../module";
import { unixNow } from "../sealed";
import { SealedError } from "../types";
import { headerToWire, type WireHeader } from "../wire";
import * as take from "./arguments";
import { decodeFile, decodeShort, encode } from "./base64";
import { collect, type Collected } from "./collect";
import { draft, manifestOf } from "./draft";
import * as shapes from "./shapes";

type Call = (...args: unknown[]) => Promise<unknown>;

/** The calls, over a module that may still be loading. */
export function calls(loading: Promise<Module>): Record<string, Call> {
  /** A call that needs so many arguments, and what it says when there are fewer. */
  const call =
    (least: number, tooFew: string, work: (module: Module, args: readonly unknown[]) => unknown): Call =>
    async (...args) => {
      if (args.length < least) throw new Error(tooFew);
      return work(await loading, args);
    };

  return {
    decrypt: call(2, "decrypt requires 2 arguments: encryptedBase64, password", (module, [file, password]) =>
      failing("decryption failed", () => {
        const { message, attachments, contents } = byPassword(module, decodeFile(module, take.text(file, "encryptedBase64")), password);
        return { ...shapes.message(message), ...shapes.encoded(attachments, contents), ...shapes.details(message) };
      }),
    ),
    decryptStream: call(2, "decryptStream requires 2 arguments: encryptedBase64, password", (module, [file, password]) =>
      failing("decryption failed", () => binaryResult(byPassword(module, decodeFile(module, take.text(file, "encryptedBase64")), password))),
    ),
    decryptBinary: call(2, "decryptBinary requires 2 arguments: Uint8Array, password", (module, [file, password]) =>
      failing("decryption failed", () => binaryResult(byPassword(module, take.bytes(file, "the file"), password))),
    ),
    quickDecrypt: call(2, "quickDecrypt requires 2 arguments: encryptedBase64, password", (module, [file, password]) =>
      failing("decryption failed", () => byPassword(module, decodeFile(module, take.text(file, "encryptedBase64")), password).message.body),
    ),
    getInfo: call(1, "getInfo requires 1 argument: encryptedBase64", (module, [file]) =>
      failing("failed to get info", () => infoOf(module, decodeFile(module, take.text(file, "encryptedBase64")))),
    ),
    getInfoBinary: call(1, "getInfoBinary requires 1 argument: Uint8Array", (module, [file]) =>
      failing("failed to get info", () => infoOf(module, take.bytes(file, "the file"))),
    ),
    encrypt: call(2, "encrypt requires 2 arguments: messageObject, password", (module, [message, password, hint]) =>
      failing("encryption failed", () => sealV1(module, message, password, undefined, typeof hint === "string" && hint !== "" ? hint : undefined)),
    ),
    encryptWithManifest: call(
      3,
      "encryptWithManifest requires 3 arguments: messageObject, password, manifestObject",
      (module, [message, password, manifest]) =>
        failing("encryption failed", () => sealV1(module, message, password, manifest ?? undefined, undefined)),
    ),
    decryptV3: call(2, "decryptV3 requires 2 arguments: encryptedBase64, {license, fingerprint}", (module, [text, params]) => {
      const [id, fingerprint] = licence(params, "license is required for v3 decryption");
      const file = failing("invalid base64", () => decodeFile(module, take.text(text, "encryptedBase64")));
      return failing("v3 decryption failed", () => {
        const header = v3Header(module, file, (found) => found.header);
        const opened = collect(module, file, module.Key.licence(id, fingerprint, unixNow(), undefined));
        return { ...binaryResult(opened), ...shapes.openedHeader(header, unixNow()) };
      });
    }),
    getV3ChunkInfo: call(1, "getV3ChunkInfo requires 1 argument: encryptedBase64", (module, [text]) => {
      const file = failing("invalid base64", () => decodeFile(module, take.text(text, "encryptedBase64")));
      return withV3(module, file, ({ header }) => shapes.chunkInfo(header, unixNow()));
    }),
    unwrapV3CEK: call(2, "unwrapV3CEK requires 2 arguments: encryptedBase64, {license, fingerprint}", (module, [text, params]) => {
      const [id, fingerprint] = licence(params, "license is required");
      const file = failing("invalid base64", () => decodeFile(module, take.text(text, "encryptedBase64")));
      return withV3(module, file, ({ prefix }) =>
        failing("failed to unwrap CEK", () => encode(freed(prefix.unwrap(id, fingerprint, unixNow(), undefined)))),
      );
    }),
    decryptV3Chunk: call(3, "decryptV3Chunk requires 3 arguments: encryptedBase64, cekBase64, chunkIndex", (module, [text, key, chunk]) => {
      const file = failing("invalid base64", () => decodeFile(module, take.text(text, "encryptedBase64")));
      const cek = failing("invalid CEK base64", () => decodeShort(take.text(key, "cekBase64")));
      return openChunkOf(module, file, cek, chunk);
    }),
    parseV3Header: call(1, "parseV3Header requires 1 argument: Uint8Array", (module, [file]) =>
      failing("failed to parse header", () =>
        v3Header(module, take.bytes(file, "the file"), ({ header, prefix }) => shapes.parsedHeader(header, prefix.payloadOffset, unixNow())),
      ),
    ),
    unwrapCEKFromHeader: call(
      2,
      "unwrapCEKFromHeader requires 2-3 arguments: wrappedKeys, {license, fingerprint}, [cadence]",
      (module, [keys, params, cadence]) => {
        const [id, fingerprint] = licence(params, "license is required");
        return failing("failed to unwrap CEK", () => {
          const pairs = (Array.isArray(keys) ? keys : []).flatMap((key: unknown) => {
            const wrapped = take.object(key, "a wrapped key");
            return [take.member(wrapped, "date") ?? "", take.member(wrapped, "wrapped") ?? ""];
          });
          // The original reads "" as daily, too.
          const named = typeof cadence === "string" && cadence !== "" ? cadence : undefined;
          return freed(module.unwrapKeys(pairs, id, fingerprint, unixNow(), named));
        });
      },
    ),
    decryptChunkDirect: call(
      2,
      "decryptChunkDirect requires 2 arguments: chunkBytes (Uint8Array), cek (Uint8Array)",
      (module, [chunk, key]) => failing("decryption failed", () => openChunk(module, take.bytes(key, "cek"), 0, take.bytes(chunk, "chunkBytes"))),
    ),
    parseABRManifest: call(1, "parseABRManifest requires 1 argument: jsonString", (module, [json]) =>
      failing("failed to parse ABR manifest", () => {
        const abr = module.Abr.parse(new TextEncoder().encode(take.text(json, "jsonString")));
        try {
          const manifest = JSON.parse(abr.toJson()) as { variants: unknown };
          return { ...manifest, variants: manifest.variants ?? [] };
        } finally {
          abr.free();
        }
      }),
    ),
    selectVariant: call(2, "selectVariant requires 2 arguments: manifest, bandwidthBPS", (module, [manifest, bandwidth]) => {
      const variants = take.listMember(take.object(manifest, "manifest"), "variants");
      if (variants.length === 0) throw new Error("manifest has no variants");
      const bandwidths = variants.map((variant) => ({ bandwidth: Math.trunc(take.numberMember(variant, "bandwidth") ?? 0) }));
      const abr = module.Abr.parse(new TextEncoder().encode(JSON.stringify({ version: "abr-v1", variants: bandwidths })));
      try {
        return abr.select(Math.trunc(Number(bandwidth)));
      } finally {
        abr.free();
      }
    }),
  };
}

/** Runs `work`; what it throws gets the original's beginning, and keeps our class as `problem`. */
function failing<T>(beginning: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message, problem } = error as { message?: unknown; problem?: unknown };
    const failure = new Error(`${beginning}: ${String(message ?? error)}`, { cause: error });
    throw typeof problem === "string" ? Object.assign(failure, { problem }) : failure;
  }
}

function byPassword(module: Module, file: Uint8Array, password: unknown): Collected {
  return collect(module, file, module.Key.password(take.text(password, "password")));
}

const binaryResult = ({ message, attachments, contents }: Collected) => ({
  ...shapes.message(message),
  ...shapes.binary(attachments, contents),
});

/** Covers most headers, so that a growing file is not copied anew with every call. */
const FIRST_LOOK = 64 << 10;

function withPrefix<T>(module: Module, file: Uint8Array, work: (prefix: Prefix) => T): T {
  let prefix = module.Prefix.parse(file.subarray(0, FIRST_LOOK));
  try {
    const more = prefix.needMore;
    if (more !== undefined && more <= file.length) {
      prefix.free();
      prefix = module.Prefix.parse(file.subarray(0, more));
    }
    if (prefix.needMore !== undefined) throw new Error(`need at least ${prefix.needMore} bytes, got ${file.length}`);
    if (prefix.isBase64) throw new Error("base64 text where bytes were expected");
    return work(prefix);
  } finally {
    prefix.free();
  }
}

function infoOf(module: Module, file: Uint8Array): shapes.Plain {
  return withPrefix(module, file, (prefix) => {
    const written = JSON.parse(prefix.headerAsWritten()) as { version?: string; algorithm?: string };
    return shapes.info(JSON.parse(prefix.header()) as WireHeader, written, unixNow());
  });
}

function v3Header<T>(module: Module, file: Uint8Array, work: (found: { header: WireHeader; prefix: Prefix }) => T): T {
  return withPrefix(module, file, (prefix) => {
    const header = JSON.parse(prefix.header()) as WireHeader;
    if (header.format !== "v3") throw new SealedError("not_v3", "not a v3 file");
    return work({ header, prefix });
  });
}

/** As `v3Header`, for the calls that tell a bad header from what comes after it. */
function withV3<T>(module: Module, file: Uint8Array, work: (found: { header: WireHeader; prefix: Prefix }) => T): T {
  failing("failed to get v3 header", () => v3Header(module, file, () => undefined));
  return v3Header(module, file, work);
}

function openChunkOf(module: Module, file: Uint8Array, cek: Uint8Array, index: unknown): Uint8Array {
  return withV3(module, file, ({ header, prefix }) => {
    if (!header.chunked) throw new SealedError("not_v3", "not a chunked v3 file");
    return failing("failed to decrypt chunk", () => {
      const chunk = take.index(index);
      const chunks = prefix.chunks(file.length)!;
      const [start, end] = chunks.place(chunk);
      chunks.free();
      if (start === undefined) throw new RangeError("chunk index out of range");
      return openChunk(module, cek, chunk, file.subarray(start, end));
    });
  });
}

function openChunk(module: Module, key: Uint8Array, chunk: number, sealed: Uint8Array): Uint8Array {
  const cek = module.Cek.fromBytes(key);
  try {
    return module.openChunk(cek, chunk, sealed);
  } finally {
    cek.free();
  }
}

function sealV1(module: Module, message: unknown, password: unknown, manifest: unknown, hint: string | undefined): string {
  const stated = manifest === undefined ? undefined : manifestOf(take.object(manifest, "manifestObject"));
  const { json, files } = draft(take.object(message, "messageObject"), unixNow());
  const key = module.Key.password(take.text(password, "password"));
  const pieces: Uint8Array[] = [];
  let length = 0;
  const write = (bytes: Uint8Array) => {
    pieces.push(bytes.slice());
    length += bytes.length;
  };
  try {
    module.seal(json, headerToWire("v1", stated, hint), key, 0, files, { write });
  } finally {
    key.free();
  }
  const file = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return encode(file);
}

/** Licence id and fingerprint of the original's parameter object. */
function licence(params: unknown, missing: string): [string, string] {
  const object = take.object(params, "{license, fingerprint}");
  const id = take.member(object, "license");
  if (!id) throw new SealedError("license_required", missing);
  return [id, take.member(object, "fingerprint") ?? ""];
}

function freed(cek: Cek): Uint8Array {
  const bytes = cek.toBytes();
  cek.free();
  return bytes;
}
