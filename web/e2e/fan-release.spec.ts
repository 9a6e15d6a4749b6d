/** Files of version 3.0: previews, cuts, seeking by ranges, damage, who signed, what a licence says. */

import { copyFileSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { WireBytes } from "./smsg/wire-bytes";
import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { expect, pathOf, test } from "./fixtures";
import { DemoNode } from "./node";
import { choose, mp3, play, player, Sealer, sha256, Shop, SONG, time, unlock, wave, type SealedRelease } from "./fan-files";

/** Seconds. */
const LENGTH = 60;
const TONE = wave(LENGTH);
const PASSPHRASE = "a phrase of the artist's own";
const sealer = new Sealer();
let shop: Shop;
let song: SealedRelease;
let tone: SealedRelease;
let secret: SealedRelease;

const TRACKS = [
  { title: "Awakening", start: 0, end: 61, track_num: 1, type: "intro" },
  { title: "First light", start: 61, end: 140, track_num: 2, type: "extended mix" },
  { title: "Out of reach", start: 140, track_num: 3 },
];

test.beforeAll(async () => {
  const manifest = sealer.manifest({ title: "Endgame", tracks: TRACKS });
  const sold = ["--preview", "0:00-0:30", "--cut", "middle=1:00-1:30", "--mint", "1", "--mint", "middle=1", "--prefix", "MAX"];
  song = sealer.release("song.smsg", [SONG], ...manifest, ...sold);
  tone = sealer.release("tone.smsg", [sealer.write("tone.wav", TONE)], "--cut", "part=0:20-0:30", "--mint", "1", "--mint", "part=1");
  secret = sealer.release("secret.smsg", [SONG], "--key", PASSPHRASE, "--mint", "1");
  shop = await Shop.open({ "song.smsg": song.path, "tone.smsg": tone.path });
});
test.beforeEach(() => {
  shop.asked.length = 0;
  Object.assign(shop, { rate: 0, ranges: true, cors: true });
});
test.afterAll(async () => {
  await shop.close();
  sealer.remove();
});

const seek = (page: Page, seconds: number) =>
  player(page).evaluate((media: HTMLMediaElement, at) => {
    media.currentTime = at;
  }, seconds);
const duration = (page: Page) => player(page).evaluate((media: HTMLMediaElement) => media.duration);
const alert = (page: Page) => page.getByRole("alert").filter({ hasText: /./ }).first();

test("a file from disk plays and seeks, and says who signed it and what the licence opens", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, tone.path);
  await expect(page.getByText(tone.artist)).toBeVisible();
  await unlock(page, tone.keys.get("all")!);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
  await seek(page, 45);
  await expect.poll(() => time(page)).toBeGreaterThan(45.3);
  expect(await duration(page)).toBeCloseTo(LENGTH, 0);
  const licence = page.getByRole("region", { name: "Your licence" });
  await expect(licence).toContainText("everything in this file");
  await expect(licence).toContainText("is enforced");
});

test("what is saved is what was sealed", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, tone.path);
  await unlock(page, tone.keys.get("all")!);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save tone.wav" }).click();
  expect(sha256(readFileSync(await (await saving).path()))).toBe(sha256(TONE));
});

