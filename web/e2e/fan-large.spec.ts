/** 500 MB in a tab: asked for with OSP_LARGE=1, as it needs a minute and 1.5 GB of disk. */

import { createReadStream, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "./fixtures";
import { choose, LICENCE, play, player, Sealer, time, unlock, wave } from "./fan-files";

test.skip(process.env.OSP_LARGE !== "1", "large files are tried with OSP_LARGE=1");
test.setTimeout(300_000);

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

const MINUTE = wave(60);
const SIZE = 500_000_000;

/** A wave file of 500 MB whose length its head says. */
function tone(): string {
  const head = Buffer.from(MINUTE.subarray(0, 44));
  head.writeUInt32LE(SIZE - 8, 4);
  head.writeUInt32LE(SIZE - 44, 40);
  const path = sealer.write("tone.wav", head);
  const minute = MINUTE.subarray(44);
  for (let left = SIZE - 44; left > 0; left -= minute.length) writeFileSync(path, minute.subarray(0, left), { flag: "a" });
  return path;
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

/** Bytes that renderer processes have for themselves, the largest of them. */
function largestTab(): number {
  const own = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      if (!readFileSync(join("/proc", pid, "cmdline"), "utf8").includes("--type=renderer")) return 0;
      const rollup = readFileSync(join("/proc", pid, "smaps_rollup"), "utf8");
      const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1] ?? 0) * 1024;
      return of("Private_Dirty") + of("Private_Clean");
    } catch {
      return 0; // ended meanwhile
    }
  });
  return Math.max(...own);
}

const formats: [string, string[]][] = [
  ["v3 in chunks", ["--format", "v3", "--chunk-size", "1048576"]],
  ["v2", ["--format", "v2", "--compression", "none"]],
];

for (const [name, options] of formats) {
  test(`500 MB of ${name} are opened, heard, sought in and saved in less than 200 MB`, async ({ page }) => {
    const original = tone();
    const file = sealer.seal("large.smsg", [original], ...options);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, largestTab());
    }, 100);
    await page.goto("/fan");
    await choose(page, file);
    if (options.includes("v3")) await unlock(page, LICENCE.id, LICENCE.fingerprint);
    else await unlock(page);
    await expect(player(page)).toBeVisible({ timeout: 120_000 });
    await play(page);
    await expect.poll(() => time(page)).toBeGreaterThan(0.3);
    await player(page).evaluate((media: HTMLMediaElement) => {
      media.currentTime = media.duration * 0.9;
    });
    await expect.poll(() => time(page)).toBeGreaterThan(2500);
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save tone.wav" }).click();
    const saved = await (await saving).path();
    clearInterval(watch);
    expect(await sha256(saved)).toBe(await sha256(original));
    test.info().annotations.push({ type: "memory", description: `${Math.round(most / 1e6)} MB` });
    expect(most).toBeLessThan(200_000_000);
  });
}
