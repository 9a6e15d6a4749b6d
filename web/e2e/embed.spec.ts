/** The player in other people's pages: three sizes, its own origin, and a whole album. */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { violations } from "./axe";
import { expect, pathOf, test } from "./fixtures";

let host: Server;
let page_of: string;
let body = "";

test.beforeAll(async () => {
  host = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<!doctype html><html lang="en"><title>A blog</title><main><h1>A blog</h1>${body}</main></html>`);
  });
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready));
  page_of = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`;
});
test.afterAll(() => void host.close());

test("oEmbed's frame plays in somebody else's page, and keeps nothing there", async ({ page, node }) => {
  const track = node.track("Awakening");
  for (const [height, size] of [[640, "card"], [200, "compact"], [64, "strip"]] as const) {
    const url = encodeURIComponent(node.url + pathOf(track));
    const found = await page.request.get(`${node.url}/oembed?url=${url}&maxheight=${height}`);
    body = ((await found.json()) as { html: string }).html;
    await page.goto(page_of);
    const frame = page.frameLocator("iframe");
    await expect(frame.locator(`body.embed-${size}`)).toBeVisible();
    await frame.getByRole("button", { name: "Play Awakening" }).click();
    await expect(frame.getByRole("button", { name: "Pause Awakening" })).toBeVisible();
    const inside = page.frames().find((one) => one.url().includes("/embed/"))!;
    await expect.poll(() => inside.evaluate(() => document.querySelector("audio")!.currentTime)).toBeGreaterThan(0.3);
    // An origin of its own: what the site keeps in this browser is out of reach.
    const reached = await inside.evaluate(() => {
      try {
        return `${self.origin} ${localStorage.length}`;
      } catch (error) {
        return `${self.origin} ${(error as DOMException).name}`;
      }
    });
    expect(reached).toBe("null SecurityError");
    const cover = await inside.evaluate(() => document.querySelector("img")!.naturalWidth);
    expect(cover).toBeGreaterThan(0);
  }
});

test("an album's card lists its tracks and goes on by itself, from the time in the address", async ({ page, node }) => {
  const track = node.track("Awakening");
  await page.setViewportSize({ width: 360, height: 640 });
  await page.goto(`${pathOf(track).replace("/track/", "/embed/")}?list=album&t=3m20s`);
  await expect(page.locator("[data-audio]")).toHaveCount(node.tracks.length);
  expect(await violations(page, false)).toEqual([]);
  await page.getByRole("button", { name: "Play Awakening" }).click();
  const audio = page.locator("audio");
  await expect.poll(() => audio.evaluate((a: HTMLAudioElement) => a.currentTime)).toBeGreaterThan(200);
  await expect(page.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^3 minutes 2\d seconds of 3/);
  await audio.evaluate((a: HTMLAudioElement) => (a.currentTime = a.duration - 0.3));
  await expect(page.getByRole("button", { name: "Pause Coherence" })).toBeVisible();
  await expect(page.locator("[aria-current] bdi")).toHaveText("Coherence");
});
