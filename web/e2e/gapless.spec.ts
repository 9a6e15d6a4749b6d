/** Tracks of an album in the page's player: nothing between them, and an end that can be reached. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, pathOf, test as base } from "./fixtures";
import { halves, isWhole, KINDS, record, type Kind } from "./gapless/measure";
import { DemoNode, type SignedTrack } from "./node";

/** A node of its own: what is published here would be the newest music on everybody else's home page. */
const test = base.extend<object, { readonly node: DemoNode }>({
  node: [
    async ({}, use) => {
      const node = await DemoNode.start();
      await use(node);
      await node.stop();
    },
    { scope: "worker" },
  ],
});

// The recorder is none of the page's scripts.
test.use({ bypassCSP: true });

for (const kind of KINDS) {
  test(`no sample between two tracks of an album: ${kind.ending}`, async ({ page, node }) => {
    test.slow();
    const [first] = publish(node, kind);
    const open = async () => {
      await page.goto(pathOf(first!));
      return page.locator(".record").getByRole("button", { name: /^Play / });
    };
    isWhole(await record(page, "audio", kind.rate, open), kind);
  });
}

test("no sample between two tracks that come by way of other listeners", async ({ page, node }) => {
  test.slow();
  const [kind] = KINDS;
  const [first, second] = publish(node, kind!, "Together");
  await page.addInitScript(() => localStorage.setItem("opensound.together", "1"));
  const roads = new Set<string>();
  page.on("request", (request) => roads.add(new URL(request.url()).pathname + new URL(request.url()).search));
  const open = async () => {
    await page.goto(pathOf(first!));
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    // From its first byte on.
    await page.reload();
    return page.locator(".record").getByRole("button", { name: /^Play / });
  };
  isWhole(await record(page, "audio", kind!.rate, open), kind!);
  for (const { id } of [first!, second!]) expect(roads).toContain(`/api/v1/tracks/${id.replace("osp:track:", "")}/audio?together`);
});

/** An album of two tracks. */
function publish(node: DemoNode, kind: Kind, album = `Gapless ${kind.ending}`): SignedTrack[] {
  const folder = mkdtempSync(join(tmpdir(), "osp-gapless-"));
  halves(folder, kind);
  const published = node.osp("publish", folder, "--album", album, "--json");
  rmSync(folder, { recursive: true });
  return published.trim().split("\n").map((line) => JSON.parse(line) as SignedTrack);
}

test("the end of a track can be gone to: what follows plays, and behind the last nothing does", async ({ page, node }) => {
  await page.goto(pathOf(node.track("Awakening")));
  const bar = page.getByRole("region", { name: "Player" });
  const position = bar.getByRole("slider", { name: "Position" });
  const title = bar.locator(".player-title");
  const seconds = () => position.evaluate((slider: HTMLInputElement) => slider.valueAsNumber);
  await page.locator(".record").getByRole("button", { name: /^Play / }).click();
  await expect.poll(seconds).toBeGreaterThan(0.2);
  // By hand: held at the end it does not run on.
  const box = (await position.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width + 40, box.y + box.height / 2, { steps: 4 });
  await expect(title).toContainText("Awakening");
  await page.mouse.up();
  await expect(title).toContainText("Coherence");
  await expect.poll(seconds).toBeGreaterThan(0.2);
  expect(await seconds()).toBeLessThan(20);
  await position.press("End");
  const again = bar.getByRole("button", { name: /^Play / });
  await expect(again).toBeVisible();
  await again.click();
  await expect.poll(seconds, "from its beginning").toBeGreaterThan(0.2);
  expect(await seconds()).toBeLessThan(20);
});
