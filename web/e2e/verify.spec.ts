import { expect, pathOf, test } from "./fixtures";

test("a track says Verified, and what that means", async ({ page, node }) => {
  const track = node.track("Awakening");
  await page.goto(pathOf(track));
  const verdict = page.locator("summary", { hasText: "Verified" });
  await expect(verdict).toBeVisible();
  await verdict.click();
  await expect(page.getByText(`Signed by ${track.artistName}`)).toBeVisible();
  await page.getByRole("button", { name: "Check the bytes too" }).click();
  await expect(page.getByText(/^All .* are the bytes the artist signed\.$/)).toBeVisible();
});

const lies: [string, (record: Record<string, unknown>) => void][] = [
  ["a changed title", (record) => Object.assign(record, { title: "Awakening (remix)" })],
  ["other content", (record) => Object.assign(record, { cid: "bafkreicysg23kiwv34eg2d7qweipxwosdo2py4ldv42nbauguluen5v6am" })],
  ["no signature", (record) => Reflect.deleteProperty(record, "signature")],
];

for (const [lie, change] of lies) {
  test(`a record with ${lie} is not verified and not played`, async ({ page, node }) => {
    await page.route("**/api/v1/tracks/*", async (route) => {
      const response = await route.fetch();
      const record = (await response.json()) as Record<string, unknown>;
      change(record);
      await route.fulfill({ response, json: record });
    });
    await page.goto(pathOf(node.track("Awakening")));
    await expect(page.getByRole("alert")).toContainText("Not verified:");
    await expect(page.locator(".record").getByRole("button", { name: /^Play / })).toBeDisabled();
    await expect(page.getByRole("region", { name: "Player" }).getByRole("button", { name: /^Play / })).toBeDisabled();
    await page.goto("/");
    await expect(page.locator("[data-mark=refused]").first()).toContainText("Not verified");
  });
}

test("what plays is checked, whether or not its row was", async ({ page, node }) => {
  await page.addInitScript(() => {
    // No row ever comes into view.
    globalThis.IntersectionObserver = class extends IntersectionObserver {
      override observe() {}
    };
  });
  const forged = node.track("Awakening");
  await page.route(`**/api/v1/tracks/${forged.id.replace("osp:track:", "")}`, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), signature: undefined } });
  });
  await page.goto("/");
  const row = page.locator("li.track", { has: page.getByRole("link", { name: forged.title }) });
  await row.getByRole("button", { name: /^Play / }).click();
  await expect(row.getByRole("button", { name: /^(Play|Pause) / })).toBeDisabled();
  await expect(page.getByRole("region", { name: "Player" }).getByRole("button", { name: /^(Play|Pause) / })).toBeDisabled();
  await expect.poll(() => page.evaluate(() => document.querySelector("audio")!.paused)).toBe(true);
});

test("the genuine record of another track does not pass for this one", async ({ page, node }) => {
  await page.route("**/api/v1/tracks/*", async (route) => {
    const response = await route.fetch({ url: `${node.url}/api/v1/tracks/${node.track("Coherence").id}` });
    await route.fulfill({ response });
  });
  await page.goto(pathOf(node.track("Awakening")));
  await expect(page.getByRole("alert")).toContainText("another track");
});

test("a page that shows something else than was signed is found out", async ({ page, node }) => {
  const path = pathOf(node.track("Awakening"));
  await page.route(`**${path}`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text()).replaceAll("<bdi>Max McCracken</bdi>", "<bdi>Somebody Else</bdi>");
    await route.fulfill({ response, body });
  });
  await page.goto(path);
  await expect(page.getByRole("alert")).toContainText("artist's name");
});

test("wrong bytes are found out", async ({ page, node }) => {
  await page.goto(pathOf(node.track("Awakening")));
  await page.route("**/audio", (route) => route.fulfill({ body: "these are other bytes", contentType: "audio/ogg" }));
  await page.locator("summary", { hasText: "Verified" }).click();
  await page.getByRole("button", { name: "Check the bytes too" }).click();
  await expect(page.getByRole("alert")).toContainText("Wrong bytes");
  await expect(page.locator(".record").getByRole("button", { name: /^Play / })).toBeDisabled();
});
