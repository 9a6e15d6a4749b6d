import { violations } from "./axe";
import { expect, pathOf, played, test } from "./fixtures";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong by ${colorScheme === "light" ? "day" : "night"}`, async ({ page, node }) => {
    await page.emulateMedia({ colorScheme });
    const artist = `/artist/${node.tracks[0]!.artist}`;
    for (const path of ["/", "/search?q=a", artist]) {
      await page.goto(path);
      await expect(page.locator("[data-mark=verified]").first()).toBeAttached();
      expect(await violations(page), path).toEqual([]);
    }
    await page.goto(pathOf(node.track("Awakening")));
    await page.locator("summary", { hasText: "Verified" }).click();
    await page.locator(".record").getByRole("button", { name: /^Play / }).click();
    await expect.poll(() => played(page)).toBeGreaterThan(0);
    expect(await violations(page), "a track that plays").toEqual([]);
  });
}

test("every play button's name begins with Play", async ({ page, node }) => {
  for (const path of ["/", "/search?q=a", pathOf(node.track("Awakening"))]) {
    await page.goto(path);
    await expect(page.locator("button.play").first()).toBeVisible();
    const names = await page.locator("button.play").evaluateAll((all) => all.map((b) => b.getAttribute("aria-label")));
    for (const name of names) expect(name).toMatch(/^Play .+ by .+/);
  }
});

test("everything works by keyboard alone", async ({ page, node }) => {
  await page.goto("/");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  const first = page.getByRole("button", { name: /^Play Awakening/ }).first();
  for (let i = 0; i < 12 && !(await first.evaluate((b) => b === document.activeElement)); i += 1) {
    await page.keyboard.press("Tab");
  }
  await expect(first).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(() => played(page)).toBeGreaterThan(0.2);
  await page.keyboard.press("k");
  const stopped = await played(page);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => played(page)).toBeGreaterThan(stopped + 4);
  await page.keyboard.press("m");
  await expect(page.getByRole("button", { name: "Mute" })).toHaveAttribute("aria-pressed", "true");

  const position = page.getByRole("slider", { name: "Position" });
  await position.focus();
  await page.keyboard.press("PageUp");
  await expect(position).toHaveAttribute("aria-valuetext", /of 3 minutes 28 seconds$/);
  expect(await played(page)).toBeGreaterThan(stopped + 15);
  await page.keyboard.press("Shift+N");
  await expect(page.getByRole("region", { name: "Player" }).getByRole("link", { name: "Coherence" })).toBeVisible();

  await page.getByRole("searchbox").focus();
  await page.keyboard.type("cohe");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Search: cohe" })).toBeFocused();
  await expect(page.locator("main").getByRole("link", { name: node.track("Coherence").title })).toBeVisible();
});

test("the player never covers what has focus", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 500 });
  await page.goto("/");
  await page.getByRole("button", { name: /^Play Awakening/ }).first().click();
  const bar = page.getByRole("region", { name: "Player" });
  await expect(bar).toBeVisible();
  await page.locator("body").evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  const top = (await bar.boundingBox())!.y;
  const links = page.locator("main a:visible, main button:visible, footer a");
  for (let i = 0; i < (await links.count()); i += 1) {
    await links.nth(i).focus();
    const box = (await links.nth(i).boundingBox())!;
    expect(box.y + box.height, await links.nth(i).innerText()).toBeLessThanOrEqual(top + 1);
  }
});

for (const [what, width] of [["a small phone", 320], ["200 % zoom", 640]] as const) {
  test(`nothing runs off the side on ${what}`, async ({ page, node }) => {
    await page.setViewportSize({ width, height: 568 });
    for (const path of ["/", "/search?q=a", pathOf(node.track("Awakening"))]) {
      await page.goto(path);
      await page.locator("button.play").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}
