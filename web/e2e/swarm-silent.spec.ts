/** Whatever goes silent on the road of others, the track sounds as long as the node answers. */

import type { Browser, BrowserContext } from "@playwright/test";
import { expect, pathOf, test as base } from "./fixtures";
import type { DemoNode, SignedTrack } from "./node";
import { BUSY, Listener, startServer } from "./sharing";

const test = base.extend<{ server: DemoNode }>({
  server: async ({}, use) => {
    const server = await startServer();
    await use(server);
    await server.stop();
  },
});

test.setTimeout(120_000);

/** A listener who agreed on an earlier visit, in a context that `prepare` spoils. */
async function spoiled(browser: Browser, server: DemoNode, prepare: (context: BrowserContext) => Promise<unknown>) {
  const context = await browser.newContext({ baseURL: server.url });
  await context.addInitScript(() => localStorage.setItem("opensound.together", "1"));
  await prepare(context);
  return new Listener(context, await context.newPage());
}

/** Puts another service worker in the place of ours; `answer` is the body of a function of a fetch event. */
const workerThat = (answer: string) => (context: BrowserContext) =>
  context.route("**/sw.js", (route) =>
    route.fulfill({
      headers: { "Content-Type": "text/javascript", "Service-Worker-Allowed": "/" },
      body: `
        addEventListener("install", () => skipWaiting());
        addEventListener("activate", (event) => event.waitUntil(clients.claim()));
        const answer = async (request) => { ${answer} };
        addEventListener("fetch", (event) => {
          if (event.request.url.endsWith("?together")) event.respondWith(answer(event.request));
        });`,
    }),
  );

/** Opens a page of a track that the worker answers for from its first byte on; the roads that its bytes are asked for on. */
async function openAgain({ page }: Listener, track: SignedTrack, ready: () => Promise<void>): Promise<string[]> {
  await page.goto(pathOf(track));
  await ready();
  const roads: string[] = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.endsWith("/audio")) roads.push(search === "?together" ? "others" : "node");
  });
  await page.reload();
  await expect.poll(() => roads, BUSY).toContain("others");
  // What the page's plain element may have asked for before.
  roads.splice(0, roads.indexOf("others"));
  return roads;
}

test("a worker that answers nothing is gone round", async ({ browser, server }) => {
  const one = await spoiled(browser, server, workerThat("return new Promise(() => undefined);"));
  const roads = await openAgain(one, server.track("Awakening"), () => one.ready());
  await one.page.keyboard.press("k");
  await expect.poll(() => one.seconds(), BUSY).toBeGreaterThan(0.3);
  expect(roads, "straight from the node").toContain("node");
  await one.context.close();
});

test("a worker that breaks off in the middle of a track is gone round, at the same place", async ({ browser, server }) => {
  const breaks = `
    const whole = await (await fetch(request.url.replace("?together", ""), { cache: "no-store" })).arrayBuffer();
    const start = Number(/bytes=(\\d+)-/.exec(request.headers.get("Range"))[1]);
    // The beginning and, as players ask for it, the end.
    if (start > 300000 && start < whole.byteLength - 200000) return Response.error();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(whole.slice(start, start < 300000 ? 300000 : undefined)));
        if (start >= 300000) controller.close();
      },
      pull(controller) { controller.error(new Error("broken")); },
    });
    const headers = { "Content-Type": "audio/ogg", "Content-Range": \`bytes \${start}-\${whole.byteLength - 1}/\${whole.byteLength}\`,
      "Content-Length": String(whole.byteLength - start), "Accept-Ranges": "bytes" };
    return new Response(body, { status: 206, headers });`;
  const one = await spoiled(browser, server, workerThat(breaks));
  const roads = await openAgain(one, server.track("Awakening"), () => one.ready());
  await one.play();
  await one.page.getByRole("slider", { name: "Position" }).fill("100");
  await expect.poll(() => one.seconds(), BUSY).toBeGreaterThan(100.5);
  expect(await one.seconds()).toBeLessThan(130);
  expect(roads, "straight from the node").toContain("node");
  await one.context.close();
});

test("a page that has a track and gives nothing of it is gone round", async ({ browser, server }) => {
  const one = await spoiled(browser, server, (context) =>
    context.addInitScript(() => {
      const { postMessage } = MessagePort.prototype;
      const page = Object.assign(globalThis, { kept: 0 });
      Object.assign(MessagePort.prototype, {
        postMessage(this: MessagePort, message: unknown, more?: StructuredSerializeOptions) {
          if (message instanceof Uint8Array || (message as { failed?: unknown }).failed !== undefined) page.kept += 1;
          else postMessage.call(this, message, more);
        },
      });
    }),
  );
  await one.open(server.track("Awakening"));
  await one.ready();
  await one.play();
  // Near the end of this track the page begins with the next one, and then answers for it.
  const next = server.track("Coherence").id.replace("osp:track:", "");
  const begun = one.page.waitForResponse((response) => response.url().includes(next) && response.url().endsWith("/sources"));
  const position = one.page.getByRole("slider", { name: "Position" });
  const box = (await position.boundingBox())!;
  await one.page.mouse.click(box.x + box.width * 0.95, box.y + box.height / 2);
  await begun;
  await one.bar.getByRole("button", { name: "Next track" }).click();
  await expect(one.bar.getByRole("button", { name: "Pause Coherence by" })).toBeVisible();
  await expect.poll(() => one.seconds(), BUSY).toBeGreaterThan(0.3);
  expect(await one.page.evaluate(() => (globalThis as unknown as { kept: number }).kept), "the page was asked").toBeGreaterThan(0);
  await one.context.close();
});
