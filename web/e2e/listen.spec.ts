import { expect, pathOf, played, test } from "./fixtures";

test("home shows the album with its cover, and every track", async ({ page, node }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 2, name: node.tracks[0]!.album })).toBeVisible();
  const cover = page.locator(".front img").first();
  await expect.poll(() => cover.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth)).toBeGreaterThan(0);
  expect(await cover.getAttribute("src")).toMatch(/^\/ipfs\//);
  for (const track of node.tracks) {
    await expect(page.getByRole("button", { name: `Play ${track.title} by ${track.artistName}` })).toBeVisible();
  }
  await expect(page.locator("[data-mark=verified]")).toHaveCount(node.tracks.length);
});

test("a track page plays real audio, seeks and goes on to the next", async ({ page, node }) => {
  const track = node.track("Awakening");
  await page.goto(pathOf(track));
  await expect(page.getByRole("heading", { level: 1, name: track.title })).toBeVisible();
  await page.locator(".record").getByRole("button", { name: /^Play / }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.5);

  const system = await page.evaluate(() => {
    const { metadata, playbackState } = navigator.mediaSession;
    return { title: metadata?.title, album: metadata?.album, playbackState };
  });
  expect(system).toEqual({ title: track.title, album: track.album, playbackState: "playing" });

  const position = page.getByRole("slider", { name: "Position" });
  const box = (await position.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => played(page)).toBeGreaterThan(90);
  await expect(position).toHaveAttribute("aria-valuetext", /^1 minute \d+ seconds? of 3 minutes 28 seconds$/);

  const bar = page.getByRole("region", { name: "Player" });
  await bar.getByRole("button", { name: "Next track" }).click();
  await expect(bar.getByRole("button", { name: "Pause Coherence by" })).toBeVisible();
  await expect.poll(() => played(page)).toBeGreaterThan(0.2);
});

test("music plays on from page to page, and back", async ({ page, node }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Play Awakening" }).first().click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.3);
  await page.locator(".track").getByRole("link", { name: "Coherence" }).click();
  await expect(page).toHaveURL(pathOf(node.track("Coherence")));
  await expect(page.getByRole("heading", { level: 1, name: "Coherence" })).toBeFocused();
  const before = await played(page);
  await expect.poll(() => played(page)).toBeGreaterThan(before + 0.3);
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "New music" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Pause Awakening" }).first()).toBeVisible();
});

test("search finds while typing, keeps focus and makes an address", async ({ page }) => {
  await page.goto("/");
  const box = page.getByRole("searchbox");
  await box.pressSequentially("awak");
  await expect(page).toHaveURL(/\/search\?q=awak$/);
  await expect(page.locator("main").getByRole("link", { name: "Awakening" })).toBeVisible();
  await expect(page.locator("main").getByRole("link", { name: "Coherence" })).toHaveCount(0);
  await expect(box).toBeFocused();
  await expect(page.locator("#announcer")).toHaveText("1 track");
  await box.fill("nothing like this");
  await expect(page.locator("[data-results]")).toContainText("Nothing found");
  await page.goBack();
  await expect(page).toHaveURL("/");
});
