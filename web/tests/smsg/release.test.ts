// @vitest-environment node
/** Version 3.0 by the page's own face: every vector, ranges, seeking, cuts, damage, what arrives before something is wrong. */

import { readFileSync } from "node:fs";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SealedError, type Credential, type Release } from "../../src/smsg";
import { inspectWith } from "../../src/smsg/client";
import * as module from "../../src/wasm/osp_wasm.js";
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
  /** The keys that the artist's document names; absent: it does not answer. */
  readonly document?: readonly string[];
  readonly unchecked?: true;
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
  const table = open.table === undefined ? {} : { table: new Blob([fileOf(open.table)]) };
  return { kind: "key", key: open.key ?? "", ...licence, ...table };
}

/** The artist's web host. */
function serveDocument({ document }: Case): void {
  const id = "did:web:music.example";
  const keys = document?.map((did) => ({ id: `${id}#${did}`, type: "Multikey", controller: id, publicKeyMultibase: did.slice("did:key:".length) }));
  const found = keys && JSON.stringify({ id, assertionMethod: keys });
  vi.stubGlobal("fetch", async (address: string) => {
    expect(address).toBe("https://music.example/.well-known/did.json");
    return found ? new Response(found) : Response.error();
  });
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
  const byPage = cases.filter(({ open }) => open.passphrase === undefined);
  it("are most of the cases", () => expect(byPage.length).toBeGreaterThan(70));

  it.each(byPage.map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const file = bytesOf(each);
    serveDocument(each);
    let serial: number | undefined;
    const opened = (async () => {
      const sealed = await inspectWith(connection(), new Blob([file]));
      try {
        expect(sealed.info.release!.artistChecked).toBe(!each.unchecked);
        expect(sealed.info.warnings.some((warning) => warning.class === "artist_not_checked")).toBe(each.unchecked === true);
        const release = await sealed.unlock(credentialOf(each));
        serial = release.serial;
        if (each.ranges) expect(release.terms?.ranges).toEqual(each.ranges);
        return sha256(await everything(release, file));
      } finally {
        sealed.close();
      }
    })();
    // With another version byte the file is handed to the reader of the older formats.
    const words: Record<string, string> = { "one bit: version": "unsupported_version", "did:web: the file names no key, no document": "artist_unknown" };
    const refused = words[each.name] ?? each.class;
    if (refused === undefined) expect(await opened).toBe(each.sha256);
    else expect(await problemOf(opened)).toBe(refused);
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

describe("a file at an address", () => {
  const address = new URL("https://music.example/shop/release.smsg");
  const sold = cases.find(({ open }) => open.licence === "whole.smsgl")!;

  /** A server with files; what was asked of it, in order. */
  function serve(files: Record<string, Uint8Array>): string[] {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (url: URL, { headers = {} }: { headers?: Record<string, string> } = {}) => {
      const range = /^bytes=(\d+)-(\d+)$/.exec(headers.Range ?? "");
      asked.push(`${url.pathname}${range ? ` ${range[1]}-${range[2]}` : ""}`);
      const file = files[url.pathname] as Uint8Array<ArrayBuffer> | undefined;
      if (!file) return new Response(null, { status: 404 });
      if (!range) return new Response(file);
      const [start, end] = [Number(range[1]), Math.min(Number(range[2]) + 1, file.length)];
      if (start >= file.length) return new Response(null, { status: 416 });
      return new Response(file.slice(start, end), { status: 206, headers: { "Content-Range": `bytes ${start}-${end - 1}/${file.length}` } });
    });
    return asked;
  }

  it("finds a licence that was sold later beside it, by key and file alone", async () => {
    const files: Record<string, Uint8Array> = { "/shop/release.smsg": fileOf("release.smsg") };
    const asked = serve(files);
    const sealed = await inspectWith(connection(), address);
    const key: Credential = { kind: "key", key: sold.open.key! };
    expect(await problemOf(sealed.unlock(key))).toBe("no_valid_key");
    const name = asked.at(-1)!;
    expect(name).toMatch(/^\/shop\/[a-z2-7]{26}\.smsgl$/);
    files[name] = fileOf("whole.smsgl");
    const release = await sealed.unlock(key);
    expect(release.terms?.ranges).toEqual(sold.ranges);
    // In the link the licence needs no look: the key's own is taken, another's is not.
    const before = asked.length;
    const inLink = Buffer.from(fileOf("whole.smsgl")).toString("base64url");
    await sealed.unlock({ ...key, licence: inLink });
    expect(await problemOf(sealed.unlock({ ...key, licence: "no licence" }))).toBe("bad_licence");
    expect(await problemOf(sealed.unlock({ kind: "key", key: cases[0]!.open.key!, licence: inLink }))).toBe("no_valid_key");
    expect(asked).toHaveLength(before);
    sealed.close();
  });

  it("finds newer keys beside it, in a table under its name", async () => {
    const files: Record<string, Uint8Array> = { "/shop/bare.smsg": fileOf("bare.smsg") };
    const asked = serve(files);
    const sealed = await inspectWith(connection(), new URL("https://music.example/shop/bare.smsg?x=1#y"));
    const last = cases.find(({ name }) => name === "key 128 of 129")!;
    const key: Credential = { kind: "key", key: last.open.key! };
    expect(await problemOf(sealed.unlock(key))).toBe("no_valid_key");
    expect(asked.some((path) => path.startsWith("/shop/bare.smsgk"))).toBe(true);
    files["/shop/bare.smsgk"] = fileOf("keys-129.smsgk");
    const release = await sealed.unlock(key);
    expect(release.serial).toBe(128);
    expect(await problemOf(sealed.unlock({ kind: "key", key: cases.find(({ name }) => name === "key not among 129")!.open.key! }))).toBe("no_valid_key");
    // Another's table, and one that was changed, are no tables of this file.
    files["/shop/bare.smsgk"] = fileOf("keys-129.smsgk").map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    expect(["no_valid_key", "ok"]).not.toContain(await problemOf(sealed.unlock(key)));
    // A page of the server's, where there is nothing.
    files["/shop/bare.smsgk"] = new TextEncoder().encode("<!doctype html><title>Not here</title>");
    expect(await problemOf(sealed.unlock(key))).toBe("no_valid_key");
    // One elsewhere, of which somebody said where.
    files["/keys"] = fileOf("keys-129.smsgk");
    expect((await sealed.unlock({ ...key, table: "https://music.example/keys" })).serial).toBe(128);
    sealed.close();
  });

  it("remembers the newest table beside it, and refuses an older one", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, text: string) => kept.set(name, text) });
    const files: Record<string, Uint8Array> = { "/shop/bare.smsg": fileOf("bare.smsg"), "/shop/bare.smsgk": fileOf("keys-129.smsgk") };
    serve(files);
    // Every table has a key of this name; each visit is a page of its own.
    const key: Credential = { kind: "key", key: cases.find(({ name }) => name === "key 0 of 129")!.open.key! };
    const visit = async (credential: Credential) => {
      const sealed = await inspectWith(connection(), new URL("https://music.example/shop/bare.smsg"));
      return problemOf(sealed.unlock(credential).finally(() => sealed.close()));
    };
    expect(await visit(key)).toBe("ok");
    const id = cases.find(({ name }) => name === "key 0 of 129") as unknown as { readonly id: string };
    expect([...kept]).toEqual([[`opensound.table-seen.${id.id}`, "129"]]);
    files["/shop/bare.smsgk"] = fileOf("keys-128.smsgk");
    expect(await visit(key)).toBe("table_rollback");
    expect(await visit({ ...key, table: new Blob([fileOf("keys-1.smsgk") as Uint8Array<ArrayBuffer>]) })).toBe("table_rollback");
    files["/shop/bare.smsgk"] = fileOf("keys-129.smsgk");
    expect(await visit(key)).toBe("ok");
    kept.set([...kept.keys()][0]!, "nonsense");
    files["/shop/bare.smsgk"] = fileOf("keys-128.smsgk");
    expect(await visit(key)).toBe("ok");
  });

  it("is refused when it is by somebody else than was said", async () => {
    serve({ "/shop/release.smsg": fileOf("release.smsg") });
    const sealed = await inspectWith(connection(), address);
    const { artist } = sealed.info.release!;
    sealed.close();
    const same = await inspectWith(connection(), address, { artist });
    expect(same.info.release?.artist).toBe(artist);
    same.close();
    const other = "did:key:z6MkoBnce24mUTxSvu6NCmyxQjkfLryVb6Qhn7KTixRDEfXM";
    expect(await problemOf(inspectWith(connection(), address, { artist: other }))).toBe("wrong_artist");
  });

  it("asks once for the beginning, and then for what is read", async () => {
    const asked = serve({ "/shop/release.smsg": fileOf("release.smsg") });
    const sealed = await inspectWith(connection(), address);
    expect(sealed.info).toMatchObject({ format: "release", opensWith: "key", version: "3.0" });
    expect(sealed.info.release).toMatchObject({ artist: expect.stringMatching(/^did:key:z6Mk/) as string, signedDigests: true, passphrases: 2 });
    const release = await sealed.unlock({ kind: "key", key: cases[0]!.open.key! });
    expect(asked).toEqual(["/shop/release.smsg 0-16383"]);
    const [first] = release.attachments;
    const all = await release.read(0, 0, first!.size);
    const some = await release.readSome(0, 1000, first!.size);
    expect(some.length).toBeGreaterThan(0);
    expect(sha256(some)).toBe(sha256(all.subarray(1000, 1000 + some.length)));
    expect(asked.slice(1).every((each) => /^\/shop\/release\.smsg \d/.test(each))).toBe(true);
    const total = asked.map((each) => / (\d+)-(\d+)$/.exec(each)!).reduce((sum, [, from, to]) => sum + Number(to) + 1 - Number(from), 0);
    expect(total, "nothing is asked for twice").toBeLessThanOrEqual(Math.max(16_384, fileOf("release.smsg").length));
    sealed.close();
  });

  it("knows a cut off or longer file before anything is read", async () => {
    const whole = fileOf("release.smsg");
    serve({ "/shop/release.smsg": whole.slice(0, -1) });
    expect(await problemOf(inspectWith(connection(), address))).toBe("truncated_container");
    serve({ "/shop/release.smsg": Uint8Array.from([...whole, 0]) });
    expect(await problemOf(inspectWith(connection(), address))).toBe("trailing_bytes");
  });
});

it("knows where an artist's key is kept", () => {
  expect(module.artistDocument("did:web:artist.example")).toBe("https://artist.example/.well-known/did.json");
  expect(module.artistDocument("did:key:z6MkoBnce24mUTxSvu6NCmyxQjkfLryVb6Qhn7KTixRDEfXM")).toBeUndefined();
  expect(() => module.trustArtist("did:web:artist.example", new TextEncoder().encode("{}"))).toThrow();
});

it("refuses to stretch a passphrase at an absurd cost", () => {
  const absurd = () => stretching.stretch("a", "argon2id", Float64Array.of(1e9, 3, 4), new Uint8Array(16));
  expect(absurd).toThrow(expect.objectContaining({ problem: "work_factor" }) as Error);
});
