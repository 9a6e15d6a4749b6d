/** A release in two qualities: recorded by the browser here, sealed in chunks, switched while it plays. */

import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures";
import { LICENCE, play, player, Sealer, Shop, time, unlock } from "./fan-files";

const sealer = new Sealer();
let shop: Shop;

/** Two sizes of the same seconds, as WebM with a cluster for each second. */
async function record(page: Page, seconds: number): Promise<Buffer[]> {
  const recorded = await page.evaluate(async (length) => {
    const sizes = [
      { width: 320, height: 180, bits: 200_000 },
      { width: 640, height: 360, bits: 1_200_000 },
    ];
    const sound = new AudioContext();
    const tone = sound.createOscillator();
    const ear = sound.createMediaStreamDestination();
    tone.connect(ear);
    tone.start();
    const recorders = sizes.map(({ width, height, bits }) => {
      const canvas = Object.assign(document.createElement("canvas"), { width, height });
      const paint = canvas.getContext("2d")!;
      const timer = setInterval(() => {
        for (let i = 0; i < 60; i += 1) {
          paint.fillStyle = `hsl(${Math.random() * 360} 80% 50%)`;
          paint.fillRect(Math.random() * width, Math.random() * height, width / 8, height / 8);
        }
      }, 40);
      const stream = new MediaStream([...canvas.captureStream(25).getTracks(), ...ear.stream.clone().getTracks()]);
      const options = { mimeType: "video/webm; codecs=vp8,opus", videoBitsPerSecond: bits, videoKeyFrameIntervalDuration: 1000 };
      const recorder = new MediaRecorder(stream, options);
      const parts: Blob[] = [];
      recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
      const done = new Promise<Blob>((resolve) => {
        recorder.addEventListener("stop", () => {
          clearInterval(timer);
          resolve(new Blob(parts));
        });
      });
      recorder.start(1000);
      return { recorder, done };
    });
    await new Promise((resolve) => setTimeout(resolve, length * 1000));
    for (const { recorder } of recorders) recorder.stop();
    const files = await Promise.all(recorders.map(({ done }) => done));
    return Promise.all(files.map(async (file) => Array.from(new Uint8Array(await file.arrayBuffer()), (b) => String.fromCharCode(b)).join("")));
  }, seconds);
  return recorded.map((text) => Buffer.from(text, "latin1"));
}

const SECONDS = 14;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(120_000);
  const page = await browser.newPage();
  const [low, high] = await record(page, SECONDS);
  await page.close();
  const seal = (name: string, content: Buffer) =>
    sealer.seal(`${name}.smsg`, [sealer.write(`${name}.webm`, content)], "--format", "v3", "--chunk-size", "32768");
  const variant = (name: string, width: number, height: number, bandwidth: number) => ({
    name, width, height, bandwidth, codecs: "vp8,opus", url: `${name}.smsg`, chunkCount: 1, fileSize: 1,
  });
  const list = {
    version: "abr-v1",
    title: "Two qualities",
    duration: SECONDS,
    variants: [variant("180p", 320, 180, 250_000), variant("360p", 640, 360, 1_300_000)],
    defaultIdx: 0,
  };
  const plain = { ...list, variants: list.variants.map((each) => ({ ...each, url: "plain.smsg" })) };
  shop = await Shop.open({
    "180p.smsg": seal("180p", low!),
    "360p.smsg": seal("360p", high!),
    "list.json": Buffer.from(JSON.stringify(list)),
    "plain.json": Buffer.from(JSON.stringify(plain)),
    "plain.smsg": sealer.seal("plain.smsg", [sealer.write("song.opus", readFileSync(new URL("../../demo/music/01 Awakening.opus", import.meta.url)))], "--format", "v3", "--chunk-size", "65536"),
  });
});
// Not after: the page of the test before asks until it is closed.
test.beforeEach(() => {
  shop.asked.length = 0;
  shop.rate = 0;
  shop.turn = undefined;
});
test.afterAll(async () => {
  await shop.close();
  sealer.remove();
});

const width = (page: Page) => player(page).evaluate((media: HTMLVideoElement) => media.videoWidth);

async function open(page: Page, list: string) {
  await page.goto(`/fan#url=${encodeURIComponent(`${shop.origin}/${list}`)}`);
  await expect(page.getByRole("heading", { level: 2, name: "Two qualities" })).toBeVisible();
  await expect(page.locator(".fan-key")).toContainText(new URL(shop.origin).host);
  expect(shop.asked.map(({ path }) => path).filter((path) => path.endsWith(".smsg")), "nothing but the list before the key").toEqual([]);
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
}

test("a good line brings the better pictures, a bad one the smaller ones, without a stop", async ({ page }) => {
  shop.rate = 600_000;
  // Before the page has all of it, which on a good line takes it seconds.
  shop.turn = { path: "/360p.smsg", share: 0.4, rate: 45_000 };
  await open(page, "list.json");
  await play(page);
  await expect.poll(() => width(page), { timeout: 20_000 }).toBe(640);
  await expect(page.locator(".fan-quality output")).toHaveText("Now: 360p");
  await expect.poll(() => width(page), { timeout: 30_000 }).toBe(320);
  await expect(page.locator(".fan-quality output")).toHaveText("Now: 180p");
  const at = await time(page);
  await expect.poll(() => time(page)).toBeGreaterThan(at + 1);
  expect(shop.asked.map(({ path }) => path)).toContain("/360p.smsg");
  expect(await page.locator(".fan-player [role=alert]").allInnerTexts()).toEqual([""]);
});

test("the listener's choice is seen soon, and jumps work in it", async ({ page }) => {
  await open(page, "list.json");
  await page.getByLabel("Quality").selectOption("180p");
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(2);
  expect(await width(page)).toBe(320);
  await page.getByLabel("Quality").selectOption("360p");
  await expect.poll(() => width(page)).toBe(640);
  await player(page).evaluate((media: HTMLVideoElement) => {
    media.currentTime = 11;
  });
  await expect.poll(() => time(page)).toBeGreaterThan(11.3);
  await expect.poll(() => player(page).evaluate((media: HTMLVideoElement) => media.ended), { timeout: 10_000 }).toBe(true);
});

test("what is not made in parts plays in its default quality, and the page says so", async ({ page }) => {
  await open(page, "plain.json");
  await expect(page.getByText("plays in its default quality")).toBeVisible();
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.5);
});
