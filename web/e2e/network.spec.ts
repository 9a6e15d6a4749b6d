/** A search page whose node has nothing, and knows by one address a node that has the demo album. */

import { violations } from "./axe";
import { expect, pathOf, played, test as base } from "./fixtures";
import { DemoNode } from "./node";
import { frame, isAsked, picture } from "./picture";
import { BUSY } from "./sharing";

const MEMBER = ["--p2p", "/ip4/127.0.0.1/tcp/0", "--allow-private"];

const test = base.extend<{}, { artist: DemoNode }>({
  artist: [
    async ({}, use) => {
      const artist = await DemoNode.start("", MEMBER);
      await use(artist);
      await artist.stop();
    },
    { scope: "worker" },
  ],
  node: [
    async ({ artist }, use) => {
      const node = await DemoNode.empty([...MEMBER, "--bootstrap", artist.p2p[0]!]);
      // What was published is announced a moment later.
      await expect
        .poll(async () => {
          const found = await fetch(`${node.url}/api/v1/tracks?scope=network&title=Coherence`);
          return ((await found.json()) as { tracks: unknown[] }).tracks.length;
        }, BUSY)
        .toBe(1);
      await use(node);
      await node.stop();
    },
    { scope: "worker" },
  ],
});

test("an album that nobody here has played is on its artist's page", async ({ page, artist }) => {
  await page.goto(`/artist/${artist.tracks[0]!.artist}`);
  for (const { title } of artist.tracks) await expect(page.locator("main").getByRole("link", { name: title, exact: true })).toBeVisible();
});

test("typing asks for what is typed in the end, and keeps focus", async ({ page, artist }) => {
  const asked: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/search/events") asked.push(url.searchParams.get("q") ?? "");
  });
  await page.goto("/");
  const box = page.getByRole("searchbox");
  await box.pressSequentially("coherence", { delay: 20 });
  const row = page.getByRole("region", { name: "In the network" }).locator("[data-track]");
  await expect(row).toHaveCount(1, BUSY);
  await expect(row.getByRole("link", { name: artist.track("Coherence").title })).toBeVisible();
  await expect(box).toBeFocused();
  expect(asked).toEqual(["coherence"]);
});

test("what others have comes in below, says who has it, opens and plays", async ({ page, artist }) => {
  const track = artist.track("Awakening");
  await page.goto("/search?q=awakening");
  await expect(page.locator("[data-results]")).toContainText("Nothing found on this node");
  const section = page.getByRole("region", { name: "In the network" });
  const row = section.locator("[data-track]");
  await expect(row).toHaveCount(1);
  await expect(row).toContainText("found in the network, 1 peer has it");
  await expect(row.locator("[data-mark=verified]")).toBeAttached();
  await expect(section.locator("[data-network-status]")).toHaveText("1 track found in the network", BUSY);
  // Said once, when it is over.
  await expect(page.locator("#announcer")).toHaveText("1 track found in the network");
  await expect(section).not.toHaveAttribute("aria-busy");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await violations(page), colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  const { width, height } = page.viewportSize()!;
  await page.setViewportSize({ width: 320, height: 568 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  await page.setViewportSize({ width, height });
  if (isAsked) {
    await frame(page, { name: "search-network", width: 1100, height: 620, colorScheme: "light" });
    await picture(page, "search-network");
  }

  const play = row.getByRole("button", { name: `Play ${track.title} by ${track.artistName}` });
  await play.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => played(page), BUSY).toBeGreaterThan(0.3);
  await row.getByRole("link", { name: track.title }).click();
  await expect(page).toHaveURL(pathOf(track));
  await expect(page.getByRole("heading", { level: 1, name: track.title })).toBeFocused();
  expect(await violations(page)).toEqual([]);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("a link leads to the same results", async ({ page, artist }) => {
    const track = artist.track("Coherence");
    await page.goto(`/search?q=${encodeURIComponent(track.title)}`);
    await page.getByRole("link", { name: "Search the network" }).click();
    const row = page.getByRole("region", { name: "In the network" }).locator("[data-track]");
    await expect(row).toHaveCount(1);
    await expect(row).toContainText("found in the network, 1 peer has it");
    await row.getByRole("link", { name: track.title }).click();
    await expect(page.locator("audio[controls]")).toBeVisible();
  });
});
