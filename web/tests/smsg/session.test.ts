// @vitest-environment node
/** What the modern face does beyond the vectors: ranges, caches, sealing, keys, adaptive manifests, hostile claims. */

import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { checkKey, newKey, openAbr, SealedError, type Target } from "../../src/smsg";
import { inspectWith, sealWith } from "../../src/smsg/client";
import { connection, sha256, startModule } from "./module";
import { bytesOf, credentialOf, FROZEN, index, named } from "./vectors";

let module: ReturnType<typeof startModule>;
beforeAll(() => {
  module = startModule();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Compared by hash: element by element takes seconds. */
const same = (bytes: Uint8Array, wanted: Uint8Array) => expect(sha256(bytes)).toBe(sha256(wanted));

const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: unknown) => (error instanceof SealedError ? error.problem : error),
  );

/** A server for one file, and the ranges that were asked of it. */
function serve(file: Uint8Array<ArrayBuffer>, { ranges = true, status = 200, etags = ['"1"'] } = {}): (readonly [number, number] | "all")[] {
  const asked: (readonly [number, number] | "all")[] = [];
  vi.stubGlobal("fetch", async (_: URL, { headers = {} }: { headers?: Record<string, string> } = {}) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(headers.Range ?? "");
    const etag = etags[Math.min(asked.length, etags.length - 1)]!;
    if (status !== 200 || !range || !ranges) {
      asked.push("all");
      return new Response(file, { status, headers: { "Content-Length": String(file.length), ETag: etag } });
    }
    const [start, end] = [Number(range[1]), Math.min(Number(range[2]) + 1, file.length)];
    asked.push([start, end]);
    if (start >= file.length) return new Response(null, { status: 416 });
    const total = { "Content-Range": `bytes ${start}-${end - 1}/${file.length}`, ETag: etag };
    return new Response(file.slice(start, end), { status: 206, headers: total });
  });
  return asked;
}

const address = new URL("https://music.example/release.smsg");
const licence = { kind: "licence", id: "lic", fingerprint: "" } as const;
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 2_654_435_761) >>> 24);

async function sealed(content: Uint8Array, target: Target): Promise<Uint8Array<ArrayBuffer>> {
  const draft = { message: { body: "b" }, attachments: [{ name: "a.bin", mime: "audio/mpeg", content }] };
  return new Uint8Array(await (await sealWith(connection(), draft, target)).arrayBuffer());
}

