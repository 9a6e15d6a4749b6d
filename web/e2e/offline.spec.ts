/** Music and pages without a network: what is kept on this device plays, what is not is said plainly, and nothing is left half. */

import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { expect, pathOf, played, test as base } from "./fixtures";
import { DemoNode } from "./node";

/** A node of its own, which is stopped in the middle. */
const test = base.extend<object, { readonly node: DemoNode }>({
  node: [
    async ({}, use) => {
      const node = await DemoNode.start();
      await use(node);
      await node.stop();
    },
    { scope: "worker" },
  ],
});

const albumOf = (node: DemoNode): string => {
  const { artist, album } = node.track("Awakening");
  return `/artist/${encodeURIComponent(artist)}/album/${encodeURIComponent(album)}`;
};

/** The site's worker is there and has everything it needs. */
const ready = (page: Page) =>
  page.waitForFunction(async () => {
    const { active } = await navigator.serviceWorker.ready;
    return active?.state === "activated" && navigator.serviceWorker.controller?.scriptURL.endsWith("/sw.js");
  });

/** Files in the private file system, with their sizes. */
const files = (page: Page): Promise<Record<string, number>> =>
  page.evaluate(async () => {
    const found: Record<string, number> = {};
    const walk = async (folder: FileSystemDirectoryHandle, path: string) => {
      for await (const [name, handle] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>) {
        if (handle.kind === "directory") await walk(handle as FileSystemDirectoryHandle, `${path}${name}/`);
        else found[path + name] = (await (handle as FileSystemFileHandle).getFile()).size;
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return found;
  });

const library = (page: Page) => page.getByRole("region", { name: "Tracks", exact: true });

test("an album that is kept plays without a node: loaded anew, over the boundary between tracks, and anywhere in them", async ({ page, node }) => {
  await page.goto(albumOf(node));
  await ready(page);
  await page.getByRole("button", { name: "Keep on this device" }).click();
  const button = page.locator("[data-keep]");
  await expect(button).toHaveText("On this device", { timeout: 20_000 });
  const kept = node.tracks.map(({ cid }) => `opensound/kept/${cid}`);
  expect(Object.keys(await files(page)).toSorted()).toEqual(kept.toSorted());

  await page.context().setOffline(true);
  await page.goto("/library");
  await expect(library(page).getByRole("listitem")).toHaveCount(2);
  await expect(page.getByRole("meter", { name: "Room" })).toHaveAttribute("aria-valuetext", /MB of 1\.0 GB used/);
  expect(await violations(page)).toEqual([]);
  await library(page).getByRole("button", { name: "Play Awakening" }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.5);
  await page.getByRole("slider", { name: "Position" }).press("End");
  await expect(page.getByRole("region", { name: "Player" }).getByRole("link", { name: "Coherence" })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole("region", { name: "Player" }).getByRole("button", { name: /^Pause Coherence/ })).toBeVisible();

  // A place in a track that was not read yet, after everything in memory is gone.
  await page.goto(`${pathOf(node.track("Coherence"))}?t=1m40s`);
  await expect(page.getByRole("heading", { level: 1, name: "Coherence" })).toBeVisible();
  await expect(page.getByText("Verified", { exact: true })).toBeVisible();
  await page.keyboard.press("k");
  await expect(page.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^1 minute 4\d/);
  await page.goto("/genre/nowhere");
  await expect(page.getByRole("heading", { level: 1, name: "No connection" })).toBeVisible();
  await expect(library(page).getByRole("listitem")).toHaveCount(2);
});
