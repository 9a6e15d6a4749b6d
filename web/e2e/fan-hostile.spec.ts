/** Names, titles, links and types in a sealed file are a stranger's words. */

import { expect, test } from "./fixtures";
import { choose, LICENCE, Sealer, unlock } from "./fan-files";

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

const EVIL = `"><script>window.hit=1</script><img src=x onerror="window.hit=1">`;
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" onload="window.hit=1"><script>window.hit=1</script></svg>`;
const HTML = "<!doctype html><script>parent.hit=1;opener.hit=1;hit=1</script>";

test("markup in a manifest and in names stays text, and links are web addresses only", async ({ page }) => {
  const manifest = {
    title: EVIL,
    artist: EVIL,
    album: EVIL,
    license_type: EVIL,
    tracks: [{ title: EVIL, start: 1 }],
    links: { [EVIL]: "https://fine.example/", script: "javascript:window.hit=1", data: "data:text/html,x" },
    tags: [EVIL],
  };
  const files = [sealer.write("<img src=x onerror=window.hit=1>.txt", "x"), sealer.write("a.svg", SVG), sealer.write("a.html", HTML)];
  const file = sealer.seal("evil.smsg", files, ...sealer.manifest(manifest), "--body", EVIL);
  await page.goto("/fan");
  await choose(page, file);
  await expect(page.getByRole("heading", { level: 2 })).toContainText("<script>");
  const links = page.locator(".fan-about a");
  await expect(links).toHaveCount(1);
  await expect(links).toHaveAttribute("href", "https://fine.example/");
  await expect(links).toHaveAttribute("rel", /noopener noreferrer/);
  await unlock(page);
  await expect(page.locator(".fan-letter")).toContainText("<script>");
  await expect(page.locator(".fan-files li")).toHaveCount(3);
  await expect(page.locator(".fan-files img, .fan-front img, .fan-player, main script, main img")).toHaveCount(0);
  expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
});

test("pages and drawings in a file are saved, never shown", async ({ page, context }) => {
  const files = [sealer.write("page.html", HTML), sealer.write("drawing.svg", SVG)];
  const file = sealer.seal("active.smsg", files, "--format", "v3", "--chunk-size", "65536");
  await page.goto("/fan");
  await choose(page, file);
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
  for (const name of ["page.html", "drawing.svg"]) {
    const answered = context.waitForEvent("response", (response) => response.url().includes("/fan/media/"));
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save ${name}` }).click();
    const response = await answered;
    expect(response.headers()["content-type"]).toBe("application/octet-stream");
    expect(response.headers()["content-disposition"]).toMatch(/^attachment; /);
    expect(response.headers()["content-security-policy"]).toContain("sandbox");
    expect(response.headers()["x-content-type-options"]).toBe("nosniff");
    expect((await saving).suggestedFilename()).toBe(name);
    // Somebody who is sent the address gets the same, even in the same browser.
    const visitor = await context.newPage();
    const again = visitor.waitForEvent("download");
    await visitor.goto(response.url()).catch(() => {});
    await again;
    await visitor.close();
  }
  expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
});
