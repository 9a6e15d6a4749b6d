import { expect, test } from "./fixtures";
import { LICENCE, play, player, Sealer, Shop, SONG, time, unlock, wave } from "./fan-files";

/** Seconds. */
const LENGTH = 60;
const TONE = wave(LENGTH);
const sealer = new Sealer();
let shop: Shop;
test.beforeAll(async () => {
  shop = await Shop.open({
    "chunked.smsg": sealer.seal("chunked.smsg", [SONG], "--format", "v3", "--chunk-size", "32768"),
    "long.smsg": sealer.seal("long.smsg", [sealer.write("tone.wav", TONE)], "--format", "v3", "--chunk-size", "131072"),
    "whole.smsg": sealer.seal("whole.smsg", [SONG]),
  });
});
// Not after: the page of the test before asks until it is closed.
test.beforeEach(() => {
  shop.asked.length = 0;
  Object.assign(shop, { rate: 0, ranges: true, cors: true });
});
test.afterAll(async () => {
  await shop.close();
  sealer.remove();
});

test("a chunked file plays before it is there, and seeks by asking for what it needs", async ({ page, node }) => {
  const elsewhere: string[] = [];
  page.context().on("request", (request) => {
    if (![shop.origin, node.url].includes(new URL(request.url()).origin)) elsewhere.push(request.url());
  });
  shop.rate = 800_000;
  await page.goto(`/fan#url=${encodeURIComponent(`${shop.origin}/long.smsg`)}`);
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.3);
  const sent = shop.asked.reduce((sum, { sent: bytes }) => sum + bytes, 0);
  expect(sent, "played before it was there").toBeLessThan(TONE.length / 2);

  const before = shop.asked.length;
  await player(page).evaluate((media: HTMLMediaElement) => {
    media.currentTime = media.duration * 0.8;
  });
  await expect.poll(() => time(page)).toBeGreaterThan(LENGTH * 0.8 + 0.3);
  const starts = shop.asked.map(({ range }) => range![0] / TONE.length);
  expect(starts.slice(before).some((place) => place > 0.78)).toBe(true);
  // What was under way when the listener jumped may still end.
  const reached = Math.max(...starts.slice(0, before));
  expect(starts.slice(before).filter((place) => place > reached + 0.1 && place < 0.78), "nothing in between was fetched").toEqual([]);
  expect(Math.max(...shop.asked.map(({ range }) => range![1] - range![0]))).toBeLessThan(150_000);
  expect(elsewhere).toEqual([]);
  expect(new Set(shop.asked.map(({ path }) => path))).toEqual(new Set(["/long.smsg"]));
});

test("a key behind # opens at once, and does not stay in the address", async ({ page }) => {
  const fragment = new URLSearchParams({ url: `${shop.origin}/chunked.smsg`, k: LICENCE.id, f: LICENCE.fingerprint });
  await page.goto(`/fan#${fragment.toString()}`);
  await expect(player(page)).toBeVisible();
  expect(page.url()).not.toContain(LICENCE.id);
  expect(page.url()).toContain("chunked.smsg");
});

test("a key in the query is not taken", async ({ page }) => {
  await page.goto(`/fan?url=${encodeURIComponent(`${shop.origin}/chunked.smsg`)}&k=${LICENCE.id}`);
  await expect(page.getByLabel("Licence id")).toHaveValue("");
});

for (const [name, ranges] of [["with", true], ["without", false]] as const) {
  test(`a file in one piece opens from a server ${name} ranges`, async ({ page }) => {
    shop.ranges = ranges;
    await page.goto("/fan");
    await page.getByLabel("Or give its address").fill(`${shop.origin}/whole.smsg`);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await unlock(page);
    await play(page);
    await expect.poll(() => time(page)).toBeGreaterThan(0.5);
  });
}

test("a chunked file opens from a server without ranges", async ({ page }) => {
  shop.ranges = false;
  await page.goto(`/fan#url=${encodeURIComponent(`${shop.origin}/chunked.smsg`)}`);
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.5);
});

test("what a server does wrong is said in a sentence", async ({ page, complaints }) => {
  await page.goto("/fan");
  const alert = page.getByRole("alert").first();
  const open = async (url: string) => {
    await page.getByLabel("Or give its address").fill(url);
    await page.getByRole("button", { name: "Open", exact: true }).click();
  };
  await open(`${shop.origin}/nothing.smsg`);
  await expect(alert).toContainText("does not give out the file (it answered 404)");
  shop.cors = false;
  await open(`${shop.origin}/whole.smsg`);
  await expect(alert).toContainText("could not be fetched from this address");
  await expect(alert).toContainText("CORS");
  await open("http://127.0.0.1:9/closed.smsg");
  await expect(alert).toContainText("could not be fetched from this address");
  // The browser says all of this on its console, too.
  complaints.length = 0;
});
