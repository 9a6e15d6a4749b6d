/**
 * A page with the stock webtorrent client, given nothing but our magnet, in one swarm with a page of ours: each gets the track
 * from the other. The client comes with interop/swarm, where `cargo xtask test` installs it.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import { expect, test as base } from "./fixtures";
import type { DemoNode, SignedTrack } from "./node";
import { hasNetwork, listener, startServer } from "./sharing";

const client = fileURLToPath(new URL("../../interop/swarm/node_modules/webtorrent/dist/webtorrent.min.js", import.meta.url));

/** As much of webtorrent's types as is used here. */
interface Torrent {
  readonly files: readonly { arrayBuffer(): Promise<ArrayBuffer> }[];
}
const test = base.extend<{ server: DemoNode; stock: Server }>({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
  stock: async ({}, use) => {
    const files: Record<string, [string, string | Buffer]> = {
      "/": ["text/html", "<!doctype html><title>stock</title>"],
      "/webtorrent.min.js": ["text/javascript", readFileSync(client)],
    };
    const stock = createServer((request, response) => {
      const [type, body] = files[request.url ?? ""] ?? ["text/plain", ""];
      response.writeHead(200, { "Content-Type": type }).end(body);
    });
    await new Promise<void>((resolve) => stock.listen(0, "127.0.0.1", resolve));
    await use(stock);
    stock.close();
  },
});
// `cargo xtask test` installs it, and says so; without it these tests must not look as if they had passed.
test.skip(!existsSync(client) && !process.env.OSP_E2E_STOCK, "the stock client is not installed: npm ci in interop/swarm");
test.skip(!hasNetwork, "this machine has no network interface but loopback, with which Chromium makes no connection");
test.setTimeout(120_000);

/** The node's magnet without its web seed: bytes come from the other page or not at all. */
async function magnetOf(server: DemoNode, track: SignedTrack): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/tracks/${track.id.replace("osp:track:", "")}/sources`);
  const { magnet } = (await response.json()) as { magnet: string };
  return magnet.replaceAll(/&ws=[^&]*/g, "");
}

async function stockPage(browser: Browser, stock: Server): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${(stock.address() as AddressInfo).port}/`);
  return page;
}

test("the stock client downloads a track from our page", async ({ browser, server, stock }) => {
  // The stock client asks its tracker every two minutes: should the first call between the two pages fail, the second comes then.
  test.setTimeout(360_000);
  const track = server.track("Awakening");
  const ours = await listener(browser, server, false);
  await ours.open(track);
  await ours.agree();
  await ours.play();
  await ours.hasAll(sizeOf(track));

  const theirs = await stockPage(browser, stock);
  const magnet = await magnetOf(server, track);
  const sha256 = await theirs.evaluate(async (link) => {
    const { default: WebTorrent } = (await import(`${location.origin}/webtorrent.min.js`)) as {
      default: new () => { add(link: string, ready: (torrent: Torrent) => void): Torrent & { on(event: "done", run: () => void): void } };
    };
    const torrent = await new Promise<Torrent>((resolve) => {
      const added = new WebTorrent().add(link, () => undefined);
      added.on("done", () => resolve(added));
    });
    const digest = await crypto.subtle.digest("SHA-256", await torrent.files[0]!.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }, magnet);
  expect(sha256).toBe(createHash("sha256").update(await bytesOf(server, track)).digest("hex"));
  await expect.poll(async () => (await ours.numbers()).given).toBeGreaterThan(sizeOf(track) * 0.97);
  await ours.context.close();
  await theirs.context().close();
});

test("our page downloads a track from the stock client", async ({ browser, server, stock }) => {
  test.setTimeout(360_000);
  const track = server.track("Awakening");
  const theirs = await stockPage(browser, stock);
  const tracker = /tr=([^&]*announce)/.exec(await magnetOf(server, track))?.[1];
  const torrent = await (await fetch(`${server.url}/torrents/${/btih:(\w{40})/.exec(String(track.torrent))?.[1]}.torrent`)).arrayBuffer();
  const infohash = await theirs.evaluate(
    async ({ bytes, name, announce }) => {
      const { default: WebTorrent } = (await import(`${location.origin}/webtorrent.min.js`)) as {
        default: new () => { seed(file: File, options: object, ready: (torrent: { infoHash: string }) => void): void };
      };
      const file = new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name);
      return new Promise<string>((resolve) => {
        const options = { name, announce: [announce], pieceLength: 65_536 };
        new WebTorrent().seed(file, options, (seeded) => resolve(seeded.infoHash));
      });
    },
    { bytes: (await bytesOf(server, track)).toString("base64"), name: nameIn(torrent), announce: decodeURIComponent(String(tracker)) },
  );
  expect(infohash, "the torrent is a function of the bytes").toBe(/btih:(\w{40})/.exec(String(track.torrent))?.[1]);

  const ours = await listener(browser, server, true);
  await ours.open(track);
  await ours.ready();
  await ours.play();
  await ours.hasAll(sizeOf(track));
  const got = await ours.numbers();
  expect(got.others).toBeGreaterThan(got.servers);
  await ours.context.close();
  await theirs.context().close();
});

const sizeOf = (track: SignedTrack): number => Number(/xl=(\d+)/.exec(String(track.torrent))?.[1]);

async function bytesOf(server: DemoNode, track: SignedTrack): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${server.url}/ipfs/${track.cid}`)).arrayBuffer());
}

/** The name in the info dictionary. */
function nameIn(torrent: ArrayBuffer): string {
  const text = Buffer.from(torrent).toString("latin1");
  const [all = "", length = "0"] = /4:name(\d+):/.exec(text) ?? [];
  const start = text.indexOf(all) + all.length;
  return text.slice(start, start + Number(length));
}
