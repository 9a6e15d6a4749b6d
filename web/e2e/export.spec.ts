/** `osp site export`: pages, music and records as plain files, on a host that knows nothing but files. */

import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { SONG } from "./fan-files";
import { expect, played, test } from "./fixtures";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const OSP = process.env.OSP_BIN ?? here("../../target/debug/osp");
const MUSIC = process.env.OSP_DEMO_MUSIC ?? here("../../demo/music");
/** What such hosts know; everything else is bytes. */
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Serves a folder below a path: whole files and parts of them, and nothing else. */
function serve(root: string, prefix: string): Promise<Server> {
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname);
    const name = normalize(path.slice(prefix.length) || "index.html");
    const found = path.startsWith(prefix) && !name.startsWith("..") ? statSync(join(root, name), { throwIfNoEntry: false }) : undefined;
    if (!found?.isFile()) return void response.writeHead(404).end();
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const [start, end] = [Number(range?.[1] ?? 0), Math.min(range?.[2] ? Number(range[2]) : found.size - 1, found.size - 1)];
    const headers: Record<string, string | number> = {
      "Content-Type": TYPES[extname(name)] ?? "application/octet-stream",
      "Content-Length": end - start + 1,
      "Accept-Ranges": "bytes",
    };
    if (range) headers["Content-Range"] = `bytes ${start}-${end}/${found.size}`;
    response.writeHead(range ? 206 : 200, headers);
    createReadStream(join(root, name), { start, end }).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const work = mkdtempSync(join(tmpdir(), "osp-export-"));
const site = join(work, "site");
const osp = (...args: string[]) =>
  execFileSync(OSP, args, { env: { ...process.env, OSP_HOME: join(work, "home") }, stdio: "pipe" }).toString();
let key: string;

