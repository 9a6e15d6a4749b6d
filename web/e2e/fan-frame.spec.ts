import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./fixtures";
import { LICENCE, Sealer, Shop, SONG } from "./fan-files";

const sealer = new Sealer();
let shop: Shop;
let around: Server;
/** What the frame of the page around shows. */
let framed = "";
test.beforeAll(async () => {
  shop = await Shop.open({ "song.smsg": sealer.seal("song.smsg", [SONG], "--format", "v3", "--chunk-size", "65536") });
  // A real server: Chromium lets no page without an address of its own reach into the loopback.
  around = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(
      `<!doctype html><title>A shop</title><link rel="icon" href="data:,"><iframe src="${framed}" width="400" height="600"></iframe>`,
    );
  });
  await new Promise<void>((resolve) => around.listen(0, "127.0.0.1", resolve));
});
test.afterAll(async () => {
  await shop.close();
  around.closeAllConnections();
  await new Promise((resolve) => around.close(resolve));
  sealer.remove();
});
const address = () => `http://127.0.0.1:${(around.address() as AddressInfo).port}/`;

test("a page of somebody else frames the player, which opens, plays and fits", async ({ page, node }) => {
  framed = `${node.url}/fan/frame#url=${encodeURIComponent(`${shop.origin}/song.smsg`)}`;
  await page.goto(address());
  const frame = page.frameLocator("iframe");
  await frame.getByLabel("Licence id").fill(LICENCE.id);
  await frame.getByLabel("Fingerprint").fill(LICENCE.fingerprint);
  await frame.getByRole("button", { name: "Unlock" }).click();
  const media = frame.locator(".fan-player video");
  await expect(media).toBeVisible();
  const width = await frame.locator("html").evaluate((html) => html.scrollWidth);
  expect(width, "nothing is wider than the frame").toBeLessThanOrEqual(400);
  await media.evaluate((video: HTMLMediaElement) => video.play());
  await expect.poll(() => media.evaluate((video: HTMLMediaElement) => video.currentTime)).toBeGreaterThan(0.3);
  await expect(frame.getByRole("search")).toHaveCount(0);
});

test("only the framed page may be framed", async ({ page, node, complaints }) => {
  framed = `${node.url}/fan`;
  await page.goto(address());
  await expect.poll(() => complaints.join()).toContain("frame-ancestors");
  complaints.length = 0; // the refusal is what was wanted
});
