/** The module in Chromium: every vector by both faces, large files by way of the disk, and the drop-in on pages as they are. */

import { expect, test as base, type Page } from "@playwright/test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import type * as Smsg from "../src/smsg";
import { classOf, index, pageClassOf, type Case } from "../tests/smsg/vectors";
import type * as EveryFile from "./smsg/every-file";
import { FileServer } from "./smsg/server";

declare const smsg: typeof Smsg;
declare const everyFile: typeof EveryFile;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A page in the shape of the original's own: `Go`, a streamed program, then the event or the flag. */
const ORIGINAL_SHAPE = `<!doctype html><title>A page of the original</title>
<script src="/drop-in/borg-smsg.js"></script>
<script>
  const events = [];
  document.addEventListener("borgstmf:ready", (event) => events.push(event.detail.version));
  const ways = {
    streaming: (imports) => WebAssembly.instantiateStreaming(fetch("stmf.wasm"), imports),
    buffer: async (imports) => WebAssembly.instantiate(await (await fetch("stmf.wasm")).arrayBuffer(), imports),
  };
  async function start() {
    const go = new Go();
    const { instance } = await ways[location.search.slice(1)](go.importObject);
    go.run(instance);
    await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error("Timeout")), 5000);
      if (typeof BorgSMSG !== "undefined" && BorgSMSG.ready) resolve();
      else document.addEventListener("borgstmf:ready", () => resolve());
    });
    return BorgSMSG.version;
  }
  const started = location.search ? start() : undefined;
</script>`;

const test = base.extend<object, { server: FileServer }>({
  server: [
    async ({}, use) => {
      const out = mkdtempSync(join(tmpdir(), "smsg-e2e-"));
      const input = { page: here("smsg/page.ts"), "every-file": here("smsg/every-file.ts") };
      const output = { entryFileNames: "[name].js" } as const;
      const shared = { root: here(".."), configFile: false, logLevel: "warn", publicDir: false, base: "/built/" } as const;
      await build({
        ...shared,
        build: { outDir: out, target: "es2022", rollupOptions: { input, output, preserveEntrySignatures: "strict" } },
        worker: { format: "es" },
      });
      await build({ ...shared, configFile: here("../vite.borg.config.ts"), build: { outDir: join(out, "drop-in") } });
      const server = await FileServer.start(
        { built: out, "drop-in": join(out, "drop-in"), vectors: here("../../spec/vectors/smsg") },
        {
          "/modern": `<!doctype html><title>t</title><script type="module">
            import "/built/page.js"; import * as everyFile from "/built/every-file.js"; Object.assign(globalThis, { everyFile, ready: true });</script>`,
          "/plain": `<!doctype html><title>t</title><script>const events = []; document.addEventListener("borgstmf:ready", (e) => events.push(e.detail.version));</script>
            <script src="/drop-in/borg-smsg.js"></script>`,
          "/original": ORIGINAL_SHAPE,
        },
      );
      await use(server);
      await server.stop();
      rmSync(out, { recursive: true, force: true });
    },
    { scope: "worker" },
  ],
});

const wantedBy = (judge: (vector: Case) => string) => index.cases.map((vector) => ({ vector, outcome: judge(vector) }));

async function modern(page: Page, server: FileServer): Promise<void> {
  await page.goto(`${server.url}/modern`);
  await page.waitForFunction("globalThis.ready");
}

test("every vector, by the modern face in its Worker", async ({ page, server }) => {
  await modern(page, server);
  expect(await page.evaluate((all) => everyFile.everyFile(all), wantedBy(pageClassOf))).toEqual([]);
});

test("every vector, by the original's calls", async ({ page, server }) => {
  await modern(page, server);
  await page.addScriptTag({ url: `${server.url}/drop-in/borg-smsg.js` });
  expect(await page.evaluate((all) => everyFile.everyFileByBorg(all), wantedBy(classOf))).toEqual([]);
});

test("a chunked file is unlocked and read by ranges", async ({ page, server }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/vectors/")) asked.push(request.headers().range ?? "all");
  });
  await modern(page, server);
  const vector = index.cases.find(({ id }) => id === "v3c-daily-64k")!;
  const [first] = vector.expect.attachments!;
  const size = await page.evaluate(
    async ({ id, fingerprint, now }) => {
      const sealed = await smsg.inspect(new URL("/vectors/v3c-daily-64k.smsg", location.href));
      const release = await sealed.unlock({ kind: "licence", id, fingerprint }, { now });
      return (await release.read(0, 150_000, 1_000_000)).length;
    },
    { id: vector.license!, fingerprint: vector.fingerprint!, now: vector.now_unix! },
  );
  expect(size).toBe(first!.len - 150_000);
  expect(asked.length).toBeGreaterThan(1);
  expect(asked).not.toContain("all");
});