describe("a chunked file at an address", () => {
  const content = noise(1_000_000);
  const target: Target = { format: "v3", licence: { id: "lic", fingerprint: "" }, now: FROZEN, chunk: 50_000 };

  it("is unlocked with its beginning, and read by the ranges that are needed", async () => {
    const file = await sealed(content, target);
    const asked = serve(file);
    const opened = await inspectWith(connection(), address);
    expect(opened.info).toMatchObject({ format: "v3", opensWith: "licence", size: file.length, chunked: { chunkSize: 50_000 } });
    const release = await opened.unlock(licence, { now: FROZEN });
    expect(release.attachments).toEqual([{ name: "a.bin", mime: "audio/mpeg", size: content.length }]);
    expect(asked).toHaveLength(2);

    const part = await release.read(0, 420_000, 520_000);
    same(part, content.subarray(420_000, 520_000));
    expect(asked.length).toBeLessThanOrEqual(2 + 3 + 1);
    const before = asked.length;
    await release.read(0, 430_000, 440_000);
    expect(asked.length, "an opened chunk is not fetched again").toBe(before);
    expect(asked).not.toContain("all");
    opened.close();
  });

  it("streams whole", async () => {
    serve(await sealed(content, target));
    const release = await (await inspectWith(connection(), address)).unlock(licence, { now: FROZEN });
    const bytes = new Uint8Array(await new Response(release.stream(0)).arrayBuffer());
    same(bytes, content);
    same(new Uint8Array(await new Response(release.stream(0, 10, 60_000)).arrayBuffer()), content.subarray(10, 60_000));
  });

  it("is downloaded whole where the server does no ranges", async () => {
    const asked = serve(await sealed(content, target), { ranges: false });
    const release = await (await inspectWith(connection(), address)).unlock(licence, { now: FROZEN });
    const requests = asked.length;
    same(await release.read(0, 999_000, 2_000_000), content.subarray(999_000));
    expect(asked.length).toBe(requests);
  });

  it("that changes in between is found out", async () => {
    serve(await sealed(content, target), { etags: ['"1"', '"1"', '"2"'] });
    const release = await (await inspectWith(connection(), address)).unlock(licence, { now: FROZEN });
    expect(await problemOf(release.read(0, 500_000, 500_001))).toBe("changed");
  });

  it("is not there", async () => {
    serve(new Uint8Array(4), { status: 404 });
    expect(await problemOf(inspectWith(connection(), address))).toBe("network");
  });

  it("stops when it is told to", async () => {
    serve(await sealed(content, target));
    const opened = await inspectWith(connection(), address);
    const release = await opened.unlock(licence, { now: FROZEN });
    expect(await problemOf(release.read(0, 0, 1, AbortSignal.abort()))).toBe("aborted");
    release.close();
    expect(await problemOf(release.read(0, 0, 1))).toBe("aborted");
    expect(await problemOf(opened.unlock(licence, { now: FROZEN })), "the file itself is still open").toBe("ok");
    expect(await problemOf(opened.unlock({ kind: "key", key: "x" }))).toBe("license_required");
  });

  it("of any other format is downloaded, with progress", async () => {
    const asked = serve(await sealed(noise(6_000_000), { format: "v2", key: "pw" }));
    const opened = await inspectWith(connection(), address);
    const told: number[] = [];
    const release = await opened.unlock({ kind: "key", key: "pw" }, { onProgress: (done) => told.push(done) });
    expect(release.attachments[0]!.size).toBe(6_000_000);
    expect(asked.at(-1)).toBe("all");
    expect(told.length).toBeGreaterThan(1);
    expect(await problemOf(release.read(1, 0, 1))).toBe("out_of_range");
  });
});

describe("sealing", () => {
  const targets: Target[] = [
    { format: "v1", key: "pw" },
    { format: "v2", key: "pw" },
    { format: "v3", licence: { id: "lic", fingerprint: "" }, now: FROZEN, chunk: 1000 },
  ];
  it.each(targets)("and opening again: %o", async (target) => {
    const content = noise(10_000);
    const file = new Blob([await sealed(content, target)]);
    const credential = target.format === "v3" ? licence : ({ kind: "key", key: "pw" } as const);
    const release = await (await inspectWith(connection(), file)).unlock(credential, { now: FROZEN });
    expect(release.message.body).toBe("b");
    same(await release.read(0, 0, content.length), content);
  });

  it("nothing, or without a key, is refused", async () => {
    expect(await problemOf(sealWith(connection(), { message: { body: "" } }, { format: "v2", key: "pw" }))).toBe("empty_message");
    expect(await problemOf(sealWith(connection(), { message: { body: "b" } }, { format: "v2", key: "" }))).toBe("password_required");
  });
});

describe("a manifest's date", () => {
  it("is kept to unless the listener says otherwise", async () => {
    const file = new Blob([bytesOf(named("v2-expired-manifest").file)]);
    const opened = await inspectWith(connection(), file);
    expect(opened.info).toMatchObject({ isExpired: true, opensWith: "key" });
    expect(opened.info.expiresAt).toBeGreaterThan(0);
    const credential = credentialOf(named("v2-expired-manifest"));
    expect(await problemOf(opened.unlock(credential))).toBe("expired");
    expect(await problemOf(opened.unlock(credential, { ignoreExpiry: true }))).toBe("ok");
  });
});