test("a link with the key opens at once, asks only for the file, and seeks by one range", async ({ page, node }) => {
  const key = tone.keys.get("all")!;
  const seen: string[] = [];
  page.context().on("request", (request) => seen.push(request.url()));
  await page.goto(`/fan#${new URLSearchParams({ url: `${shop.origin}/tone.smsg#k=${key}` }).toString()}`);
  await expect(player(page)).toBeVisible();
  expect(page.url()).not.toContain(key);
  shop.rate = 800_000;
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
  const sent = shop.asked.reduce((sum, { sent: bytes }) => sum + bytes, 0);
  expect(sent, "played before it was there").toBeLessThan(TONE.length / 2);
  const before = shop.asked.length;
  await seek(page, LENGTH * 0.8);
  await expect.poll(() => time(page)).toBeGreaterThan(LENGTH * 0.8 + 0.3);
  const starts = shop.asked.slice(before).map(({ range }) => range![0] / TONE.length);
  expect(starts.some((place) => place > 0.75)).toBe(true);
  expect(new Set(seen.map((url) => new URL(url).origin))).toEqual(new Set([node.url, shop.origin]));
  expect(seen.filter((url) => url.includes(key))).toEqual([]);
  expect(new Set(shop.asked.map(({ path }) => path))).toEqual(new Set(["/tone.smsg"]));
});

test("the first 30 seconds take little more from the wire than their own bytes", async () => {
  const preview = { kind: "preview" } as const;
  const bytes = readFileSync(song.path);
  for (const credential of [{ kind: "key", key: song.keys.get("all")! } as const, preview]) {
    const { taken, sound } = await new WireBytes(bytes).until(30, credential);
    expect(sound).toBeGreaterThan(150_000);
    // Header and digests; and Ogg's pages of a second, where chunks end.
    expect(taken - sound, credential.kind).toBeLessThan(65_536);
  }
  // Nothing but the file was given to `osp seal`.
  const plain = sealer.release("five.smsg", [sealer.write("five.mp3", mp3(300, 160))], "--mint", "1");
  const { taken, sound } = await new WireBytes(readFileSync(plain.path)).until(30, { kind: "key", key: plain.keys.get("all")! });
  expect(sound).toBe(600_000);
  expect(taken, "600 KB of 1,024 bytes").toBeLessThan(600 << 10);
});

test("a preview plays without a key, and the key opens the rest", async ({ page }) => {
  await page.goto(`/fan#url=${encodeURIComponent(`${shop.origin}/song.smsg`)}`);
  await expect(page.getByText("A preview, open to everybody")).toBeVisible();
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
  expect(await duration(page)).toBeLessThan(32);
  await unlock(page, song.keys.get("middle")!.replace(/.$/, (last) => (last === "2" ? "3" : "2")));
  await expect(alert(page)).toContainText("mistake in the key");
  await expect(alert(page), "the last group of eight").toContainText("8");
  await unlock(page, tone.keys.get("all")!);
  await expect(alert(page)).toContainText("This key does not open this file");
  await expect(player(page), "the preview stays").toBeVisible();
  await unlock(page, song.keys.get("all")!.toLowerCase().replaceAll("-", " "));
  await expect(page.getByRole("region", { name: "Your licence" })).toContainText("everything in this file");
  await play(page);
  await page.getByRole("button", { name: /^First light/ }).click();
  await expect.poll(() => time(page)).toBeGreaterThan(61);
  await expect(page.getByRole("button", { name: /^First light/ })).toContainText("extended mix");
});

test("a sealed track is unlocked in its own page, and the site's player leaves it alone", async ({ page }) => {
  const node = await DemoNode.start();
  try {
    const offer = ["--price", "5", "--currency", "EUR", "--offer-url", "https://shop.example/"];
    const minted = ["--mint", "1", "--keys", `${sealer.folder}/sold.csv`];
    const [sealed] = node.publish("--seal", SONG, "--preview", "0:00-0:30", "--title", "Sold", ...offer, ...minted);
    const key = readFileSync(`${sealer.folder}/sold.csv`, "utf8").trim().split("\n")[1]!.split(",")[1]!;
    const place = pathOf(sealed!);
    await page.goto(`${node.url}${place}`);
    await expect(page.getByText("5 EUR")).toBeVisible();
    await expect(page.locator("[data-island=verify]").getByText("Verified", { exact: true })).toBeVisible();
    await expect(page.getByText("Cannot play")).toHaveCount(0);
    const link = page.getByRole("link", { name: "Hear the preview (0:30)" });
    const href = (await link.getAttribute("href"))!;
    await link.click();
    const frame = page.frameLocator("iframe.unlock");
    const media = frame.locator(".fan-player video");
    const at = () => media.evaluate((video: HTMLMediaElement) => video.currentTime);
    await expect(frame.getByText("A preview, open to everybody")).toBeVisible();
    await expect(frame.getByText("(as the track's record)"), "who signed the file is who signed the record").toBeVisible();
    await expect(frame.getByRole("heading", { level: 1 }), "the page around it has one").toBeHidden();
    await expect(media).toHaveAttribute("src", /./);
    await media.evaluate((video: HTMLMediaElement) => video.play());
    await expect.poll(at).toBeGreaterThan(0.3);
    expect(new URL(page.url()).pathname).toBe(place);
    const [inner, outer] = await Promise.all([
      frame.locator("main").evaluate((main) => main.getBoundingClientRect().bottom),
      page.locator("iframe.unlock").evaluate((element) => element.getBoundingClientRect().height),
    ]);
    expect(Math.abs(inner - outer), "nothing of it is cut off").toBeLessThan(3);
    expect(await violations(page)).toEqual([]);

    // Another tab is like the player around it: one of them plays.
    const other = await page.context().newPage();
    await other.goto(`${node.url}${pathOf(node.track("Awakening"))}`);
    await other.getByRole("main").getByRole("button", { name: /^Play Awakening/ }).first().click();
    await expect.poll(() => media.evaluate((video: HTMLMediaElement) => video.paused)).toBe(true);
    await other.close();

    // As a shop would send it.
    await page.goto("about:blank");
    await page.goto(`${node.url}${place}#${new URLSearchParams({ k: key }).toString()}`);
    await expect(frame.getByRole("region", { name: "Your licence" })).toContainText("everything in this file");
    expect(page.url(), "the key does not stay in the address").toBe(`${node.url}${place}`);
    await frame.getByRole("button", { name: "Put on the shelf" }).click();
    await expect(frame.getByText("On your shelf", { exact: true })).toBeVisible();

    // The same file on the page for files, where a record of somebody else led to it.
    await page.goto(`${node.url}${href.replace(/artist=.*/, "artist=did:key:z6MkoBnce24mUTxSvu6NCmyxQjkfLryVb6Qhn7KTixRDEfXM")}`);
    await expect(alert(page)).toContainText("signed by somebody else than the track's record");
    await expect(player(page)).toHaveCount(0);
  } finally {
    await node.stop();
  }
});

test("who comes with a wrong key hears the preview, and why there is no more", async ({ page }) => {
  const fragment = new URLSearchParams({ url: `${shop.origin}/song.smsg`, k: tone.keys.get("all")! });
  await page.goto(`/fan#${fragment.toString()}`);
  await expect(page.getByText("A preview, open to everybody")).toBeVisible();
  await expect(alert(page)).toContainText("This key does not open this file");
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
});

test("a cut plays alone, by the clock that its frames keep", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, song.path);
  await unlock(page, song.keys.get("middle")!);
  const licence = page.getByRole("region", { name: "Your licence" });
  await expect(licence).toContainText(/(0:59|1:00) to 1:3[0-2]/);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(61);
  expect(await time(page)).toBeLessThan(90);
  await expect(page.locator(".fan-left")).toContainText(/-0:[12]\d/);
  await seek(page, 10);
  await expect.poll(() => time(page), "nothing is before it").toBeGreaterThan(58);
  await seek(page, 80);
  await expect.poll(() => time(page)).toBeGreaterThan(80.3);
  await expect(page.getByRole("button", { name: /^Out of reach/ }), "a track outside of it is not offered").toHaveCount(0);
  await expect(page.getByRole("button", { name: /^First light/ })).toHaveAttribute("aria-current", "true");
});

