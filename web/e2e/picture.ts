/** Pictures of the pages for the README and the documents, in a form that keeps the repository small. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";

const folder = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** Whether pictures are asked for: `OSP_SCREENSHOTS=1`. */
export const isAsked = process.env.OSP_SCREENSHOTS === "1";
/** Why a test that does nothing else is skipped. */
export const WHY = "pictures are taken with OSP_SCREENSHOTS=1";

/** Sizes and schemes that pictures are taken in. */
export interface Shot {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme: "light" | "dark";
}

/** Most bytes of a picture. */
const MOST = 120_000;

/** Makes the window as the picture wants it. */
export async function frame(page: Page, { width, height, colorScheme }: Shot): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height });
}

/** Takes `docs/screenshots/NAME.webp`. Chromium, which is here anyway, packs it. */
export async function picture(page: Page, name: string): Promise<void> {
  const png = (await page.screenshot()).toString("base64");
  // An empty page: that of the picture allows no such thing.
  const packer = await page.context().newPage();
  const webp = await packer.evaluate(async (pixels) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${pixels}`)).blob());
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d")!.drawImage(bitmap, 0, 0);
    return canvas.toDataURL("image/webp", 0.88);
  }, png);
  await packer.close();
  const bytes = Buffer.from(webp.replace("data:image/webp;base64,", ""), "base64");
  expect(bytes.length, `${name} is a small WebP`).toBeLessThan(MOST);
  expect(bytes.subarray(8, 12).toString("latin1")).toBe("WEBP");
  writeFileSync(`${folder}${name}.webp`, bytes);
}
