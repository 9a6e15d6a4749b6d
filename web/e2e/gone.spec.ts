import { expect, pathOf, test } from "./fixtures";

test("a blocked track is gone and says so, and comes back", async ({ page, node, complaints }) => {
  const track = node.track("Coherence");
  node.osp("block", "add", track.id);
  const response = await page.goto(pathOf(track));
  expect(response?.status()).toBe(410);
  await expect(page.getByRole("heading", { level: 1, name: "Not served here" })).toBeVisible();
  await expect(page.locator("audio")).toHaveCount(1); // the player's own, with nothing in it
  await page.goto("/");
  await expect(page.locator("main").getByRole("link", { name: "Coherence" })).toHaveCount(0);
  node.osp("block", "remove", track.id);
  expect((await page.goto(pathOf(track)))?.status()).toBe(200);
  // The browser itself reports the 410 that was asked for.
  expect(complaints.splice(0).every((text) => text.includes("410"))).toBe(true);
});

test("an address that is nothing is a page too", async ({ page, complaints }) => {
  const response = await page.goto("/no/such/page");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1, name: "Not here" })).toBeVisible();
  expect(complaints.splice(0).every((text) => text.includes("404"))).toBe(true);
});

test("pages carry the policy that keeps foreign script out", async ({ page }) => {
  for (const path of ["/", "/search?q=x", "/no/such/page"]) {
    const headers = (await page.request.get(path)).headers();
    expect(headers["content-security-policy"]).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
  }
});