test("a cut is what a decoder needs first, and its own bytes", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, tone.path);
  await unlock(page, tone.keys.get("part")!);
  await play(page);
  await expect.poll(() => time(page), "frames without a time begin with 0").toBeGreaterThan(0.3);
  expect(await duration(page)).toBeCloseTo(10, 0);
  const name = /tone 0m(19|20)-0m3\d\.wav/;
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: new RegExp(`Save ${name.source}`) }).click();
  const saved = readFileSync(await (await saving).path());
  const from = 20 * 44_100 * 4;
  const sound = saved.subarray(44);
  const at = TONE.subarray(44).indexOf(sound.subarray(0, 4096), Math.max(0, from - 65_536));
  expect(saved.subarray(0, 4).toString()).toBe("RIFF");
  expect([saved.readUInt32LE(4), saved.readUInt32LE(40)], "its sizes are right").toEqual([saved.length - 8, sound.length]);
  expect(Math.abs(at - from), "it begins where it should").toBeLessThan(16_384);
  expect(sha256(sound)).toBe(sha256(TONE.subarray(44 + at, 44 + at + sound.length)));
});

test("a changed chunk stops what plays, with a plain sentence, and no byte of it comes out", async ({ page, complaints }) => {
  const bytes = readFileSync(tone.path);
  const at = Math.floor(bytes.length * 0.6);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await page.goto("/fan");
  await choose(page, sealer.write("changed.smsg", bytes));
  await unlock(page, tone.keys.get("all")!);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
  const got = await player(page).evaluate(async (media: HTMLMediaElement, size) => {
    const response = await fetch(media.src, { headers: { Range: `bytes=0-${size - 1}` } });
    const reader = response.body!.getReader();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return { whole: true, length: 0, hash: "" };
        pieces.push(value);
      }
    } catch {
      const all = new Uint8Array(await new Blob(pieces).arrayBuffer());
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", all));
      return { whole: false, length: all.length, hash: Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    }
  }, TONE.length);
  expect(got.whole).toBe(false);
  expect(got.length).toBeGreaterThan(TONE.length / 2);
  expect(got.length, "nothing behind what was changed").toBeLessThan(TONE.length * 0.61);
  expect(got.hash, "all that came is what was sealed").toBe(sha256(TONE.subarray(0, got.length)));
  await expect(alert(page)).toContainText("not what the artist signed, so it is not played");
  await seek(page, LENGTH * 0.59);
  await expect(page.getByText("This browser cannot play")).toHaveCount(0);
  complaints.length = 0;
});

