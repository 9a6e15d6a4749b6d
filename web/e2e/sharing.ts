/** Helpers of the tests of listening together. */

import { networkInterfaces } from "node:os";
import type { Browser, BrowserContext, Locator, Page } from "@playwright/test";
import { expect, pathOf } from "./fixtures";
import { DemoNode, type SignedTrack } from "./node";

/** Chromium makes no WebRTC connection on a machine that has only loopback. */
export const hasNetwork = Object.values(networkInterfaces()).some((all) => all?.some((address) => !address.internal));

/** For what takes moments, but many of them on a machine that does something else besides. */
export const BUSY = { timeout: 20_000 };

/** A node that is a tracker and a server, and no peer: what comes from others comes from pages. */
export const startServer = (): Promise<DemoNode> =>
  DemoNode.start('[peers]\nwebrtc = false\nbittorrent = "off"\nlocal-discovery = false\n');

/** What a page has made that reaches others. Counted before any script of the page runs. */
export interface Reach {
  readonly connections: RTCPeerConnection[];
  sockets: number;
  workers: number;
}

/** Counts the ways out of a page. */
export function watchReach() {
  const reach: Reach = { connections: [], sockets: 0, workers: 0 };
  Object.assign(globalThis, { reach });
  const { RTCPeerConnection, WebSocket, Worker } = globalThis;
  Object.assign(globalThis, {
    RTCPeerConnection: class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        reach.connections.push(this);
      }
    },
    WebSocket: class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        reach.sockets += 1;
      }
    },
    Worker: class extends Worker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        // The one that plays without gaps speaks with nobody.
        if (options?.name !== "gapless") reach.workers += 1;
      }
    },
  });
}

/** How many of the page's connections are in each state. */
export const states = (page: Page): Promise<string[]> =>
  page.evaluate(() => (globalThis as unknown as { reach: Reach }).reach.connections.map((c) => c.connectionState));

/** A listener with a browser of their own. `agreed`: on an earlier visit. */
export async function listener(browser: Browser, node: DemoNode, agreed: boolean): Promise<Listener> {
  const context = await browser.newContext({ baseURL: node.url });
  await context.addInitScript(watchReach);
  if (agreed) await context.addInitScript(() => localStorage.setItem("opensound.together", "1"));
  return new Listener(context, await context.newPage());
}

/** What a page says of where bytes came from. */
export interface Numbers {
  readonly connected: number;
  readonly others: number;
  readonly servers: number;
  readonly cache: number;
  readonly given: number;
}

export class Listener {
  readonly bar: Locator;

  constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    this.bar = page.getByRole("region", { name: "Player" });
  }

  /** Opens the page of a track, with its panel. */
  async open(track: SignedTrack): Promise<void> {
    await this.page.goto(pathOf(track));
    await this.bar.getByRole("button", { name: /^Listen together/ }).click();
  }

  async agree(): Promise<void> {
    await this.bar.getByRole("switch", { name: "Listen together with others" }).click();
    await this.ready();
  }

  /** Waits until the service worker plays for this page. */
  async ready(): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => navigator.serviceWorker.controller?.scriptURL), BUSY).toContain("/sw.js");
  }

  /** From here on the node gives this page the first `bytes` of any file, and fails for what follows. */
  async serveOnly(bytes: number): Promise<void> {
    await this.context.route(/\/(ipfs|audio)/, (route) => {
      const start = Number(/^bytes=(\d+)-/.exec(route.request().headers().range ?? "")?.[1] ?? 0);
      return start < bytes ? route.fallback() : route.abort();
    });
  }

  async play(): Promise<void> {
    await this.page.keyboard.press("k");
    await expect.poll(() => this.seconds(), BUSY).toBeGreaterThan(0.3);
  }

  seconds(): Promise<number> {
    return this.page.evaluate(() => document.querySelector("audio")?.currentTime ?? 0);
  }

  async numbers(): Promise<Numbers> {
    const panel = this.bar.locator(".sharing-numbers");
    if ((await panel.count()) === 0) return { connected: 0, others: 0, servers: 0, cache: 0, given: 0 };
    // What is shown is rounded.
    const values = await panel.locator("dd data").evaluateAll((all) => all.map((one) => Number((one as HTMLDataElement).value)));
    const [connected, others, servers, cache, given] = values;
    return { connected: connected ?? 0, others: others ?? 0, servers: servers ?? 0, cache: cache ?? 0, given: given ?? 0 };
  }

  /** Waits until the whole track is there. */
  async hasAll(size: number): Promise<void> {
    const got = async () => {
      const { others, servers } = await this.numbers();
      return others + servers;
    };
    await expect.poll(got, { timeout: 45_000 }).toBeGreaterThanOrEqual(size);
  }
}