test.beforeAll(() => {
  osp("id", "new", "--name", "Max McCracken", "--no-passphrase");
  osp("publish", MUSIC);
  const keys = join(work, "keys.csv");
  osp("publish", "--seal", SONG, "--title", "Behind a key", "--preview", "0:00-0:10", "--mint", "1", "--keys", keys);
  key = readFileSync(keys, "utf8").trim().split("\n")[1]!.split(",")[1]!.trim();
  osp("site", "export", site);
});
test.afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Starts a host; collects what is asked of others, and what is not there. */
async function open(page: Page, prefix: string): Promise<{ url: string; wrong: string[]; close: () => void }> {
  const server = await serve(site, prefix);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`;
  const wrong: string[] = [];
  page.context().on("request", (request) => {
    if (/^(https?|wss?):/.test(request.url()) && !request.url().startsWith(url)) wrong.push(request.url());
  });
  page.context().on("response", (response) => {
    // The preview's element may ask for more in the moment in which the whole release takes its place.
    if (response.status() >= 400 && !response.url().includes("/fan/media/")) wrong.push(`${response.status()} ${response.url()}`);
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, wrong, close };
}

const row = (page: Page, title: string) => page.locator("main .track").filter({ has: page.getByRole("link", { name: title, exact: true }) });

test("in a folder of any host: pages, music from page to page, search, checks, sealed files", async ({ page }) => {
  const host = await open(page, "/user/music/");
  await page.goto(host.url);
  await expect(page.getByRole("heading", { level: 1, name: "New music" })).toBeVisible();
  await expect(page.locator("main [data-mark=verified]")).toHaveCount(3);
  const cover = page.locator(".front img").first();
  await expect.poll(() => cover.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBeGreaterThan(0);
  await page.screenshot({ path: test.info().outputPath("home.png") });

  await row(page, "Awakening").getByRole("button", { name: /^Play / }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.3);
  // The host does not know what Opus is; the page does, and joins it to what follows.
  await expect(page.locator("audio")).toHaveAttribute("src", /^blob:/);
  // Through an album and an artist to another track, two folders deep and back: the music plays on.
  await page.locator("main h2").getByRole("link").first().click();
  await expect(page).toHaveURL(/\/user\/music\/artist\/did-key-\w+\/album\/[\w-]+\.html$/);
  await expect(page.locator("main [data-mark=verified]")).toHaveCount(3);
  await page.locator("main .by").getByRole("link").click();
  await expect(page).toHaveURL(/\/user\/music\/artist\/did-key-\w+\.html$/);
  await row(page, "Coherence").getByRole("link", { name: "Coherence" }).click();
  await expect(page).toHaveURL(/\/user\/music\/track\/\w+\.html$/);
  await expect(page.getByRole("heading", { level: 1, name: "Coherence" })).toBeFocused();
  await expect(page.locator("summary", { hasText: "Verified" })).toBeVisible();
  const before = await played(page);
  await expect.poll(() => played(page)).toBeGreaterThan(before + 0.3);
  await page.screenshot({ path: test.info().outputPath("track.png") });
  expect(await violations(page)).toEqual([]);

  // The links around a page lead to the same places from everywhere.
  await page.getByRole("searchbox").pressSequentially("coher");
  await expect(page).toHaveURL(`${host.url}search.html?q=coher`);
  await expect(page.locator("[data-results]")).toHaveText("1 track");
  await row(page, "Coherence").getByRole("button", { name: /^Play / }).click();
  await expect(page.getByRole("region", { name: "Player" })).toContainText("Coherence");
  await expect(row(page, "Coherence").locator("[data-mark=verified]")).toHaveCount(1);
  await page.locator(".wordmark").click();
  await expect(page).toHaveURL(`${host.url}index.html`);

  await row(page, "Behind a key").getByRole("link", { name: "Behind a key" }).click();
  await page.getByRole("link", { name: /^Hear the preview/ }).click();
  await expect(page).toHaveURL(/\/user\/music\/track\/\w+\.html$/);
  const frame = page.frameLocator("iframe.unlock");
  await frame.getByLabel("Licence key").fill(key);
  await frame.getByRole("button", { name: "Unlock" }).click();
  await expect(frame.getByRole("region", { name: "Your licence" })).toContainText("everything in this file");
  const media = frame.locator(".fan-player video");
  await expect(media).toHaveAttribute("src", /./);
  await media.evaluate((video: HTMLMediaElement) => video.play());
  await expect.poll(() => media.evaluate((video: HTMLMediaElement) => video.currentTime)).toBeGreaterThan(0.3);
  await page.screenshot({ path: test.info().outputPath("unlocked.png") });
  expect(host.wrong).toEqual([]);
  host.close();
});

test("at the root of a host, where an address at a time begins there, and the bytes are checked", async ({ page }) => {
  const host = await open(page, "/");
  await page.goto(host.url);
  const link = await row(page, "Awakening").getByRole("link", { name: "Awakening" }).getAttribute("href");
  await page.goto(`${host.url}${link}?t=1m08s`);
  await page.locator(".record").getByRole("button", { name: /^Play / }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(68);
  await page.locator("summary", { hasText: "Verified" }).click();
  await page.getByRole("button", { name: "Check the bytes too" }).click();
  await expect(page.getByText(/^All .* are the bytes the artist signed\.$/)).toBeVisible();
  expect(host.wrong).toEqual([]);
  host.close();
});

test("without JavaScript the browser's own player has the audio, and every page can be reached", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const host = await open(page, "/music/");
  await page.goto(host.url);
  await row(page, "Awakening").getByRole("link", { name: "Awakening" }).click();
  await expect(page.locator("audio[controls]")).toBeVisible();
  const source = await page.locator("audio source").getAttribute("src");
  const part = await page.request.get(new URL(source!, page.url()).href, { headers: { Range: "bytes=0-3" } });
  expect(part.status()).toBe(206);
  expect((await part.body()).toString()).toBe("OggS");
  await page.getByRole("link", { name: "electronic" }).click();
  await page.getByRole("link", { name: "All genres" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Genres" })).toBeVisible();
  expect(host.wrong).toEqual([]);
  host.close();
  await context.close();
});

test("what is kept on this device plays without the host, and without its other pages", async ({ page, complaints }) => {
  const host = await open(page, "/user/music/");
  await page.goto(host.url);
  await row(page, "Awakening").getByRole("link", { name: "Awakening" }).click();
  await page.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.endsWith("/user/music/site-sw.js"));
  const devtools = await page.context().newCDPSession(page);
  const app = await devtools.send("Page.getAppManifest");
  expect([app.errors, JSON.parse(app.data ?? "{}").name]).toEqual([[], "OpenSound"]);
  await page.getByRole("button", { name: "Keep on this device" }).click();
  await expect(page.locator("[data-keep]")).toHaveText("On this device", { timeout: 20_000 });
  const kept = page.url();
  expect(host.wrong).toEqual([]);
  host.close();

  await page.context().setOffline(true);
  await page.goto(`${host.url}library.html`);
  const list = page.getByRole("region", { name: "Tracks", exact: true });
  await list.getByRole("button", { name: "Play Awakening" }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.3);
  await page.goto(`${kept}?t=1m40s`);
  await expect(page.locator("[data-island=verify]").getByText("Verified", { exact: true })).toBeVisible();
  await page.keyboard.press("k");
  await expect(page.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^1 minute 4\d/);
  await page.goto(`${host.url}genres.html`);
  await expect(page.getByRole("heading", { level: 1, name: "No connection" })).toBeVisible();
  // Nothing tells the browser that what it read here may be asked for again without the host.
  expect(complaints.filter((said) => !said.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
  complaints.length = 0;
});