test("a file that was cut off, and one by somebody else, are told apart", async ({ page }) => {
  const bytes = readFileSync(tone.path);
  await page.goto("/fan");
  await choose(page, sealer.write("cut.smsg", bytes.subarray(0, bytes.length / 2)));
  await expect(alert(page)).toContainText("ends too early");
  const header = Buffer.from(bytes);
  const title = header.indexOf('"title":"') + 9;
  header.writeUInt8(header.readUInt8(title) ^ 1, title);
  await choose(page, sealer.write("forged.smsg", header));
  await expect(alert(page)).toContainText("signature does not fit");
});

test("a licence that was sold later comes as a file, or in the link with its key", async ({ page, complaints }) => {
  const folder = new URL("../../spec/vectors/smsg3/", import.meta.url);
  const [key, file] = ["MGH-CP3T-QTKF-20N7-2722-YL75-AE6A-3ZMN-746S", fileURLToPath(new URL("release.smsg", folder))];
  const licence = fileURLToPath(new URL("part.smsgl", folder));
  await page.goto("/fan");
  await choose(page, file);
  await unlock(page, key);
  const trouble = page.locator(".fan-trouble");
  await expect(trouble).toContainText("This key does not open this file");
  await expect(trouble).toContainText(".smsgl");
  await page.getByLabel("Licence file", { exact: true }).setInputFiles(licence);
  await expect(page.getByText("With part.smsgl")).toBeVisible();
  await unlock(page, key);
  await expect(page.getByRole("region", { name: "Your licence" })).toBeVisible();

  const link = new URLSearchParams({ k: key, l: readFileSync(licence).toString("base64url") }).toString();
  await page.goto("about:blank");
  await page.goto(`/fan#${link}`);
  await choose(page, file);
  await expect(page.getByRole("region", { name: "Your licence" })).toBeVisible();
  expect(new URL(page.url()).hash).toBe("");
  // What is in it is noise, of which browsers complain.
  complaints.length = 0;
});