describe("licence keys", () => {
  it.each(["code", "words", "uuid"] as const)("of style %s are made, and checked", async (style) => {
    const key = await newKey(style);
    expect((await checkKey(key)).state).toBe(style === "uuid" ? "form-only" : "good");
    expect(await newKey(style)).not.toBe(key);
  });

  it("with a typing error are found", async () => {
    const key = await newKey("code", "MGH");
    const wrong = key.slice(0, -1) + (key.endsWith("Q") ? "P" : "Q");
    expect(await checkKey(wrong)).toMatchObject({ state: "typo", message: expect.any(String) as string });
    expect((await checkKey("a password of my own")).state).toBe("unknown");
  });
});

describe("adaptive manifests", () => {
  it("give the original's choices", async () => {
    for (const { file, select, parsed } of index.abr) {
      const abr = await openAbr(new Blob([bytesOf(file)]));
      expect(abr.variants).toEqual((parsed as { variants: unknown[] }).variants);
      for (const { bandwidth, selected } of select) expect([file, bandwidth, abr.select(bandwidth)]).toEqual([file, bandwidth, selected]);
    }
  });

  it("estimate as the original does", async () => {
    // The mean of the last three: how many are kept beyond that makes no difference.
    const { steps } = index.bandwidth_estimator.find(({ max_samples }) => max_samples >= 3)!;
    const abr = await openAbr(new Blob([bytesOf("abr-presets.json")]));
    for (const { bytes, duration_ms, estimate } of steps) {
      if (bytes !== undefined) abr.record(bytes, duration_ms!);
      expect(abr.estimate()).toBe(estimate);
    }
  });

  it("name their files relative to themselves", async () => {
    serve(bytesOf("abr-presets.json"));
    const abr = await openAbr(new URL("https://music.example/live/abr.json"));
    expect(abr.urlOf(0).href).toBe("https://music.example/live/track-360p.smsg");
    const local = await openAbr(new Blob([bytesOf("abr-presets.json")]));
    expect(() => local.urlOf(0)).toThrow(SealedError);
  });
});

describe("hostile claims", () => {
  const header = (length: number) => new Uint8Array([0x53, 0x4d, 0x53, 0x47, 2, length >>> 24, length >>> 16, length >>> 8, length]);
  const works = async () => {
    const good = named("v2-zstd");
    const opened = await inspectWith(connection(), new Blob([bytesOf(good.file)]));
    return problemOf(opened.unlock(credentialOf(good), { ignoreExpiry: true }));
  };

  it("of lengths ask for no memory", async () => {
    for (const length of [0, 1, 0xffff, 16 << 20, (16 << 20) + 1, 0x7fffffff, 0xffffffff]) {
      expect(await problemOf(inspectWith(connection(), new Blob([header(length)])))).not.toBe("ok");
    }
    expect(await works()).toBe("ok");
  });

  it("of files that lie about their size end in an error", async () => {
    const sink = { message() {}, content() {} };
    for (const size of [Infinity, Number.NaN, -1, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 53, 1e300]) {
      const file = { size, read: () => 0 };
      expect(() => module.openFile(file, module.Key.password("x"), undefined, undefined, sink), String(size)).toThrow();
      const liar = { size, read: () => 2 ** 40 };
      expect(() => module.openFile(liar, module.Key.password("x"), undefined, undefined, sink), String(size)).toThrow();
    }
    expect(await works()).toBe("ok");
  });

  it("of callbacks that throw are errors, and objects that were freed throw", async () => {
    const angry = { size: 100, read: () => { throw new Error("no"); } };
    const sink = { message() {}, content() {} };
    expect(() => module.openFile(angry, module.Key.password("x"), undefined, undefined, sink)).toThrow(/no/);
    const key = module.Key.password("x");
    key.free();
    expect(() => module.openFile(angry, key, undefined, undefined, sink)).toThrow();
    const long = "x".repeat((16 << 20) + 1);
    expect(() => module.Key.password(long)).toThrow(/over the limit/);
    expect(() => module.checkKey(long)).toThrow(/over the limit/);
    expect(() => module.Prefix.parse(new Uint8Array(64 << 20))).toThrow(/over the limit/);
    expect(await works()).toBe("ok");
  });
});
