/** Nobody is told anything about a listener who has not agreed, and a listener who has can take it back. */

import type { Page } from "@playwright/test";
import { expect, pathOf, played, test } from "./fixtures";
import { hasNetwork, Listener, states, watchReach, type Reach } from "./sharing";

/** Workers but for the one that plays without gaps, which speaks with nobody. */
const swarmWorkers = (page: Page) => page.workers().filter((worker) => !worker.url().includes("remux-worker")).length;

test("without consent no connection but to the node is made, and nothing for others is even loaded", async ({ page, node }) => {
  await page.addInitScript(watchReach);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathOf(node.track("Awakening")));
  const listener = new Listener(page.context(), page);
  await listener.play();
  await listener.bar.getByRole("button", { name: "Listen together: off" }).click();
  await expect(listener.bar.getByRole("switch", { name: "Listen together with others" })).not.toBeChecked();
  await expect(listener.bar).toContainText("Other listeners see your network address");
  await expect.poll(() => played(page)).toBeGreaterThan(2);

  const reach = await page.evaluate(() => {
    const { connections, sockets, workers } = (globalThis as unknown as { reach: Reach }).reach;
    return { connections: connections.length, sockets, workers };
  });
  expect(reach).toEqual({ connections: 0, sockets: 0, workers: 0 });
  expect(asked.filter((url) => !url.startsWith(node.url) || /swarm|\/sources|\.torrent/.test(url))).toEqual([]);
});

test("it can be switched on, is remembered, and switched off again with everything it made", async ({ page, node }) => {
  test.skip(!hasNetwork, "this machine has no network interface but loopback");
  await page.addInitScript(watchReach);
  const listener = new Listener(page.context(), page);
  await listener.open(node.track("Awakening"));
  await listener.agree();
  await listener.play();
  // The node itself is in the swarm.
  await expect.poll(async () => (await listener.numbers()).connected).toBeGreaterThan(0);
  await page.reload();
  await expect(listener.bar.getByRole("button", { name: "Listen together: on" })).toBeVisible();
  await listener.bar.getByRole("button", { name: "Listen together: on" }).click();
  await listener.play();
  await expect.poll(async () => (await listener.numbers()).connected).toBeGreaterThan(0);

  const worker = swarmWorkers(page);
  expect(worker).toBe(1);
  await listener.bar.getByRole("switch", { name: "Listen together with others" }).click();
  await expect(listener.bar.getByRole("button", { name: "Listen together: off" })).toBeVisible();
  await expect.poll(async () => (await states(page)).every((state) => state === "closed")).toBe(true);
  await expect.poll(() => swarmWorkers(page)).toBe(0);
  const made = (await states(page)).length;
  const before = await played(page);
  await expect.poll(() => played(page)).toBeGreaterThan(before + 1);
  expect((await states(page)).length, "no connection after that").toBe(made);
  expect(await page.evaluate(() => localStorage.getItem("opensound.together"))).toBe("0");
});
