/** The control of listening together: by keyboard, for screen readers, on small screens, by day and night. */

import { violations } from "./axe";
import { expect, pathOf, test } from "./fixtures";
import { hasNetwork, Listener } from "./sharing";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with it by ${colorScheme === "light" ? "day" : "night"}`, async ({ page, node }) => {
    await page.emulateMedia({ colorScheme });
    const listener = new Listener(page.context(), page);
    await listener.open(node.track("Awakening"));
    expect(await violations(page), "off").toEqual([]);
    await listener.agree();
    await listener.play();
    await expect(listener.bar.locator(".sharing-numbers")).toBeVisible();
    if (hasNetwork) await expect.poll(async () => (await listener.numbers()).connected).toBeGreaterThan(0);
    expect(await violations(page), "on").toEqual([]);
  });
}

test("it works by keyboard, says what it is, and Escape closes it", async ({ page, node }) => {
  await page.goto(pathOf(node.track("Awakening")));
  const { bar } = new Listener(page.context(), page);
  const button = bar.getByRole("button", { name: "Listen together: off" });
  await expect(button).toHaveAttribute("aria-expanded", "false");
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("Tab");
  const choice = bar.getByRole("switch", { name: "Listen together with others" });
  await expect(choice).toBeFocused();
  await expect(choice).toHaveAccessibleDescription(/Other listeners see your network address/);
  await page.keyboard.press(" ");
  await expect(choice).toBeChecked();
  await expect(bar.locator(".sharing-numbers")).toHaveAttribute("aria-live", "off");
  await page.keyboard.press("Escape");
  await expect(bar.getByRole("button", { name: "Listen together: on" })).toBeFocused();
  await expect(choice).toBeHidden();
});

test("all of it fits on a small phone", async ({ page, node }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  const listener = new Listener(page.context(), page);
  await listener.open(node.track("Awakening"));
  await listener.agree();
  await expect(listener.bar.locator(".sharing-numbers")).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
  const panel = (await listener.bar.locator(".sharing-panel").boundingBox())!;
  expect(panel.x).toBeGreaterThanOrEqual(0);
  expect(panel.x + panel.width).toBeLessThanOrEqual(320);
  expect(panel.y).toBeGreaterThanOrEqual(0);
  for (const control of [listener.bar.getByRole("button", { name: /^Listen together/ }), listener.bar.getByRole("switch")]) {
    expect((await control.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  }
});

test("where nobody can be reached it says so, and the track plays all the same", async ({ page, node }) => {
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "RTCPeerConnection"));
  const listener = new Listener(page.context(), page);
  await listener.open(node.track("Awakening"));
  await expect(listener.bar).toContainText("This browser cannot connect to other listeners");
  await expect(listener.bar.getByRole("switch")).toHaveCount(0);
  await listener.play();
});