test("content too large for memory lies in the origin's file system while it is open, and nowhere afterwards", async ({ page, server }) => {
  await modern(page, server);
  const found = await page.evaluate(async () => {
    const MIB = 1 << 20;
    const names = async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("smsg", { create: true });
      const list: string[] = [];
      for await (const name of folder.keys()) list.push(name);
      return list.length;
    };
    // What a crashed tab would have left.
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("smsg", { create: true });
    await folder.getFileHandle("left-behind", { create: true });

    const piece = new Uint8Array(MIB);
    for (let at = 0; at < MIB; at += 65_536) crypto.getRandomValues(piece.subarray(at, at + 65_536));
    const content = new Blob(Array.from({ length: 80 }, () => piece));
    const draft = { message: { body: "large" }, attachments: [{ name: "a.bin", content }] };
    const file = await smsg.seal(draft, { format: "v2", key: "pw" });
    const sealed = await smsg.inspect(file);
    let last = 0;
    const release = await sealed.unlock({ kind: "key", key: "pw" }, { onProgress: (done, total) => (last = done / total) });
    const open = await names();
    const part = await release.read(0, 79 * MIB, 80 * MIB);
    const same = part.every((byte, at) => byte === piece[at]);
    release.close();
    for (let tries = 0; tries < 100 && (await names()) > 0; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    return { open, same, last, closed: await names(), size: release.attachments[0]!.size };
  });
  expect(found).toEqual({ open: 1, same: true, last: expect.closeTo(1, 1) as unknown, closed: 0, size: 80 << 20 });
});

test("an unlocking that nobody wants any more is ended, and the file opens again", async ({ page, server }) => {
  await modern(page, server);
  const outcome = await page.evaluate(async () => {
    const content = new Blob([new Uint8Array(100 << 20)]);
    const file = await smsg.seal({ message: { body: "x" }, attachments: [{ name: "a", content }] }, { format: "v2", key: "pw" });
    const sealed = await smsg.inspect(file);
    const stop = new AbortController();
    const unlocking = sealed.unlock({ kind: "key", key: "pw" }, { signal: stop.signal, onProgress: () => stop.abort() });
    const problem = await unlocking.then(
      () => "opened",
      (error: unknown) => (error as Smsg.SealedError).problem,
    );
    const release = await sealed.unlock({ kind: "key", key: "pw" });
    return [problem, release.attachments[0]!.size];
  });
  expect(outcome).toEqual(["aborted", 100 << 20]);
});

declare const started: Promise<string>;
declare const events: string[];
declare const BorgSMSG: Record<string, (...args: unknown[]) => Promise<unknown>> & { ready: boolean };
declare const BorgSTMF: unknown;

test.describe("a page of the original with one script tag changed", () => {
  for (const way of ["streaming", "buffer"]) {
    test(`starts (${way}) without its program, hears the event once, and works`, async ({ page, server }) => {
      await page.goto(`${server.url}/original?${way}`);
      const version = await page.evaluate(() => started);
      expect(version).toMatch(/^1\.6\.0/);
      await expect.poll(() => page.evaluate(() => events)).toEqual([version]);
      const body = await page.evaluate(async () => BorgSMSG.quickDecrypt!(await BorgSMSG.encrypt!({ body: "hello" }, "pw"), "pw"));
      expect(body).toBe("hello");
      expect(await page.evaluate(() => typeof BorgSTMF)).toBe("undefined");
    });
  }

  test("other programs are compiled as ever", async ({ page, server }) => {
    await page.goto(`${server.url}/original`);
    const exports = await page.evaluate(async () => {
      // (module (func (export "f") (result i32) i32.const 7))
      const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11]);
      const { instance } = await WebAssembly.instantiate(bytes, {});
      return (instance.exports.f as () => number)();
    });
    expect(exports).toBe(7);
  });

  test("and without Go hears the event, too", async ({ page, server }) => {
    await page.goto(`${server.url}/plain`);
    await expect.poll(() => page.evaluate(() => events.length)).toBe(1);
    expect(await page.evaluate(() => BorgSMSG.ready)).toBe(true);
  });
});
