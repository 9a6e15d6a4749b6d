/** Pictures for the README and the documents, taken when OSP_SCREENSHOTS=1 asks for them. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, pathOf, played, test as base } from "./fixtures";
import { DemoNode } from "./node";
import { frame, isAsked, picture, WHY, type Shot } from "./picture";

base.skip(!isAsked, WHY);

/** A node of its own, whose artist has a profile. */
const test = base.extend<object, { readonly node: DemoNode }>({
  node: [
    async ({}, use) => {
      const node = await DemoNode.start();
      const cover = fileURLToPath(new URL("../../demo/music/cover.jpg", import.meta.url));
      const bio = "Music for games, long nights and machines that dream.\n\nWritten and played at home.";
      const links = ["--link", "Website=https://max.example", "--link", "Concerts=https://max.example/live", "--donate", "Tip jar=https://max.example/tip"];
      node.osp("profile", "edit", "--name", "Max McCracken", "--bio", bio, "--avatar", cover, ...links);
      await use(node);
      await node.stop();
    },
    { scope: "worker" },
  ],
});

const artistOf = (node: DemoNode) => `/artist/${node.track("Awakening").artist}`;
const albumOf = (node: DemoNode) => `${artistOf(node)}/album/${encodeURIComponent(node.track("Awakening").album)}`;
const trackOf = (node: DemoNode) => pathOf(node.track("Awakening"));

interface PageShot extends Shot {
  readonly path: (node: DemoNode) => string;
  /** What is done before, while a track plays. */
  readonly act?: (page: Page) => Promise<void>;
}

const home = () => "/";
/** Rows say that they were checked. */
const wait = (page: Page) => expect(page.locator("[data-mark=verified]").first()).toBeAttached();
/** The facts that were checked, opened. */
const openVerified = (page: Page) => page.locator("summary", { hasText: "Verified" }).click();
async function openQueue(page: Page) {
  await page.keyboard.press("q");
  await expect(page.getByRole("region", { name: "Queue" })).toBeVisible();
}

const shots: readonly PageShot[] = [
  { name: "home", path: home, width: 1200, height: 760, colorScheme: "light", act: wait },
  { name: "home-phone-dark", path: home, width: 390, height: 844, colorScheme: "dark", act: wait },
  { name: "artist", path: artistOf, width: 1200, height: 820, colorScheme: "light" },
  { name: "artist-phone-dark", path: artistOf, width: 390, height: 844, colorScheme: "dark" },
  { name: "album-dark", path: albumOf, width: 1100, height: 720, colorScheme: "dark", act: wait },
  { name: "track-dark", path: trackOf, width: 1100, height: 720, colorScheme: "dark", act: openVerified },
  { name: "track-phone", path: trackOf, width: 390, height: 844, colorScheme: "light", act: openVerified },
  { name: "queue", path: albumOf, width: 1200, height: 760, colorScheme: "light", act: openQueue },
  { name: "queue-phone-dark", path: albumOf, width: 390, height: 844, colorScheme: "dark", act: openQueue },
];

for (const { path, act, ...shot } of shots) {
  test(shot.name, async ({ page, node }) => {
    await frame(page, shot);
    await page.goto(path(node));
    await page.getByRole("button", { name: /^Play Awakening/ }).first().click();
    await expect.poll(() => played(page)).toBeGreaterThan(0);
    const position = page.getByRole("slider", { name: "Position" });
    await position.focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("PageUp");
    await expect.poll(() => played(page)).toBeGreaterThan(75);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await act?.(page);
    await page.evaluate(() => window.scrollTo(0, 0));
    await picture(page, shot.name);
  });
}

for (const colorScheme of ["light", "dark"] as const) {
  const shot: Shot = { name: colorScheme === "light" ? "embeds" : "embeds-dark", width: 900, height: 620, colorScheme };
  test(shot.name, async ({ page, node }) => {
    await frame(page, shot);
    const embed = node.url + trackOf(node).replace("/track/", "/embed/");
    const player = (size: string, width: number, height: number) => `<iframe src="${embed}?size=${size}" title="Awakening" width="${width}" height="${height}" style="border:0"></iframe>`;
    const style = "body{font:16px/1.5 Georgia,serif;max-width:52rem;margin:1.5rem auto;padding:0 1rem;color-scheme:light dark}div{display:flex;gap:1.5rem}";
    const aside = `<section><p>What we heard this week.</p>${player("compact", 430, 152)}<p>And once more, for the side of a page:</p>${player("strip", 430, 64)}</section>`;
    const blog = `<!doctype html><html lang="en"><title>A blog</title><style>${style}</style><h1>A blog</h1><div>${player("card", 360, 500)}${aside}</div></html>`;
    const host = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end(blog));
    await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready));
    await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
    const first = page.frameLocator("iframe").first();
    await first.getByRole("button", { name: "Play Awakening" }).click();
    await expect(first.getByRole("button", { name: "Pause Awakening" })).toBeVisible();
    await first.getByRole("slider", { name: "Position" }).focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("PageUp");
    await expect(first.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^1 minute/);
    await first.locator("body").evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await picture(page, shot.name);
    host.close();
  });
}
