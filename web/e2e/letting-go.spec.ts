/** Going from page to page for hours: what was shown is let go. `cargo xtask soak page` watches for longer. */

import type { CDPSession, Page } from "@playwright/test";
import { expect, pathOf, test } from "./fixtures";

/** Goes to a page as a listener does, without leaving the document. */
async function go(page: Page, path: string) {
  await page.evaluate((to) => {
    const link = Object.assign(document.createElement("a"), { href: to });
    document.querySelector("main")!.append(link);
    link.click();
  }, path);
  await page.waitForFunction((to) => decodeURIComponent(location.pathname) === to, decodeURIComponent(path));
  await page.waitForTimeout(600);
}

/** What the browser holds when it has collected its garbage. */
async function held(tools: CDPSession): Promise<{ readonly nodes: number; readonly listeners: number }> {
  // Twice: the first collection lets finalisers run.
  for (let n = 0; n < 2; n++) await tools.send("HeapProfiler.collectGarbage");
  const { metrics } = await tools.send("Performance.getMetrics");
  const of = (name: string) => metrics.find((one) => one.name === name)!.value;
  return { nodes: of("Nodes"), listeners: of("JSEventListeners") };
}

test("pages that were left are not held", async ({ page, node }) => {
  test.setTimeout(120_000);
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable");
  await page.goto("/");
  const [track] = node.tracks;
  for (const path of [pathOf(track!), `/artist/${track!.artist}`, "/library", "/genres", "/search"]) {
    const visits = async (times: number) => {
      for (let n = 0; n < times; n++) {
        await go(page, path);
        await go(page, "/");
      }
      return held(tools);
    };
    const before = await visits(1);
    const after = await visits(3);
    // One page that is held is more than this, and there would be three.
    expect(after.nodes - before.nodes, path).toBeLessThan(40);
    expect(after.listeners - before.listeners, path).toBeLessThan(10);
  }
});
