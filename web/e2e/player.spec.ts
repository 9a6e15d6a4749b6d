import type { Page } from "@playwright/test";
import { violations } from "./axe";
import { expect, pathOf, played, test } from "./fixtures";
import type { DemoNode } from "./node";

const bar = (page: Page) => page.getByRole("region", { name: "Player" });
const playing = (page: Page) => page.evaluate(() => !document.querySelector("audio")!.paused);
const said = (page: Page) => page.locator("#announcer");
const queue = (page: Page) => page.getByRole("region", { name: "Queue" });
/** Titles in the queue, the current one with a star. */
const queued = (page: Page) =>
  queue(page)
    .locator("li")
    .evaluateAll((rows) =>
      rows.map((row) => `${row.getAttribute("aria-current") ? "*" : ""}${row.querySelector("bdi")?.textContent ?? ""}`),
    );

/** From a track's page, whose list is its album, whatever else the node has. */
async function begin(page: Page, node: DemoNode, title = "Awakening") {
  await page.goto(pathOf(node.track(title)));
  await page.locator(".record").getByRole("button", { name: `Play ${title}` }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(0.2);
}

test("the queue is added to, reordered by keys and by drag, and cleared", async ({ page, node }) => {
  await begin(page, node);
  const row = page.locator("main .track", { hasText: "Coherence" });
  await row.getByRole("button", { name: "More about Coherence" }).click();
  await expect(page.getByRole("menuitem").first()).toBeFocused();
  await page.getByRole("menuitem", { name: "Play next" }).click();
  await expect(said(page)).toHaveText(/^Coherence by .* plays next$/);
  await expect(row.getByRole("button", { name: "More about Coherence" })).toBeFocused();
  await row.getByRole("button", { name: "More about Coherence" }).press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await page.locator("main .track", { hasText: "Awakening" }).getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Add to queue" }).click();

  await page.keyboard.press("q");
  await expect.poll(() => queued(page)).toEqual(["*Awakening", "Coherence", "Coherence", "Awakening"]);
  expect(await violations(page), "the queue").toEqual([]);
  const grips = queue(page).getByRole("button", { name: /^Move / });
  await grips.nth(3).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect.poll(() => queued(page)).toEqual(["*Awakening", "Awakening", "Coherence", "Coherence"]);
  await expect(said(page)).toHaveText(/^Awakening by .* is number 2 of 4$/);
  await expect(grips.nth(1)).toBeFocused();

  const [from, to] = [(await grips.nth(0).boundingBox())!, (await grips.nth(2).boundingBox())!];
  await page.mouse.move(from.x + 10, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 10, to.y + to.height + 4, { steps: 6 });
  await page.mouse.up();
  await expect.poll(() => queued(page)).toEqual(["Awakening", "Coherence", "*Awakening", "Coherence"]);
  await queue(page).getByRole("button", { name: /^Remove Coherence/ }).first().click();
  await expect.poll(() => queued(page)).toEqual(["Awakening", "*Awakening", "Coherence"]);
  await queue(page).getByRole("button", { name: "Clear" }).click();
  await expect.poll(() => queued(page)).toEqual(["*Awakening"]);
  expect(await playing(page), "what plays goes on").toBe(true);
});

test("shuffle keeps what plays and gives the order back; repeat has three states and goes round", async ({ page, node }) => {
  await begin(page, node, "Coherence");
  await page.keyboard.press("q");
  await expect.poll(() => queued(page)).toEqual(["Awakening", "*Coherence"]);
  await page.keyboard.press("s");
  await expect(said(page)).toHaveText("Shuffled");
  await expect.poll(() => queued(page)).toEqual(["*Coherence", "Awakening"]);
  await queue(page).getByRole("button", { name: "Shuffle" }).click();
  await expect.poll(() => queued(page)).toEqual(["Awakening", "*Coherence"]);

  await expect(bar(page).getByRole("button", { name: "Next track" })).toBeDisabled();
  await page.keyboard.press("r");
  await expect(said(page)).toHaveText("Repeat: all");
  await expect(bar(page).getByRole("button", { name: "Next track" })).toBeEnabled();
  await page.keyboard.press("n");
  await expect(bar(page).getByRole("link", { name: "Awakening" })).toBeVisible();
  await page.keyboard.press("r");
  await expect(said(page)).toHaveText("Repeat: this track");
  await page.keyboard.press("r");
  await expect(said(page)).toHaveText("Repeat: off");
});

test("the queue and the second survive a restart, paused", async ({ page, node }) => {
  await begin(page, node);
  await page.keyboard.press("l");
  await page.keyboard.press("l");
  await expect.poll(() => played(page)).toBeGreaterThan(20);
  await page.keyboard.press("k");
  const at = await played(page);
  await page.reload();
  await expect(bar(page).getByRole("link", { name: "Awakening" })).toBeVisible();
  await expect.poll(() => played(page)).toBeCloseTo(at, 0);
  expect(await playing(page)).toBe(false);
  await page.keyboard.press("q");
  await expect.poll(() => queued(page)).toEqual(["*Awakening", "Coherence"]);
  await bar(page).getByRole("button", { name: "Play Awakening" }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(at);
});

test("of two tabs one plays, and the other says why it does not", async ({ page, node, context }) => {
  await begin(page, node);
  const other = await context.newPage();
  await other.goto("/");
  await other.getByRole("button", { name: "Play Coherence" }).first().click();
  await expect.poll(() => playing(other)).toBe(true);
  await expect.poll(() => playing(page)).toBe(false);
  await expect(bar(page)).toContainText("something else plays in this browser");
  await expect(said(page)).toHaveText(/something else/);
  await other.close();
});

test("the seek bar shows the waveform that the artist signed, without moving anything", async ({ page, node }) => {
  const record = (await (await page.request.get(`/api/v1/tracks/${node.track("Awakening").id.replace("osp:track:", "")}`)).json()) as {
    waveform: string;
  };
  const bytes = await (await page.request.get(`/ipfs/${record.waveform}`)).body();
  expect(bytes.subarray(0, 5).toString("latin1")).toBe("OSPW\u0001");
  expect(bytes.length).toBe(8 + bytes.readUInt16BE(6));
  expect(bytes.length).toBeLessThan(2056);
  let free = () => {};
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  await page.route(`**/ipfs/${record.waveform}`, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(pathOf(node.track("Awakening")));
  const position = page.getByRole("slider", { name: "Position" });
  const before = await position.boundingBox();
  free();
  await expect(bar(page).locator(".waveform path").first()).toHaveAttribute("d", /^M/);
  expect(await position.boundingBox()).toEqual(before);
});

test("speed keeps the pitch, holds from track to track and is told to the system", async ({ page, node }) => {
  await begin(page, node);
  await page.keyboard.press(">");
  await expect(said(page)).toHaveText("Speed 1.1×");
  await bar(page).getByRole("button", { name: "More" }).click();
  expect(await violations(page), "the menu of the bar").toEqual([]);
  await page.getByRole("combobox", { name: "Speed" }).selectOption({ label: "2×" });
  await page.keyboard.press("Escape");
  await expect(bar(page).getByRole("button", { name: "More" })).toBeFocused();
  const rate = () => page.evaluate(() => [document.querySelector("audio")!.playbackRate, document.querySelector("audio")!.preservesPitch]);
  expect(await rate()).toEqual([2, true]);
  await page.keyboard.press("n");
  await expect(bar(page).getByRole("link", { name: "Coherence" })).toBeVisible();
  await expect.poll(() => played(page)).toBeGreaterThan(0.1);
  expect(await rate()).toEqual([2, true]);
});

test("a key shows what all keys do, and gives focus back; single keys can be switched off", async ({ page, node }) => {
  await begin(page, node);
  const row = page.locator("main .track", { hasText: "Coherence" }).getByRole("button", { name: /^More about/ });
  await row.focus();
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet.getByRole("row")).toHaveCount(14);
  expect(await violations(page), "the keys").toEqual([]);
  await sheet.getByRole("switch").click();
  await page.keyboard.press("Escape");
  await expect(row).toBeFocused();
  await page.keyboard.press("n");
  await expect(bar(page).getByRole("link", { name: "Awakening" })).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => played(page)).toBeGreaterThan(4);
});

test("an address names a second, and the share sheet writes such addresses", async ({ page, node, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const track = node.track("Awakening");
  await page.goto(`${pathOf(track)}?t=1m08s`);
  await expect(page.getByRole("slider", { name: "Position" })).toHaveAttribute("aria-valuetext", /^1 minute 8 seconds of/);
  // A browser that wants a press first is told so; others play.
  if (!(await playing(page))) await expect(bar(page)).toContainText("Play begins at 1:08");
  if (!(await playing(page))) await page.locator(".record").getByRole("button", { name: /^Play / }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(68.2);
  await page.keyboard.press("k");

  await bar(page).getByRole("button", { name: "More" }).click();
  await page.getByRole("button", { name: "Share" }).click();
  const sheet = page.getByRole("dialog", { name: "Share" });
  await sheet.getByRole("switch", { name: /^Begin at 1:\d\d$/ }).click();
  const link = new RegExp(`^${node.url}${pathOf(track)}\\?t=1m\\d\\ds$`);
  await expect(sheet.getByRole("textbox", { name: "Link to the page" })).toHaveValue(link);
  await expect(sheet.getByRole("textbox", { name: "For a terminal" })).toHaveValue(/^osp play http\S+ --start \d\d$/);
  await expect(sheet.getByRole("textbox", { name: "BitTorrent" })).toHaveValue(track.torrent ?? /^magnet:/);
  const frame = await sheet.getByRole("textbox", { name: "For your own page" }).inputValue();
  expect((await page.request.get(/src="([^"]+)"/.exec(frame)![1]!)).status()).toBe(200);
  await expect(sheet.getByRole("img", { name: /QR code/ })).toBeVisible();
  expect(await violations(page), "the share sheet").toEqual([]);
  await sheet.getByRole("button", { name: "Copy: Link to the page" }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(link);
  const download = page.waitForEvent("download");
  await sheet.getByRole("link", { name: "Download the original file" }).click();
  expect((await download).suggestedFilename()).toMatch(/Awakening\.(opus|ogg)$/);
});

test("likes, playlists and what was played stay in this browser", async ({ page, node }) => {
  await begin(page, node);
  await page.keyboard.press("l");
  await expect.poll(() => played(page)).toBeGreaterThan(10);
  await page.keyboard.press("k");
  const coherence = page.locator("main .track", { hasText: "Coherence" });
  await coherence.getByRole("button", { name: "Like Coherence" }).click();
  await expect(said(page)).toHaveText(/^You like Coherence/);
  await bar(page).getByRole("button", { name: "Like Awakening" }).click();
  await coherence.getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Add to a new playlist" }).click();
  await expect(said(page)).toHaveText(/added to Playlist 1$/);
  await page.locator("main .track", { hasText: "Awakening" }).getByRole("button", { name: /^More about/ }).click();
  await page.getByRole("menuitem", { name: "Add to “Playlist 1”" }).click();
  await expect(said(page)).toHaveText(/^Awakening .* added to Playlist 1$/);

  await page.reload();
  await expect(coherence.getByRole("button", { name: "Like Coherence" })).toHaveAttribute("aria-pressed", "true");
  await bar(page).getByRole("button", { name: "More" }).click();
  await page.getByRole("button", { name: "Your music" }).click();
  const sheet = page.getByRole("dialog", { name: "Your music" });
  await expect(sheet.getByRole("region", { name: "Likes" }).getByRole("listitem")).toHaveCount(2);
  expect(await violations(page), "the library").toEqual([]);
  const list = sheet.getByRole("region", { name: "Playlist 1" });
  await expect(list.getByRole("link")).toHaveText([/^Coherence/, /^Awakening/]);
  await list.getByRole("button", { name: /^Move Awakening/ }).focus();
  await page.keyboard.press("ArrowUp");
  await expect(list.getByRole("link")).toHaveText([/^Awakening/, /^Coherence/]);
  await expect(sheet.getByRole("status"), "said inside the sheet").toHaveText(/^Awakening by .* is number 1 of 2$/);
  await list.getByRole("textbox").fill("Evening");
  await page.keyboard.press("Enter");
  const evening = sheet.getByRole("region", { name: "Evening" });
  const download = page.waitForEvent("download");
  await evening.getByRole("button", { name: "Save Evening as M3U8" }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("Evening.m3u8");
  await evening.getByRole("button", { name: /^Remove Coherence/ }).click();
  await expect(evening.getByRole("link")).toHaveCount(1);
  await sheet.getByRole("button", { name: /^Resume at 0:1\d: Awakening by/ }).click();
  await expect.poll(() => played(page)).toBeGreaterThan(10);
  await evening.getByRole("button", { name: "Delete Evening" }).click();
  await expect(evening).toHaveCount(0);
  await sheet.getByRole("region", { name: "Likes" }).getByRole("link", { name: /^Coherence/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Coherence" })).toBeFocused();
  await expect(sheet).toHaveCount(0);
});

test("lyrics follow the music, as text", async ({ page, node }) => {
  await page.goto(pathOf(node.track("Coherence")));
  await expect(bar(page).getByRole("button", { name: "Lyrics" })).toHaveCount(0);
  await begin(page, node);
  await bar(page).getByRole("button", { name: "Lyrics" }).click();
  const lyrics = page.getByRole("region", { name: "Lyrics" });
  await expect(lyrics.locator("[aria-current]")).toHaveText("First light");
  expect(await violations(page), "the lyrics").toEqual([]);
  await lyrics.getByRole("button", { name: "From 0:20: <b>Second</b> light" }).click();
  await expect(lyrics.locator("[aria-current]")).toHaveText("<b>Second</b> light");
  await expect.poll(() => played(page)).toBeGreaterThan(19);
});

test.describe("in German", () => {
  test.use({ locale: "de-AT" });
  test("the player speaks the browser's language, and another one when asked", async ({ page }) => {
    await page.goto("/");
    await page.getByRole("button", { name: /^Awakening von .* abspielen$/ }).first().click();
    const position = page.getByRole("slider", { name: "Stelle" });
    await position.focus();
    await page.keyboard.press("PageUp");
    await expect(position).toHaveAttribute("aria-valuetext", /^\d\d Sekunden von 3 Minuten 28 Sekunden$/);
    await page.getByRole("region", { name: "Player" }).getByRole("button", { name: "Mehr" }).click();
    await bar(page).getByRole("combobox", { name: "Sprache" }).selectOption("English");
    await expect(page.getByRole("slider", { name: "Position" })).toBeVisible();
    await page.reload();
    await expect(page.getByRole("slider", { name: "Position" })).toBeVisible();
  });
});

test("it fits a small phone, 200 % zoom and a page that reads from right to left", async ({ page, node }) => {
  for (const [width, direction] of [[360, "ltr"], [320, "ltr"], [640, "rtl"]] as const) {
    await page.setViewportSize({ width, height: 640 });
    await begin(page, node);
    await page.evaluate((dir) => document.documentElement.setAttribute("dir", dir), direction);
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(await overflow(), `${width} ${direction}`).toBeLessThanOrEqual(0);
    await page.keyboard.press("q");
    await expect(queue(page)).toBeVisible();
    const box = (await queue(page).boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    expect(box.y, "its head is on the screen").toBeGreaterThanOrEqual(0);
    for (const button of await bar(page).locator(".player-bar button:visible").all()) {
      const { x, width: wide } = (await button.boundingBox())!;
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + wide).toBeLessThanOrEqual(width);
    }
    expect(await overflow()).toBeLessThanOrEqual(0);
  }
});
