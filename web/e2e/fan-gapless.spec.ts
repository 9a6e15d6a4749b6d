/** Recordings of a sealed release: nothing between them, and everything else as it is with one. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { violations } from "./axe";
import { choose, KEY, Sealer, SONG, unlock, wave } from "./fan-files";
import { expect, test } from "./fixtures";
import { halves, isWhole, KINDS, record, type Kind } from "./gapless/measure";

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

// The recorder is none of the page's scripts.
test.use({ bypassCSP: true });

/** Both halves in one file, each kind in another form of it, and the key. */
function seal(kind: Kind): [string, string] {
  const files = halves(sealer.folder, kind);
  const name = `${kind.ending}.smsg`;
  if (kind.ending === "mp3") return [sealer.seal(name, files), KEY];
  const { path, keys } = sealer.release(name, files, "--mint", "1");
  return [path, keys.get("all")!];
}

for (const kind of KINDS) {
  test(`no sample between two recordings: ${kind.ending}`, async ({ page }) => {
    test.slow();
    const [file, key] = seal(kind);
    const open = async () => {
      await page.goto("/fan");
      await choose(page, file);
      await unlock(page, key);
      return page.locator(".fan-controls").getByRole("button", { name: /^Play / });
    };
    isWhole(await record(page, ".fan-player video", kind.rate, open), kind);
    await expect(page.getByRole("list", { name: "Recordings" }).locator("[aria-current]")).toContainText("Second");
  });
}

test("three recordings: their own clock, keys, the end of one, and the one that was pressed", async ({ page }) => {
  const files = ["One", "Two", "Three"].map((name, n) => sealer.write(`${n + 1} ${name}.wav`, wave(20)));
  const { path, keys } = sealer.release("three.smsg", files, "--mint", "1");
  await page.goto("/fan");
  await choose(page, path);
  await unlock(page, keys.get("all")!);
  const controls = page.locator(".fan-controls");
  const position = controls.getByRole("slider", { name: "Position" });
  const seconds = () => position.evaluate((slider: HTMLInputElement) => slider.valueAsNumber);
  const current = page.getByRole("list", { name: "Recordings" }).locator("[aria-current]");
  await controls.getByRole("button", { name: "Play 1 One.wav" }).click();
  await expect.poll(seconds).toBeGreaterThan(0.3);
  expect(await violations(page)).toEqual([]);
  await position.press("End");
  await expect(current).toContainText("2 Two");
  await expect.poll(seconds).toBeGreaterThan(0.3);
  expect(await seconds(), "counted from its own beginning").toBeLessThan(10);
  await expect(position).toHaveAttribute("aria-valuetext", /of 20 seconds/);
  await expect(page.locator(".fan-left")).toContainText(/-0:1\d/);
  await page.keyboard.press("l");
  await expect.poll(seconds).toBeGreaterThan(5);
  // Behind what is there already, and far from it.
  await page.getByRole("button", { name: /^1 One/ }).click();
  await expect(current).toContainText("1 One");
  await expect.poll(seconds).toBeGreaterThan(0.3);
  expect(await seconds()).toBeLessThan(10);
  await page.getByRole("button", { name: /^3 Three/ }).click();
  await expect(current).toContainText("3 Three");
  await expect.poll(seconds).toBeGreaterThan(0.3);
  await position.press("End");
  await controls.getByRole("button", { name: "Play 3 Three.wav" }).click();
  await expect.poll(seconds, "behind the last it begins again").toBeGreaterThan(0.3);
  expect(await seconds()).toBeLessThan(10);
});

test("what is heard of several recordings without a key, or with one for a part, is joined, too", async ({ page }) => {
  const second = fileURLToPath(new URL("../../demo/music/02 Coherence.opus", import.meta.url));
  const sold = ["--preview", "0:10-0:20", "--cut", "middle=0:40-0:50", "--mint", "1", "--mint", "middle=1"];
  const { path, keys } = sealer.release("parts.smsg", [SONG, second], ...sold);
  await page.goto("/fan");
  await choose(page, path);
  const controls = page.locator(".fan-controls");
  const position = controls.getByRole("slider", { name: "Position" });
  const length = () => position.evaluate((slider: HTMLInputElement) => Number(slider.max));
  await expect(page.getByText("A preview, open to everybody")).toBeVisible();
  for (const [key, seconds] of [[undefined, 11], ["middle", 11], ["all", 208]] as const) {
    if (key) await unlock(page, keys.get(key)!);
    await expect.poll(async () => Math.round(await length()), "before it plays").toBe(seconds);
    await controls.getByRole("button", { name: /^Play 01 Awakening/ }).click();
    await expect(controls.getByRole("button", { name: /^Pause 01 Awakening/ })).toBeVisible();
    await position.press("End");
    await expect(controls.getByRole("button", { name: /^Pause 02 Coherence/ })).toBeVisible();
    await page.reload();
    await choose(page, path);
  }
});

test("a recording that is damaged stops what plays behind another, and that is said once", async ({ page, complaints }) => {
  const files = ["one", "two"].map((name) => sealer.write(`${name}.wav`, wave(4)));
  const { path, keys } = sealer.release("damaged.smsg", files, "--mint", "1");
  const bytes = readFileSync(path);
  const at = Math.floor(bytes.length * 0.8);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await page.goto("/fan");
  await choose(page, sealer.write("damaged.smsg", bytes));
  await unlock(page, keys.get("all")!);
  await page.locator(".fan-controls").getByRole("button", { name: /^Play / }).click();
  await expect(page.locator(".fan-trouble")).toContainText("not what the artist signed, so it is not played");
  await expect(page.getByText("This browser cannot play")).toHaveCount(0);
  complaints.length = 0;
});
