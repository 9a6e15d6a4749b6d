/**
 * What leaves the page's audio element, sample by sample, at the rate of the files: two tracks that were one sound before they
 * were cut are that sound again.
 */

import type { Page } from "@playwright/test";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, pathOf, test as base } from "./fixtures";
import { cut, tone, wav } from "./gapless/tone.mjs";
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

/** Samples that are looked for as one. */
const WINDOW = 1_500;

interface Kind {
  readonly ending: string;
  readonly rate: number;
  /** What goes in comes out: how far off a sample may be. Without, the shape is compared. */
  readonly exact?: number;
}

const KINDS: readonly Kind[] = [
  { ending: "flac", rate: 44_100, exact: 1.5 / 32_768 },
  { ending: "wav", rate: 44_100, exact: 1.5 / 32_768 },
  { ending: "opus", rate: 48_000 },
  { ending: "mp3", rate: 44_100 },
  { ending: "m4a", rate: 44_100 },
];

// The recorder is none of the page's scripts.
test.use({ bypassCSP: true });

for (const kind of KINDS) {
  test(`no sample between two tracks of an album: ${kind.ending}`, async ({ page, node }) => {
    test.slow();
    const [first] = publish(node, kind);
    const heard = await record(page, first!, kind.rate);
    const whole = Float32Array.from(tone(kind.rate), (sample) => sample / 32_768);
    const at = cut(kind.rate);
    const lag = place(heard, whole, at - WINDOW - 2_000, 0, heard.length);
    expect(lag.likeness, "it sounds").toBeGreaterThan(0.99);
    // Where a file begins, a codec with loss has little to go by.
    const soon = kind.exact === undefined ? 2_000 : 0;
    for (const from of [soon, 10_000, at - WINDOW, at + soon, at + 10_000, whole.length - WINDOW - 1_000]) {
      const here = place(heard, whole, from, lag.at - 1_200, lag.at + 1_200);
      expect(here.likeness, `at ${from}`).toBeGreaterThan(0.95);
      expect(here.at - lag.at, `samples too many before ${from}`).toBe(0);
    }
    const { exact } = kind;
    if (exact === undefined) return;
    const off = whole.reduce((worst, sample, n) => Math.max(worst, Math.abs(sample - heard[n + lag.at]!)), 0);
    expect(off, "no sample is another").toBeLessThan(exact);
  });
}

/** An album of two tracks. */
function publish(node: DemoNode, { ending, rate }: Kind): SignedTrack[] {
  const folder = mkdtempSync(join(tmpdir(), "osp-gapless-"));
  const all = tone(rate);
  const halves = [all.slice(0, cut(rate)), all.slice(cut(rate))];
  for (const [n, name] of [`01 First ${ending}`, `02 Second ${ending}`].entries()) {
    const file = join(folder, `${name}.${ending}`);
    if (ending === "wav") writeFileSync(file, wav(rate, halves[n]!));
    else copyFileSync(fileURLToPath(new URL(`gapless/${n + 1}.${ending}`, import.meta.url)), file);
  }
  const published = node.osp("publish", folder, "--album", `Gapless ${ending}`, "--json");
  rmSync(folder, { recursive: true });
  return published.trim().split("\n").map((line) => JSON.parse(line) as SignedTrack);
}

/** Plays from a track to the end of its album. Once more if the machine was too slow to play it at all. */
async function record(page: Page, track: SignedTrack, rate: number): Promise<Float32Array> {
  for (let attempt = 0; ; attempt += 1) {
    await page.goto(pathOf(track));
    await page.evaluate(listen, { rate, script: RECORDER });
    // Sound wants a press first.
    await page.getByRole("heading", { level: 1 }).click();
    await page.waitForFunction(() => "recorded" in globalThis);
    await page.locator(".record").getByRole("button", { name: /^Play / }).click();
    await page.waitForFunction(() => document.querySelector("audio")?.ended === true, undefined, { timeout: 60_000 });
    const { samples, stood } = await page.evaluate(() => {
      const { blocks, stood: times } = (globalThis as unknown as { recorded: { blocks: Float32Array[]; stood: number } }).recorded;
      return { samples: blocks.flatMap((block) => [...block]), stood: times };
    });
    if (stood === 0 || attempt === 3) return Float32Array.from(samples);
  }
}

const RECORDER = `registerProcessor("recorder", class extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
});`;

/** In the page: records what the player's element gives, from the next press on. */
function listen({ rate, script }: { rate: number; script: string }) {
  document.addEventListener(
    "pointerdown",
    () => {
      const audio = document.querySelector("audio")!;
      const context = new AudioContext({ sampleRate: rate });
      const source = context.createMediaElementSource(audio);
      const recorded = { blocks: [] as Float32Array[], stood: 0 };
      let sounds = false;
      audio.addEventListener("playing", () => {
        sounds = true;
      });
      audio.addEventListener("waiting", () => {
        if (sounds) recorded.stood += 1;
      });
      void context.audioWorklet.addModule(URL.createObjectURL(new Blob([script], { type: "text/javascript" }))).then(() => {
        const recorder = new AudioWorkletNode(context, "recorder");
        recorder.port.addEventListener("message", ({ data }) => recorded.blocks.push(data as Float32Array));
        recorder.port.start();
        source.connect(recorder).connect(context.destination);
        Object.assign(globalThis, { recorded });
      });
    },
    { once: true, capture: true },
  );
}

/** Where in `heard`, less `from`, the window of `whole` that begins at `from` fits best. */
function place(heard: Float32Array, whole: Float32Array, from: number, low: number, high: number) {
  const window = whole.subarray(from, from + WINDOW);
  const power = window.reduce((sum, sample) => sum + sample * sample, 0);
  const best = { at: 0, likeness: -1 };
  for (let at = Math.max(low, -from); at < high && at + from + WINDOW <= heard.length; at += 1) {
    let [product, other] = [0, 0];
    for (let n = 0; n < WINDOW; n += 1) {
      const sample = heard[at + from + n]!;
      product += sample * window[n]!;
      other += sample * sample;
    }
    const likeness = product / Math.sqrt(power * other + 1e-12);
    if (likeness > best.likeness) Object.assign(best, { at, likeness });
  }
  return best;
}
