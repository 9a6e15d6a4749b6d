// @vitest-environment node
/** Version 3.0 by the page's own face: every vector, ranges, seeking, cuts, damage, what arrives before something is wrong. */

import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SealedError, type Credential, type Release } from "../../src/smsg";
import { inspectWith } from "../../src/smsg/client";
import * as module from "../../src/wasm-release/osp_wasm.js";
import * as stretching from "../../src/wasm-stretch/osp_stretch_wasm.js";
import { connection, sha256, startModule } from "./module";

interface Case {
  readonly name: string;
  readonly file?: string;
  readonly hex?: string;
  readonly flip?: number;
  readonly cut?: number;
  readonly append?: string;
  readonly open: { readonly key?: string; readonly passphrase?: string; readonly open?: true; readonly licence?: string; readonly table?: string };
  readonly ranges?: readonly (readonly [number, number])[];
  readonly sha256?: string;
  readonly serial?: number;
  readonly class?: string;
}

const folder = new URL("../../../spec/vectors/smsg3/", import.meta.url);
const fileOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const { cases } = JSON.parse(readFileSync(new URL("files.json", folder), "utf8")) as { cases: Case[] };
const hex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));

beforeAll(() => {
  startModule();
  stretching.initSync({ module: readFileSync(new URL("../../src/wasm-stretch/osp_stretch_wasm_bg.wasm", import.meta.url)) });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** The case's bytes, changed as it says. */
function bytesOf({ file, hex: written, flip, cut, append }: Case): Uint8Array<ArrayBuffer> {
  let bytes = file === undefined ? hex(written ?? "") : fileOf(file);
  if (flip !== undefined) bytes[flip]! ^= flip === 5 ? 0x80 : 1;
  if (cut !== undefined) bytes = bytes.slice(0, cut);
  if (append !== undefined) bytes = Uint8Array.from([...bytes, ...hex(append)]);
  return bytes as Uint8Array<ArrayBuffer>;
}

function credentialOf({ open }: Case): Credential {
  if (open.open) return { kind: "preview" };
  const licence = open.licence === undefined ? {} : { licence: licenceBytes(open.licence) };
  return { kind: "key", key: open.key ?? "", ...licence };
}

/** A file's name, or hexadecimal. */
const licenceBytes = (said: string) => (said.endsWith(".smsgl") ? fileOf(said) : hex(said));

/** The plaintext of all chunks that open, in order: what stands before a stretch for decoders is left out. */
async function everything(release: Release, file: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (const [at, { size, stretch }] of release.attachments.entries()) {
    const bytes = await release.read(at, 0, size);
    const init = stretch!.whole || stretch!.start === 0 ? 0 : initLength(file, stretch!.part);
    pieces.push(bytes.subarray(init));
  }
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

function initLength(file: Uint8Array, part: number): number {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(5);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(9, 9 + length))) as { parts: { init?: string }[] };
  return Buffer.from(header.parts[part]!.init ?? "", "base64url").length;
}

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof SealedError ? error.problem : error),
  );

describe("the vectors", () => {
  const byPage = cases.filter(({ open }) => open.table === undefined && open.passphrase === undefined);
  it("are most of the cases", () => expect(byPage.length).toBeGreaterThan(60));

  it.each(byPage.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const file = bytesOf(each);
    let serial: number | undefined;
    const opened = (async () => {
      const sealed = await inspectWith(connection(), new Blob([file]));
      try {
        const release = await sealed.unlock(credentialOf(each));
        serial = release.serial;
        if (each.ranges) expect(release.terms?.ranges).toEqual(each.ranges);
        return sha256(await everything(release, file));
      } finally {
        sealed.close();
      }
    })();
    if (each.class === undefined) expect(await opened).toBe(each.sha256);
    else expect(await problemOf(opened)).toBe(each.class);
    if (each.serial !== undefined) expect(serial).toBe(each.serial);
  });

  const passphrases = cases.filter(({ open }) => open.passphrase !== undefined);
  it.each(passphrases.map((each) => [each.name, each] as const))("passphrase: %s", (_, each) => {
    const file = bytesOf(each);
    const open = () => {
      const front = new module.ReleaseFront(undefined);
      for (let wanted = front.needs(); wanted; wanted = front.needs()) front.take(file.slice(wanted[0], wanted[1]));
      const release = front.finish();
      const { slots } = JSON.parse(release.describe()) as { slots: { kdf: string; cost: number[]; salt: number[] }[] };
      for (const [number, { kdf, cost, salt }] of slots.entries()) {
        const stretched = stretching.stretch(each.open.passphrase!, kdf, Float64Array.from(cost), Uint8Array.from(salt));
        const keys = release.openSlot(number, stretched);
        if (keys) return (JSON.parse(keys.terms()) as { ranges: unknown }).ranges;
      }
      return "no_valid_key";
    };
    let found: unknown;
    try {
      found = open();
    } catch (error) {
      found = (error as { problem: string }).problem;
    }
    expect(found).toEqual(each.class ?? each.ranges);
  });
});
