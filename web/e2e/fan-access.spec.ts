/** The page that opens sealed files, for keyboards, screen readers, small screens, and without JavaScript. */

import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { expect, test } from "./fixtures";
import { choose, play, Sealer, SONG, time, unlock } from "./fan-files";
import { frame, isAsked, picture, WHY } from "./picture";

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

const MANIFEST = {
  title: "Endgame: Singularity",
  artist: "Max McCracken",
  album: "Endgame: Singularity",
  year: 2012,
  genre: "Electronic",
  license_type: "perpetual",
  issued_at: 1_767_225_600,
  expires_at: 4_102_444_800,
  tracks: [
    { title: "Awakening", start: 0, track_num: 1 },
    { title: "First light", start: 61, track_num: 2 },
    { title: "Out of reach", start: 140, track_num: 3 },
  ],
  links: { "The artist's page": "https://artist.example/", Merch: "https://merch.example/shop" },
};
const release = () => {
  const cover = fileURLToPath(new URL("../../demo/music/cover.jpg", import.meta.url));
  return sealer.seal("release.smsg", [SONG, cover], ...sealer.manifest(MANIFEST), "--body", "Thank you for paying for music.");
};

/** Each state of the page in turn. */
async function* states(page: Page): AsyncGenerator<string> {
  await page.goto("/fan");
  await page.getByText("Or paste it as text").click();
  yield "choosing";
  await choose(page, SONG);
  await expect(page.getByRole("alert").first()).toContainText("not a sealed file");
  yield "an error";
  await choose(page, release());
  await expect(page.getByLabel("Licence key")).toBeVisible();
  yield "sealed";
  await unlock(page, "wrong");
  await expect(page.getByRole("alert").first()).toContainText("does not open");
  yield "a wrong key";
  await unlock(page);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.2);
  yield "opened";
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong by ${colorScheme === "light" ? "day" : "night"}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    for await (const state of states(page)) expect(await violations(page), state).toEqual([]);
  });
}

test("nothing runs off the side on a small phone", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 568 });
  for await (const state of states(page)) {
    expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBeLessThanOrEqual(320);
  }
});

test("everything works by keyboard alone", async ({ page }) => {
  const file = release();
  await page.goto("/fan");
  const pick = page.getByRole("button", { name: "Choose a file" });
  for (let i = 0; i < 10 && !(await pick.evaluate((b) => b === document.activeElement)); i += 1) await page.keyboard.press("Tab");
  const choosing = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await choosing).setFiles(file);
  await expect(page.getByLabel("Licence key")).toBeFocused();
  await page.keyboard.type("correct horse battery staple");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 2 })).toBeFocused();
  await page.keyboard.press("k");
  await expect.poll(() => time(page)).toBeGreaterThan(0.2);
  await page.keyboard.press("Shift+N");
  await expect.poll(() => time(page)).toBeGreaterThan(61);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => time(page)).toBeGreaterThan(65.9);
  await page.keyboard.press("k");
  expect(await page.locator(".fan-player video").evaluate((media: HTMLMediaElement) => media.paused)).toBe(true);
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });
  test("the page says what it needs, and what else opens a file", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("link", { name: "Open a sealed file" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Open a sealed file" })).toBeVisible();
    await expect(page.getByText("needs JavaScript")).toBeVisible();
    await expect(page.getByText("osp unseal")).toBeVisible();
  });
});

test.describe("pictures", () => {
  test.skip(!isAsked, WHY);
  const shots = [
    { name: "fan-sealed", width: 1200, height: 820, colorScheme: "light", opens: false },
    { name: "fan-dark", width: 1200, height: 820, colorScheme: "dark", opens: true },
    { name: "fan-phone", width: 390, height: 844, colorScheme: "light", opens: true },
  ] as const;
  for (const { opens, ...shot } of shots) {
    test(shot.name, async ({ page }) => {
      await frame(page, shot);
      await page.goto("/fan");
      await choose(page, release());
      await expect(page.getByLabel("Licence key")).toBeVisible();
      if (opens) {
        await unlock(page);
        await play(page);
        await page.getByRole("button", { name: /^First light/ }).click();
        await expect.poll(() => time(page)).toBeGreaterThan(62);
      }
      await page.evaluate(() => {
        (document.activeElement as HTMLElement | null)?.blur();
        window.scrollTo(0, 0);
      });
      await picture(page, shot.name);
    });
  }
});
