/** The vectors of `spec/vectors/smsg`, as the tests use them. */

import { readFileSync } from "node:fs";
import type { Credential } from "../../src/smsg";
import type { WireMessage } from "../../src/smsg/wire";

const folder = new URL("../../../spec/vectors/smsg/", import.meta.url);

/** A case of `index.json`. */
export interface Case {
  readonly id: string;
  readonly file: string;
  readonly kind: "decrypt_password" | "decrypt_password_base64" | "decrypt_v3";
  readonly password?: string;
  readonly license?: string;
  readonly fingerprint?: string;
  readonly now_unix?: number;
  readonly cek_hex?: string;
  readonly get_info?: Record<string, unknown>;
  readonly chunks?: readonly { readonly i: number; readonly len: number; readonly sha256: string }[];
  readonly expect: {
    readonly ok: boolean;
    readonly error_class?: string;
    readonly message?: WireMessage;
    readonly attachments?: readonly { readonly name: string; readonly mime?: string; readonly len: number; readonly sha256: string }[];
  };
}

interface Index {
  readonly cases: readonly Case[];
  readonly abr: readonly { readonly file: string; readonly parsed: object; readonly select: readonly { bandwidth: number; selected: number }[] }[];
  readonly abr_negative: readonly { readonly json: string; readonly ok: boolean }[];
  readonly bandwidth_estimator: readonly {
    readonly max_samples: number;
    readonly steps: readonly { bytes?: number; duration_ms?: number; estimate: number }[];
  }[];
  readonly v3_header_prefix: readonly { readonly id: string; readonly bytes_hex: string; readonly ok: boolean; readonly payload_offset?: number }[];
  readonly wrap_cek: readonly { readonly wrapped: string; readonly ok: boolean }[];
  readonly sigil: readonly { readonly key_hex: string; readonly plaintext_hex: string; readonly sealed_hex: string }[];
}

const json = (name: string): unknown => JSON.parse(readFileSync(new URL(name, folder), "utf8"));

export const index = json("index.json") as Index;
const differences = json("differences.json") as Record<string, { readonly class: string }>;

export const bytesOf = (file: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(file, folder)));

/** The class of the error that our reader ends with; `ok` when it opens the file. */
export const classOf = ({ id, expect }: Case): string => differences[id]?.class ?? (expect.ok ? "ok" : expect.error_class!);

/** The same where version 3.0 is read, too: this one has its version byte and nothing else of it. */
export const pageClassOf = (vector: Case): string => (vector.id === "n-version-3" ? "not_canonical" : classOf(vector));

export const named = (id: string): Case => index.cases.find((vector) => vector.id === id)!;

/** Cases as `it.each` takes them. */
export const byId = (filter: (vector: Case) => boolean): (readonly [string, Case])[] =>
  index.cases.filter(filter).map((vector) => [vector.id, vector]);

/** The clock of the files. */
export const FROZEN = 1_768_230_245;

export const credentialOf = ({ kind, password, license, fingerprint }: Case): Credential =>
  kind === "decrypt_v3" ? { kind: "licence", id: license ?? "", fingerprint: fingerprint ?? "" } : { kind: "key", key: password ?? "" };

export const fromHex = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, "hex"));
