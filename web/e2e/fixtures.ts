/** What every test gets: the node, and a page whose console must stay clean. */

import { test as base, expect, type Page } from "@playwright/test";
import { DemoNode, type SignedTrack } from "./node";

interface PerTest {
  /** Messages of the console and uncaught errors; checked to be empty when a test ends. */
  readonly complaints: string[];
}
interface PerWorker {
  readonly node: DemoNode;
}

export const test = base.extend<PerTest, PerWorker>({
  node: [
    async ({}, use) => {
      const node = await DemoNode.start();
      await use(node);
      await node.stop();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ node }, use) => use(node.url),
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on("console", (message) => {
        // A page that is left while its media element asks for more leaves a request behind that nobody answers.
        if (message.location().url.includes("/fan/media/") && message.text().includes("404")) return;
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(error.message));
      await use(complaints);
      expect(complaints, "the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** The page of a track. */
export const pathOf = (track: SignedTrack): string => `/track/${track.id.replace("osp:track:", "")}`;

/** Seconds played of the only audio element there is. */
export const played = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const all = document.querySelectorAll("audio");
    if (all.length !== 1) throw new Error(`${all.length} audio elements`);
    return all[0]!.currentTime;
  });
