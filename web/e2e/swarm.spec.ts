/** Pages that play together. The node is their tracker and their server, and no peer. */

import type { Browser } from "@playwright/test";
import { expect, test as base } from "./fixtures";
import type { DemoNode } from "./node";
import { BUSY, hasNetwork, listener, startServer, states } from "./sharing";

const test = base.extend<{ server: DemoNode }>({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
});
test.skip(!hasNetwork, "this machine has no network interface but loopback, with which Chromium makes no connection");
test.setTimeout(120_000);

/** A page that has a whole track, and plays it. */
async function first(browser: Browser, server: DemoNode) {
  const track = server.track("Awakening");
  const one = await listener(browser, server, false);
  await one.open(track);
  await one.agree();
  await one.play();
  const size = Number(/xl=(\d+)/.exec(String(track.torrent))?.[1]);
  await one.hasAll(size);
  return { one, track, size };
}

test("a second page gets most of a track from the first, and the first says what it gave", async ({ browser, server }) => {
  const { one, track, size } = await first(browser, server);
  const two = await listener(browser, server, true);
  await two.open(track);
  await two.ready();
  await two.play();
  await two.hasAll(size);
  const got = await two.numbers();
  test.info().annotations.push({ type: "split", description: JSON.stringify(got) });
  expect(got.others).toBeGreaterThan(got.servers);
  await expect.poll(async () => (await one.numbers()).given).toBeGreaterThan(size / 2);
  await one.context.close();
  await expect.poll(async () => (await two.numbers()).connected, "who leaves is gone").toBe(0);
  await two.context.close();
});

/** Bytes at a file's beginning. */
const FROM_NODE = 200_000;

test("when the node is switched off the second page plays on from the first page's pieces", async ({ browser, server }) => {
  const { one, track, size } = await first(browser, server);
  const two = await listener(browser, server, true);
  // The node would have given everything before it is gone.
  await two.serveOnly(FROM_NODE);
  await two.open(track);
  await two.ready();
  await two.play();
  await expect.poll(async () => (await two.numbers()).connected, BUSY).toBe(1);
  await server.stop();
  await two.hasAll(size);
  const got = await two.numbers();
  // A range that began there may have gone on to its end.
  expect(got.servers).toBeLessThan(size / 2);
  expect(got.others).toBeGreaterThan(size / 2);
  const position = two.page.getByRole("slider", { name: "Position" });
  const box = (await position.boundingBox())!;
  await two.page.mouse.click(box.x + box.width * 0.9, box.y + box.height / 2);
  await expect.poll(() => two.seconds(), BUSY).toBeGreaterThan(180);
  const at = await two.seconds();
  await expect.poll(() => two.seconds(), { ...BUSY, message: "it plays on" }).toBeGreaterThan(at + 2);
  await one.context.close();
  await two.context.close();
});

test("a track that the node does not have is played from another page", async ({ browser, server }) => {
  const { one, track, size } = await first(browser, server);
  const two = await listener(browser, server, true);
  await two.context.route(/\/(ipfs|audio)/, (route) =>
    /\/audio/.test(route.request().url()) || route.request().headers().range ? route.fulfill({ status: 404 }) : route.fallback(),
  );
  await two.open(track);
  await two.ready();
  await two.play();
  await two.hasAll(size);
  expect(await two.numbers()).toMatchObject({ servers: 0, others: size });
  await one.context.close();
  await two.context.close();
});

test("a page that leaves closes its connections", async ({ browser, server }) => {
  const { one, track } = await first(browser, server);
  const two = await listener(browser, server, true);
  await two.open(track);
  await two.ready();
  await two.play();
  await expect.poll(async () => (await one.numbers()).connected, BUSY).toBe(1);
  await two.bar.getByRole("switch", { name: "Listen together with others" }).click();
  await expect.poll(async () => (await states(two.page)).every((state) => state === "closed"), BUSY).toBe(true);
  await expect.poll(async () => (await one.numbers()).connected, BUSY).toBe(0);
  await one.context.close();
  await two.context.close();
});

test("the next track is begun before this one ends, and plays on from the same road", async ({ browser, server }) => {
  const one = await listener(browser, server, true);
  await one.open(server.track("Awakening"));
  await one.ready();
  const key = server.track("Coherence").id.replace("osp:track:", "");
  const asked: string[] = [];
  one.page.on("request", (request) => request.url().endsWith("/audio") && asked.push(request.url()));
  const begun = one.page.waitForRequest((request) => request.url().includes(key) && request.url().endsWith("/sources"));
  await one.play();
  const position = one.page.getByRole("slider", { name: "Position" });
  await position.focus();
  await one.page.keyboard.press("PageUp");
  const box = (await position.boundingBox())!;
  await one.page.mouse.click(box.x + box.width * 0.95, box.y + box.height / 2);
  await begun;
  await one.bar.getByRole("button", { name: "Next track" }).click();
  await expect(one.bar.getByRole("button", { name: "Pause Coherence by" })).toBeVisible();
  await expect.poll(() => one.seconds()).toBeGreaterThan(0.3);
  expect(asked.filter((url) => url.includes(key)), "not from the node").toEqual([]);
  await one.context.close();
});
