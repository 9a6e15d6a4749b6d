/** Pages and player in the reader's language: found with the browser, chosen by the listener, and nothing of another one left over. */

import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { choose, play as playSealed, Sealer, SONG, time, unlock } from "./fan-files";
import { expect, pathOf, played, test } from "./fixtures";
import type { DemoNode } from "./node";

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

const FOOTER = ".site-footer";

/** Pages of every kind. */
function pagesOf(node: DemoNode): string[] {
  const track = node.track("Awakening");
  const artist = `/artist/${track.artist}`;
  const album = `${artist}/album/${encodeURIComponent(track.album)}`;
  return ["/", pathOf(track), artist, album, "/genres", "/search?q=awakening", "/search?q=qqqq", "/library", "/fan", `${pathOf(track).replace("track", "embed")}?size=compact`, "/nowhere"];
}

/** English words among what the page shows and says. What artists wrote, and what is for programs, is nobody's translation. */
function english(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const words = /\b(the|and|with|your|this|these|here|play|signed|tracks?|keep|verified|download|records?|licence|key|files?|by|of|not|is|copy|search|close|more|next|queue|open)\b/i;
    const found: string[] = [];
    const tell = (text: string) => {
      if (words.test(text.replace(/did:\S+|CC BY\S*/g, ""))) found.push(text.trim());
    };
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement: parent, textContent } = walker.currentNode;
      if (parent && !parent.closest("bdi, code, script, style, noscript, [lang=en], [data-artist]")) tell(textContent ?? "");
    }
    for (const element of document.querySelectorAll("*")) {
      for (const name of ["aria-label", "title", "placeholder", "aria-valuetext", "alt"]) tell(element.getAttribute(name) ?? "");
    }
    tell(document.querySelector<HTMLMetaElement>("meta[name=description]")?.content ?? "");
    return [...new Set(found)];
  });
}

/** Languages of the pages that are kept for times without a network. */
function keptLanguages(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found = new Set<string>();
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const kept = await cache.match(request, { ignoreVary: true });
        if (!kept?.headers.get("Content-Type")?.startsWith("text/html")) continue;
        found.add(/<html lang="(\w+)"/.exec(await kept.text())?.[1] ?? "none");
      }
    }
    return [...found];
  });
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

