/** What the axe rules say of a page. */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

const axeScript = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds wrong, one line each. `preload`: whether it may fetch style sheets again, which a strict policy forbids. */
export async function violations(page: Page, preload = true): Promise<string[]> {
  await page.evaluate(axeScript);
  return page.evaluate(async (fetches) => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const found = (await axe.run({ preload: fetches })).violations;
    return found.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`);
  }, preload);
}
