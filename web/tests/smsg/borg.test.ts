// @vitest-environment node
/** The original's calls over every file of the vectors: results in its shapes, errors that begin as its own do. */

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { calls } from "../../src/smsg/borg/calls";
import { manifestFromWire, type WireManifest } from "../../src/smsg/wire";
import { sha256, startModule } from "./module";
import { byId, bytesOf, classOf, FROZEN, fromHex, index, named, type Case } from "./vectors";

type Result = Record<string, unknown> & {
  attachments?: { name: string; mime: string; size: number; data?: Uint8Array; content?: string }[];
};
let borg: Record<string, (...args: unknown[]) => Promise<unknown>>;

beforeAll(() => {
  borg = calls(Promise.resolve(startModule()));
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterAll(() => {
  vi.useRealTimers();
});

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);
const base64 = (vector: Case) => (vector.file.endsWith(".b64") ? text(bytesOf(vector.file)) : Buffer.from(bytesOf(vector.file)).toString("base64"));
const licence = (vector: Case) => ({ license: vector.license, fingerprint: vector.fingerprint });
const at = (vector: Case) => vi.setSystemTime((vector.now_unix ?? FROZEN) * 1000);

/** Every call that opens this file. */
function openings(vector: Case): [string, () => Promise<unknown>][] {
  const file = base64(vector);
  if (vector.kind === "decrypt_v3") return [["decryptV3", () => borg.decryptV3!(file, licence(vector))]];
  const asText: [string, () => Promise<unknown>][] = [
    ["decrypt", () => borg.decrypt!(file, vector.password)],
    ["decryptStream", () => borg.decryptStream!(file, vector.password)],
    ["quickDecrypt", () => borg.quickDecrypt!(file, vector.password)],
  ];
  if (vector.kind === "decrypt_password_base64") return asText;
  return [...asText, ["decryptBinary", () => borg.decryptBinary!(bytesOf(vector.file), vector.password)]];
}

/** What a call must give for a file that the original opens, too. */
function wanted(name: string, { expect: { message, attachments = [] } }: Case): unknown {
  if (name === "quickDecrypt") return message!.body;
  const { subject, body, from, timestamp = 0, meta, reply_key: key } = message!;
  const list = attachments.map((a) => ({ name: a.name, mime: a.mime ?? "", size: a.len, sha256: a.sha256 }));
  return {
    body,
    timestamp,
    ...(subject && { subject }),
    ...(from && { from }),
    ...(list.length && { attachments: list }),
    ...(name === "decrypt" && meta && { meta }),
    ...(name === "decrypt" &&
      key && {
        replyKey: {
          publicKey: key.public_key,
          keyId: key.key_id ?? "",
          algorithm: key.algorithm ?? "",
          fingerprint: key.fingerprint ?? "",
        },
      }),
  };
}

/** A result with contents replaced by their hashes, and without the header's part. */
function hashed(result: unknown): unknown {
  if (typeof result !== "object" || result === null) return result;
  const { attachments, header: _, manifest: __, ...rest } = result as Result;
  const list = attachments?.map(({ data, content, ...attachment }) => ({
    ...attachment,
    sha256: sha256(data ?? new Uint8Array(Buffer.from(content!, "base64"))),
  }));
  return { ...rest, ...(list && { attachments: list }) };
}

const opens = ({ id, expect: { ok } }: Case) => ok && id !== "q-v3c-whitespace-attachment";

describe("what opens gives what the original gives", () => {
  it.each(byId((vector) => classOf(vector) === "ok" && opens(vector)))("%s", async (_, vector) => {
    at(vector);
    for (const [name, opening] of openings(vector)) expect([name, hashed(await opening())]).toEqual([name, wanted(name, vector)]);
  });
});

describe("what does not is refused, and the module works on", () => {
  it.each(byId((vector) => classOf(vector) !== "ok"))("%s", async (_, vector) => {
    at(vector);
    for (const [name, opening] of openings(vector)) {
      await expect(opening(), name).rejects.toThrow(/^(v3 )?decryption failed: |^license is required|^invalid base64: /);
    }
    at(named("v2-zstd"));
    await expect(borg.quickDecrypt!(base64(named("v2-zstd")), named("v2-zstd").password)).resolves.toBeTypeOf("string");
  });
});

describe("getInfo and getInfoBinary", () => {
  it.each(byId((vector) => vector.get_info !== undefined && classOf(vector) === "ok" && vector.expect.ok))("%s", async (_, vector) => {
    at(vector);
    const info = (await borg.getInfoBinary!(bytesOf(vector.file))) as Result;
    expect(await borg.getInfo!(base64(vector))).toEqual(info);
    const { manifest, ...header } = vector.get_info as { manifest?: WireManifest };
    expect(info).toMatchObject(header);
    if (manifest) expect(info.manifest).toMatchObject(manifestFromWire(manifest));
    else expect(info).not.toHaveProperty("manifest");
  });
});

describe("chunk by chunk", () => {
  it.each(byId((vector) => vector.chunks !== undefined))("%s", async (_, vector) => {
    at(vector);
    const file = bytesOf(vector.file);
    const cek = (await borg.unwrapV3CEK!(base64(vector), licence(vector))) as string;
    expect(Buffer.from(cek, "base64").toString("hex")).toBe(vector.cek_hex);

    const header = (await borg.parseV3Header!(file)) as {
      payloadOffset: number;
      cadence: string;
      wrappedKeys: object[];
      chunked: { totalChunks: number; index: { offset: number; size: number }[] };
    };
    const key = await borg.unwrapCEKFromHeader!(header.wrappedKeys, licence(vector), header.cadence);
    expect(key).toEqual(new Uint8Array(Buffer.from(cek, "base64")));
    const info = (await borg.getV3ChunkInfo!(base64(vector))) as { chunked: object; isChunked: boolean };
    expect([info.isChunked, info.chunked]).toEqual([true, header.chunked]);

    for (const { i, sha256: hash } of vector.chunks!) {
      const { offset, size } = header.chunked.index[i]!;
      const start = header.payloadOffset + offset;
      expect(sha256((await borg.decryptChunkDirect!(file.subarray(start, start + size), key)) as Uint8Array)).toBe(hash);
      expect(sha256((await borg.decryptV3Chunk!(base64(vector), cek, i)) as Uint8Array)).toBe(hash);
    }
    await expect(borg.decryptV3Chunk!(base64(vector), cek, header.chunked.totalChunks)).rejects.toThrow("failed to decrypt chunk: ");
  });

  it("parses headers from as little as there is", async () => {
    for (const { id, bytes_hex, ok, payload_offset } of index.v3_header_prefix) {
      const parsing = borg.parseV3Header!(fromHex(bytes_hex));
      // The original looks neither at the container's version nor at the header length's first byte here.
      if (ok && bytes_hex.slice(8, 12) === "0200") expect([id, await parsing]).toMatchObject([id, { format: "v3", payloadOffset: payload_offset }]);
      else await expect(parsing, id).rejects.toThrow("failed to parse header: ");
    }
  });

  it("opens the boxes with fixed nonces", async () => {
    for (const { key_hex, plaintext_hex, sealed_hex } of index.sigil) {
      const opened = (await borg.decryptChunkDirect!(fromHex(sealed_hex), fromHex(key_hex))) as Uint8Array;
      expect(Buffer.from(opened).toString("hex")).toBe(plaintext_hex);
    }
  });
});

describe("encrypt", () => {
  const content = Buffer.from("<html>").toString("base64");

  it("writes what decrypt reads", async () => {
    vi.setSystemTime(FROZEN * 1000);
    const file = (await borg.encrypt!(
      {
        body: "Hello",
        subject: "s",
        from: "f",
        attachments: [{ name: "a.html", content, mime: "text/html" }],
        replyKey: { publicKey: "cGs=" },
        meta: { k: "v" },
      },
      "pw",
      "a hint",
    )) as string;
    expect(await borg.getInfo!(file)).toMatchObject({ hint: "a hint", version: "1.0" });
    expect(await borg.decrypt!(file, "pw")).toEqual({
      body: "Hello",
      subject: "s",
      from: "f",
      timestamp: FROZEN,
      attachments: [{ name: "a.html", content, mime: "text/html", size: 6 }],
      replyKey: { publicKey: "cGs=", keyId: "", algorithm: "x25519", fingerprint: "" },
      meta: { k: "v" },
    });
    await expect(borg.decrypt!(file, "other")).rejects.toThrow("decryption failed: ");
  });

  it("with a manifest numbers its tracks", async () => {
    vi.setSystemTime(FROZEN * 1000);
    const manifest = { title: "T", expiresAt: FROZEN + 60, tracks: [{ title: "Intro", start: 0 }, { title: "Drop", start: 61.5, type: "drop" }] };
    const file = (await borg.encryptWithManifest!({ body: "b" }, "pw", manifest)) as string;
    expect(((await borg.getInfo!(file)) as Result).manifest).toEqual({
      title: "T",
      expiresAt: FROZEN + 60,
      isExpired: false,
      timeRemaining: 60,
      tracks: [
        { title: "Intro", start: 0, trackNum: 1 },
        { title: "Drop", start: 61.5, type: "drop", trackNum: 2 },
      ],
    });
  });
});

describe("adaptive manifests", () => {
  it("are parsed and chosen from", async () => {
    for (const { file, parsed, select } of index.abr) {
      const manifest = await borg.parseABRManifest!(text(bytesOf(file)));
      expect([file, manifest]).toEqual([file, parsed]);
      for (const { bandwidth, selected } of select) {
        const choosing = borg.selectVariant!(manifest, bandwidth);
        if ((manifest as { variants: unknown[] }).variants.length === 0) await expect(choosing).rejects.toThrow("manifest has no variants");
        else expect([file, bandwidth, await choosing]).toEqual([file, bandwidth, selected]);
      }
    }
  });

  it("of other versions and shapes are refused", async () => {
    const bad = index.abr_negative.filter((negative) => !negative.ok);
    expect(bad.length).toBeGreaterThan(0);
    for (const { json } of bad) await expect(borg.parseABRManifest!(json), json).rejects.toThrow("failed to parse ABR manifest: ");
  });
});

describe("arguments", () => {
  it("too few are named as the original names them", async () => {
    const least: Record<string, number> = { decryptV3Chunk: 3, encryptWithManifest: 3, getInfo: 1, getInfoBinary: 1, getV3ChunkInfo: 1, parseV3Header: 1, parseABRManifest: 1 };
    for (const [name, call] of Object.entries(borg)) {
      for (let given = 0; given < (least[name] ?? 2); given += 1) {
        await expect(call(...Array.from({ length: given }, () => "")), name).rejects.toThrow(`${name} requires ${least[name] ?? 2}`);
      }
    }
    expect(Object.keys(borg)).toHaveLength(17);
  });

  it("of any kind end in a rejected promise, and the module works on", async () => {
    const odd = [undefined, null, 0, -1, 1e300, Number.NaN, "", "x", "\ud800", [], {}, [null], { variants: 3 }, { license: {} }, new Uint8Array(), new Uint8Array(3), Symbol.iterator, () => 1];
    for (const [name, call] of Object.entries(borg)) {
      for (const a of odd) for (const b of odd) await call(a, b, a).catch((error: unknown) => expect(error, name).toBeInstanceOf(Error));
    }
    at(named("v2-zstd"));
    await expect(borg.quickDecrypt!(base64(named("v2-zstd")), named("v2-zstd").password)).resolves.toBeTypeOf("string");
  });
});