test.describe("a German browser", () => {
  test.use({ locale: "de-AT" });

  test("gets pages without an English word, that fit a phone in both directions", async ({ page, node, complaints }) => {
    await page.setViewportSize({ width: 360, height: 720 });
    for (const path of pagesOf(node)) {
      await page.goto(path);
      await expect(page.locator("html")).toHaveAttribute("lang", "de");
      // Verdicts and what scripts put into the page.
      const row = page.locator("main li.track").first();
      if ((await row.count()) > 0) {
        await row.scrollIntoViewIfNeeded();
        await expect(row.locator("[data-mark]")).toHaveText("Geprüft");
      }
      if (path === "/fan") await expect(page.getByRole("button", { name: "Datei wählen" })).toBeVisible();
      if (path === "/library") await expect(page.getByText("Noch nichts.", { exact: false })).toBeVisible();
      expect(await english(page), path).toEqual([]);
      expect(await overflow(page), path).toBeLessThanOrEqual(0);
      await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
      expect(await overflow(page), `${path} from right to left`).toBeLessThanOrEqual(0);
    }
    expect(complaints.splice(0), "what is nowhere is not found").toEqual([expect.stringContaining("404")]);
  });

  test("gets a player, its panels and a sealed release without an English word", async ({ page, node }) => {
    await page.goto(pathOf(node.track("Awakening")));
    await page.locator(".record").getByRole("button", { name: /^Awakening von .* abspielen$/ }).click();
    await page.locator("summary", { hasText: "Geprüft" }).click();
    await page.getByRole("button", { name: "Auch die Bytes prüfen" }).click();
    await expect(page.getByText(/sind so, wie der Künstler sie unterschrieben hat/)).toBeVisible();
    const bar = page.getByRole("region", { name: "Player" });
    for (const key of ["q", "?"]) {
      await page.keyboard.press(key);
      await expect(page.getByRole(key === "q" ? "region" : "dialog").last()).toBeVisible();
      expect(await english(page), key).toEqual([]);
      await page.keyboard.press("Escape");
    }
    await bar.getByRole("button", { name: "Mehr" }).click();
    expect(await english(page), "more").toEqual([]);
    expect(await violations(page), "axe").toEqual([]);

    const manifest = sealer.manifest({ title: "Endgame", artist: "Max McCracken", license_type: "perpetual", album: "Singularity" });
    const file = sealer.seal("song.smsg", [SONG], ...manifest, "--format", "v2");
    await page.goto("/fan");
    await choose(page, file);
    await expect(page.getByRole("button", { name: "Aufschließen" })).toBeVisible();
    expect(await english(page), "sealed").toEqual([]);
    await page.getByLabel("Lizenzschlüssel").fill("wrong");
    await page.getByRole("button", { name: "Aufschließen" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "öffnet diese Datei nicht" })).toBeVisible();
    expect(await english(page), "a wrong key").toEqual([]);
  });

  test("is overruled by the listener, who goes on listening, and is remembered", async ({ page, context, node }) => {
    await page.goto(pathOf(node.track("Awakening")));
    await page.locator(".record").getByRole("button", { name: /^Awakening von .* abspielen$/ }).click();
    await expect.poll(() => played(page)).toBeGreaterThan(0.2);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    const before = await played(page);
    await page.locator(FOOTER).getByRole("combobox", { name: "Sprache" }).selectOption("English");
    await expect(page.locator("main").getByText("Artist's identity")).toBeVisible();
    for (const text of ["Skip to the content", "On this device", "Open a sealed file"]) await expect(page.getByText(text).first()).toBeAttached();
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await expect(page.getByRole("searchbox")).toHaveAttribute("placeholder", "Title, artist, album, genre");
    await expect.poll(() => played(page)).toBeGreaterThan(before);
    expect(await page.evaluate(() => document.querySelector("audio")!.paused)).toBe(false);
    await expect.poll(() => keptLanguages(page), "what is kept of pages").toEqual(["en"]);
    const cookies = await context.cookies();
    expect(cookies.map(({ name, value, sameSite }) => [name, value, sameSite])).toEqual([["lang", "en", "Lax"]]);
    await page.reload();
    await expect(page.locator("main").getByText("Artist's identity")).toBeVisible();
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "New music" })).toBeVisible();
  });

  test("changes the words around a sealed release that plays", async ({ page }) => {
    const file = sealer.seal("other.smsg", [SONG], ...sealer.manifest({ title: "Endgame" }), "--format", "v2");
    await page.goto("/fan");
    await page.locator(FOOTER).getByRole("combobox", { name: "Sprache" }).selectOption("English");
    await choose(page, file);
    await unlock(page);
    await playSealed(page);
    await expect.poll(() => time(page)).toBeGreaterThan(0.2);
    await page.locator(FOOTER).getByRole("combobox", { name: "Language" }).selectOption("Deutsch");
    await expect(page.getByRole("heading", { level: 1, name: "Versiegelte Datei öffnen" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Andere Datei öffnen" })).toBeVisible();
    const at = await time(page);
    await expect.poll(() => time(page)).toBeGreaterThan(at);
  });
});

test.describe("a German browser without JavaScript", () => {
  test.use({ locale: "de-DE", javaScriptEnabled: false });

  test("gets German pages", async ({ page, node }) => {
    await page.goto("/");
    await expect(page.getByRole("heading", { level: 1, name: "Neue Musik" })).toBeVisible();
    await page.goto(pathOf(node.track("Awakening")));
    await expect(page).toHaveTitle(/^Awakening von .* · OpenSound$/);
    await expect(page.getByText(/^Identität/)).toBeVisible();
    await expect(page.locator("audio[controls]")).toBeVisible();
  });
});
