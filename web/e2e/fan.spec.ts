import { readFileSync } from "node:fs";
import { expect, test } from "./fixtures";
import { choose, controlled, KEY, LICENCE, play, player, Sealer, sha256, SONG, time, unlock, vector } from "./fan-files";

const sealer = new Sealer();
test.afterAll(() => sealer.remove());

const MANIFEST = {
  title: "Endgame",
  artist: "Max McCracken",
  album: "Singularity",
  year: 2026,
  license_type: "perpetual",
  tracks: [
    { title: "Dawn", start: 0, track_num: 1 },
    { title: "Noon", start: 75, track_num: 2 },
  ],
  links: { shop: "https://shop.example/endgame" },
};

const formats: [string, string[]][] = [
  ["v1", ["--format", "v1"]],
  ["v2 with zstd", ["--format", "v2"]],
  ["v2 without compression", ["--format", "v2", "--compression", "none"]],
  ["v3", ["--format", "v3"]],
  ["v3 in chunks", ["--format", "v3", "--chunk-size", "65536"]],
];

for (const [name, options] of formats) {
  test(`${name}: shown, unlocked, heard, saved`, async ({ page }) => {
    const booklet = sealer.write("booklet.pdf", "%PDF-1.4 not really");
    const file = sealer.seal("song.smsg", [SONG, booklet], ...sealer.manifest(MANIFEST), "--body", "Thank you.", ...options);
    await page.goto("/fan");
    await choose(page, file);
    await expect(page.getByRole("heading", { level: 2, name: "Endgame" })).toBeVisible();
    await expect(page.getByText("yours to keep")).toBeVisible();
    await expect(page.locator(".fan-tracks")).toContainText("Noon");
    if (options.includes("v3")) await unlock(page, LICENCE.id, LICENCE.fingerprint);
    else await unlock(page);
    await expect(page.getByRole("heading", { level: 2, name: "Endgame" })).toBeFocused();
    await expect(page.getByText("Thank you.")).toBeVisible();

    await play(page);
    await expect.poll(() => time(page)).toBeGreaterThan(0.5);
    await page.getByRole("button", { name: "Noon" }).click();
    await expect.poll(() => time(page)).toBeGreaterThan(75.3);
    await expect(page.getByRole("button", { name: "Noon" })).toHaveAttribute("aria-current", "true");
    const system = await page.evaluate(() => ({
      title: navigator.mediaSession.metadata?.title,
      state: navigator.mediaSession.playbackState,
    }));
    expect(system).toEqual({ title: "Noon", state: "playing" });
    expect(await player(page).getAttribute("src")).toMatch(/^\/fan\/media\//);

    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save 01 Awakening.opus" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("01 Awakening.opus");
    expect(sha256(readFileSync(await saved.path()))).toBe(sha256(readFileSync(SONG)));
    expect(page.url()).toMatch(/\/fan$/);
  });
}

test("a key is looked over while typing pauses, and shown on demand", async ({ page, node }) => {
  const file = sealer.seal("key.smsg", [], "--body", "x");
  const key = (JSON.parse(node.osp("key", "new", "--json")) as { key: string }).key;
  const groups = key.split("-");
  groups[3] = (groups[3]![0] === "Q" ? "P" : "Q") + groups[3]!.slice(1);
  await page.goto("/fan");
  await choose(page, file);
  const field = page.getByLabel("Licence key");
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("type", "password");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(field).toHaveAttribute("type", "text");
  await field.fill(groups.join("-"));
  await expect(page.locator("#fan-key-typo")).toContainText("looks mistyped");
  await field.fill(key);
  await expect(page.locator("#fan-key-typo")).toBeEmpty();
  await unlock(page, ` ${KEY}\n`);
  await expect(page.locator(".fan-letter")).toContainText("x");
});

test("a key typed in small letters with spaces opens what it was made for", async ({ page, node }) => {
  const key = (JSON.parse(node.osp("key", "new", "--json")) as { key: string }).key;
  const file = sealer.seal("small.smsg", [], "--body", "found it");
  const own = file.replace("small", "own");
  node.osp("seal", "--format", "v2", "--out", own, "--key", key, "--body", "found it");
  await page.goto("/fan");
  await choose(page, own);
  await unlock(page, key.toLowerCase().replaceAll("-", " "));
  await expect(page.locator(".fan-letter")).toContainText("found it");
});

test("text, HTML and JSON open as the file itself does", async ({ page }) => {
  const base64 = readFileSync(sealer.seal("text.smsg", [], "--body", "as text")).toString("base64");
  await page.goto("/fan");
  for (const text of [base64, `<p>x</p><div class=a data-smsg="${base64}"></div>`, JSON.stringify({ type: "smsg", encoding: "base64", content: base64 })]) {
    await page.getByText("Or paste it as text").click();
    await page.getByLabel(/^Base64/).fill(text);
    await page.getByRole("button", { name: "Open the text" }).click();
    await unlock(page);
    await expect(page.locator(".fan-letter")).toContainText("as text");
    await page.getByRole("button", { name: "Open another file" }).click();
  }
});

test("a file dropped anywhere and text pasted anywhere are taken", async ({ page }) => {
  const bytes = readFileSync(sealer.seal("drop.smsg", [], "--body", "dropped")).toString("base64");
  await page.goto("/fan");
  const data = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    transfer.items.add(new File([content], "drop.smsg"));
    return transfer;
  }, bytes);
  await page.dispatchEvent("footer", "drop", { dataTransfer: data });
  await unlock(page);
  await expect(page.locator(".fan-letter")).toContainText("dropped");
  await page.getByRole("button", { name: "Open another file" }).click();
  await page.evaluate((base64) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", base64);
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
  }, bytes);
  await unlock(page);
  await expect(page.locator(".fan-letter")).toContainText("dropped");
});

