/** Pictures for the README, taken when OSP_SCREENSHOTS=1 asks for them. */

import { fileURLToPath } from "node:url";
import { expect, pathOf, played, test } from "./fixtures";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

test.skip(process.env.OSP_SCREENSHOTS !== "1", "pictures are taken with OSP_SCREENSHOTS=1");

const shots = [
  { name: "home", path: "home", width: 1200, height: 760, colorScheme: "light" },
  { name: "track-dark", path: "track", width: 1100, height: 720, colorScheme: "dark" },
  { name: "home-phone-dark", path: "home", width: 390, height: 844, colorScheme: "dark" },
  { name: "track-phone", path: "track", width: 390, height: 844, colorScheme: "light" },
] as const;

for (const { name, path, width, height, colorScheme } of shots) {
  test(name, async ({ page, node }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
    await page.goto(path === "home" ? "/" : pathOf(node.track("Awakening")));
    await page.getByRole("button", { name: "Play Awakening" }).first().click();
    await expect.poll(() => played(page)).toBeGreaterThan(0);
    const position = page.getByRole("slider", { name: "Position" });
    await position.focus();
    for (let i = 0; i < 5; i += 1) await page.keyboard.press("PageUp");
    await expect.poll(() => played(page)).toBeGreaterThan(75);
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    if (path === "track") await page.locator("summary", { hasText: "Verified" }).click();
    else await expect(page.locator("[data-mark=verified]").first()).toBeAttached();
    await page.evaluate(() => window.scrollTo(0, 0));
    await page.screenshot({ path: `${folder}${name}.png` });
  });
}
