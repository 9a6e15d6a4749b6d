/**
 * What leaves a page's media element, sample by sample, at the rate of the files: two recordings that were one sound before they
 * were cut are that sound again.
 */

import type { Locator, Page } from "@playwright/test";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "../fixtures";
import { cut, tone, wav } from "./tone.mjs";

/** Samples that are looked for as one. */
const WINDOW = 1_500;

/** A kind of file. */
export interface Kind {
  readonly ending: string;
  readonly rate: number;
  /** What goes in comes out: how far off a sample may be. Without, the shape is compared. */
  readonly exact?: number;
}

export const KINDS: readonly Kind[] = [
  { ending: "flac", rate: 44_100, exact: 1.5 / 32_768 },
  { ending: "wav", rate: 44_100, exact: 1.5 / 32_768 },
  { ending: "opus", rate: 48_000 },
  { ending: "mp3", rate: 44_100 },
  { ending: "m4a", rate: 44_100 },
];

/** The two halves of the sound as files in a folder: their paths. */
export function halves(folder: string, { ending, rate }: Kind): [string, string] {
  const all = tone(rate);
  const cutAt = cut(rate);
  const file = (n: 1 | 2, name: string) => {
    const path = join(folder, `${name}.${ending}`);
    if (ending === "wav") writeFileSync(path, wav(rate, n === 1 ? all.slice(0, cutAt) : all.slice(cutAt)));
    else copyFileSync(fileURLToPath(new URL(`${n}.${ending}`, import.meta.url)), path);
    return path;
  };
  return [file(1, `01 First ${ending}`), file(2, `02 Second ${ending}`)];
}

/** What was heard is the sound as it was before it was cut, without a sample more or less between the halves. */
export function isWhole(heard: Float32Array, { rate, exact }: Kind): void {
  const whole = Float32Array.from(tone(rate), (sample) => sample / 32_768);
  const at = cut(rate);
  const lag = place(heard, whole, at - WINDOW - 2_000, 0, heard.length);
  expect(lag.likeness, "it sounds").toBeGreaterThan(0.99);
  // Where a file begins, a codec with loss has little to go by.
  const soon = exact === undefined ? 2_000 : 0;
  for (const from of [soon, 10_000, at - WINDOW, at + soon, at + 10_000, whole.length - WINDOW - 1_000]) {
    const here = place(heard, whole, from, lag.at - 1_200, lag.at + 1_200);
    expect(here.likeness, `at ${from}`).toBeGreaterThan(0.95);
    expect(here.at - lag.at, `samples too many before ${from}`).toBe(0);
  }
  if (exact === undefined) return;
  const off = whole.reduce((worst, sample, n) => Math.max(worst, Math.abs(sample - heard[n + lag.at]!)), 0);
  expect(off, "no sample is another").toBeLessThan(exact);
}

/**
 * Opens a page anew and plays until what `media` selects has ended. Once more if the machine was too slow to play it at all.
 */
export async function record(page: Page, media: string, rate: number, open: () => Promise<Locator>): Promise<Float32Array> {
  for (let attempt = 0; ; attempt += 1) {
    const play = await open();
    await play.waitFor();
    await page.evaluate(listen, { rate, script: RECORDER, media });
    // Sound wants a press first.
    await page.getByRole("heading", { level: 1 }).click();
    await page.waitForFunction(() => "recorded" in globalThis);
    await play.click();
    await page.waitForFunction((selector) => document.querySelector<HTMLMediaElement>(selector)?.ended === true, media, { timeout: 60_000 });
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
function listen({ rate, script, media }: { rate: number; script: string; media: string }) {
  document.addEventListener(
    "pointerdown",
    () => {
      const audio = document.querySelector<HTMLMediaElement>(media)!;
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