const troubles: [string, () => string, RegExp][] = [
  ["a truncated file", () => vector("n-trunc-145.smsg"), /ends too early/],
  ["something else", () => SONG, /not a sealed file/],
  ["base64 of base64", () => vector("b64-of-b64.smsg.b64"), /turned into text twice/],
  ["base64 with a hole", () => sealer.write("hole.b64", readFileSync(vector("b64-std.smsg.b64"), "utf8").replace(/^(.{100})./, "$1!")), /text is damaged/],
  ["a newer kind", () => sealer.write("newer.smsg", readFileSync(vector("n-version-3.smsg")).fill(4, 4, 5)), /newer or other kind/],
  ["nothing", () => sealer.write("empty.smsg", ""), /ends too early|not a sealed file/],
];

for (const [what, file, sentence] of troubles) {
  test(`${what} is named in a sentence`, async ({ page }) => {
    await page.goto("/fan");
    await choose(page, file());
    await expect(page.getByRole("alert").first()).toContainText(sentence);
    await expect(page.getByRole("button", { name: "Choose a file" })).toBeVisible();
  });
}

test("a wrong key is said, and the right one then opens", async ({ page }) => {
  const file = sealer.seal("wrong.smsg", [], "--body", "right");
  await page.goto("/fan");
  await choose(page, file);
  await unlock(page, "wrong");
  await expect(page.getByRole("alert").first()).toContainText("does not open this file, or the file is damaged");
  await expect(page.getByLabel("Licence key")).toHaveAttribute("aria-invalid", "true");
  await unlock(page);
  await expect(page.locator(".fan-letter")).toContainText("right");
});

test("an expired licence is said to be a request, and opens on the listener's word", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, vector("v2-expired-manifest.smsg"));
  await expect(page.locator(".fan-key .notice")).toContainText("a request of the artist, not a lock");
  await unlock(page);
  const alert = page.getByRole("alert").first();
  await expect(alert).toContainText(/let this licence end on .*\d{4}/);
  await alert.getByRole("button", { name: "Open it anyway" }).click();
  await expect(page.locator(".fan-letter")).toContainText("expired");
});

test("a copy for other days says so", async ({ page }) => {
  await page.goto("/fan");
  await choose(page, vector("v3-daily.smsg"));
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
  await expect(page.getByRole("alert").first()).toContainText("The time this copy was made for is over");
});

test("without a network the page opens, and everything on it works", async ({ page, context }) => {
  const file = sealer.seal("offline.smsg", [SONG], "--format", "v3", "--chunk-size", "65536");
  await page.goto("/fan");
  await controlled(page);
  await context.setOffline(true);
  await page.goto("/fan#anything");
  await page.reload();
  await choose(page, file);
  await unlock(page, LICENCE.id, LICENCE.fingerprint);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.5);
});

test("opening, playing and saving a file ask nobody for anything", async ({ page }) => {
  const file = sealer.seal("quiet.smsg", [SONG], ...sealer.manifest(MANIFEST));
  await page.goto("/fan");
  await controlled(page);
  await page.waitForLoadState("networkidle");
  const network: string[] = [];
  page.context().on("response", (response) => {
    if (!response.fromServiceWorker()) network.push(response.url());
  });
  await choose(page, file);
  await unlock(page);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.5);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save 01 Awakening.opus" }).click();
  await (await saving).path();
  expect(network).toEqual([]);
});

test("without a service worker it plays and saves from memory", async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, "serviceWorker", { value: undefined }));
  const file = sealer.seal("memory.smsg", [SONG, sealer.write("page.html", "<script>1</script>")]);
  await page.goto("/fan");
  await choose(page, file);
  await unlock(page);
  await expect.poll(() => player(page).getAttribute("src")).toMatch(/^blob:/);
  await play(page);
  await expect.poll(() => time(page)).toBeGreaterThan(0.5);
  for (const name of ["01 Awakening.opus", "page.html"]) {
    const saving = page.waitForEvent("download");
    await page.getByRole("button", { name: `Save ${name}` }).click();
    expect((await saving).suggestedFilename()).toBe(name);
  }
});

test("all attachments are saved at once", async ({ page }) => {
  const contents = ["one", "two", "three"];
  const files = contents.map((text) => sealer.write(`${text} – ü.txt`, text));
  await page.goto("/fan");
  await choose(page, sealer.seal("all.smsg", files));
  await unlock(page);
  const saved = new Map<string, string>();
  page.on("download", (download) => {
    void download.path().then((path) => saved.set(download.suggestedFilename(), readFileSync(path, "utf8")));
  });
  await page.getByRole("button", { name: "Save all" }).click();
  await expect.poll(() => [...saved.entries()].toSorted()).toEqual(contents.map((text) => [`${text} – ü.txt`, text]).toSorted());
});
