import { expect, pathOf, test } from "./fixtures";

test.use({ javaScriptEnabled: false });

test("a track page has title, metadata and an audio element with controls", async ({ page, node }) => {
  const track = node.track("Awakening");
  await page.goto(pathOf(track));
  await expect(page).toHaveTitle(`${track.title} by ${track.artistName} · OpenSound`);
  await expect(page.getByRole("heading", { level: 1, name: track.title })).toBeVisible();
  await expect(page.locator("audio[controls]")).toBeVisible();
  const source = await page.locator("audio source").getAttribute("src");
  const part = await page.request.get(source!, { headers: { Range: "bytes=0-3" } });
  expect(part.status()).toBe(206);
  expect((await part.body()).toString()).toBe("OggS");
  await expect(page.locator('meta[property="og:title"]')).toHaveAttribute("content", `${track.title} by ${track.artistName}`);
  await expect(page.locator('meta[property="og:image"]')).toHaveAttribute("content", new RegExp(`^${node.url}/`));
  await expect(page.locator("button:visible", { hasNotText: "Search" })).toHaveCount(0);
});

test("search is a plain form", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("searchbox").fill("coherence");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/\/search\?q=coherence$/);
  await expect(page.locator("main").getByRole("link", { name: "Coherence" })).toBeVisible();
});