test("newer keys come as a table, chosen or beside the file", async ({ page }) => {
  const [sold, keys] = [`${sealer.folder}/rekeyed.smsg`, `${sealer.folder}/new.csv`];
  copyFileSync(tone.path, sold);
  sealer.osp("rekey", sold, "--mint", "part=1", "--keys", keys);
  const key = readFileSync(keys, "utf8").trim().split("\n")[1]!.split(",")[1]!;
  await page.goto("/fan");
  await choose(page, sold);
  await unlock(page, key);
  await expect(alert(page)).toContainText("This key does not open this file");
  await page.getByLabel("Licence file", { exact: true }).setInputFiles(`${sealer.folder}/rekeyed.smsgk`);
  await expect(page.getByText("With rekeyed.smsgk")).toBeVisible();
  await unlock(page, key);
  await expect(page.getByRole("region", { name: "Your licence" })).toContainText("part");
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);

  const beside = await Shop.open({ "rekeyed.smsg": sold, "rekeyed.smsgk": `${sealer.folder}/rekeyed.smsgk` });
  try {
    await page.goto("about:blank");
    await page.goto(`/fan#${new URLSearchParams({ url: `${beside.origin}/rekeyed.smsg`, k: key }).toString()}`);
    await expect(page.getByRole("region", { name: "Your licence" })).toContainText("part");
    await page.getByRole("button", { name: "Put on the shelf" }).click();
    await expect(page.getByText("On your shelf", { exact: true })).toBeVisible();
  } finally {
    await beside.close();
  }
  // The table was put there, too: nothing is asked for any more.
  await page.goto("/library");
  await page.getByRole("region", { name: "Sealed releases" }).getByRole("link", { name: "Open tone" }).click();
  await expect(page.getByText("With keys.smsgk")).toBeVisible();
  await unlock(page, key);
  await expect(page.getByRole("region", { name: "Your licence" })).toContainText("part");
  await play(page);
});

test("tiers, a rental and loop points are shown, and loops are played", async ({ page }) => {
  const loud = sealer.write("loud.wav", wave(5));
  const tracks = [{ title: "Break", start: 0, end: 20, loop: [4, 6], artist: "Guest", type: "edit" }, { title: "Rest", start: 20, end: 60 }];
  const deal = ["--tier", `standard=${sealer.folder}/tone.wav`, "--tier", `premium=${loud}`, "--license-type", "rental:7"];
  const mixed = sealer.release("mixed.smsg", [], ...deal, "--mint", "standard=1", "--mint", "1", ...sealer.manifest({ title: "Mixed", tracks }));
  await page.goto("/fan");
  await choose(page, mixed.path);
  await expect(page.locator(".fan-about")).toContainText("loud.wav (premium)");
  await unlock(page, mixed.keys.get("standard")!);
  const licence = page.getByRole("region", { name: "Your licence" });
  await expect(licence).toContainText("rented for a time");
  await expect(licence).toContainText("7 days from the first time");
  await expect(licence).toContainText("request of the artist, and no lock");
  await expect(licence).toContainText("standard");
  await expect(licence).not.toContainText("loud.wav");
  await play(page);
  await page.getByRole("button", { name: "Loop Break, 0:04 to 0:06" }).click();
  await seek(page, 5.5);
  await expect.poll(() => time(page), "behind its end it begins again").toBeLessThan(5.4);
  expect(await time(page)).toBeGreaterThan(3.9);
  await page.getByRole("button", { name: "Open another file" }).click();
  await choose(page, mixed.path);
  await unlock(page, mixed.keys.get("all")!);
  await expect(page.getByRole("list", { name: "Recordings" })).toContainText("premium");
});

test("a passphrase opens, by a module that is loaded for nothing else", async ({ page }) => {
  const loaded: string[] = [];
  page.context().on("request", (request) => loaded.push(request.url()));
  await page.goto("/fan");
  await choose(page, secret.path);
  await expect(page.getByLabel("Licence key or passphrase")).toBeVisible();
  expect(loaded.filter((url) => url.includes("stretch"))).toEqual([]);
  // 64 MiB, three times over: slow on purpose.
  await unlock(page, "another phrase");
  await expect(alert(page)).toContainText("does not open this file", { timeout: 25_000 });
  await unlock(page, PASSPHRASE);
  await expect(player(page)).toBeVisible({ timeout: 25_000 });
  expect(loaded.some((url) => url.includes("stretch"))).toBe(true);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong by ${colorScheme === "light" ? "day" : "night"}, on a small phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 320, height: 568 });
    await page.goto("/fan");
    const fine = async (state: string) => {
      expect(await violations(page), state).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBeLessThanOrEqual(320);
    };
    await choose(page, song.path);
    await expect(page.getByText("A preview, open to everybody")).toBeVisible();
    await fine("a preview");
    await unlock(page, "MAX-1");
    await expect(alert(page)).toBeVisible();
    await fine("a wrong key");
    await unlock(page, song.keys.get("middle")!);
    await expect(page.getByRole("region", { name: "Your licence" })).toBeVisible();
    await fine("opened");
  });
}
