// Search while somebody types, in the page, over the 100,000 tracks that `cargo xtask bench search` stored: from a key press to
// the moment its results are on the screen. Without Playwright, which has the browser tell it of every request: with two processors
// that is a good part of what would be measured.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderFor } from '../tools.mjs';
import { load, median, on, quantile, rounds, table } from '../swarm/bench/stage.mjs';
import { pageAt } from './pipe.mjs';
import { atRest, served } from './stage.mjs';

const HOME = process.env.OSP_BENCH_SEARCH_HOME ?? join(process.env.OSP_INTEROP_DIR ?? 'target/bench', 'search-home');
/** Milliseconds between two keys: a fast typist, and one who lets each result come. */
const PACES = [90, 250];
const PHRASES = ['aurora', 'love', 'night river', 'satellite', 'ghost', 'mirror stone', 'lantern', 'ocean', 'thunder', 'golden train', 'echo 4711', 'willow'];
const ROUNDS = rounds(2);

/** In the page: notes for every key press when what it asked for was on the screen. */
function watch() {
  const waiting = [];
  globalThis.presses = [];
  let pressed = 0;
  addEventListener('keydown', ({ timeStamp }) => { pressed = timeStamp; }, true);
  let before = '';
  addEventListener('input', ({ target }) => {
    const press = { words: target.value.trim(), at: pressed };
    // A space behind a word asks nothing.
    if (press.words === before) return;
    before = press.words;
    globalThis.presses.push(press);
    waiting.push(press);
  }, true);
  const frame = new MessageChannel();
  let painted;
  frame.port1.onmessage = () => painted?.();
  const look = () => {
    if (location.pathname !== '/search' || !document.querySelector('[data-results]')) return;
    const shown = new URLSearchParams(location.search).get('q') ?? '';
    const at = waiting.findIndex(({ words }) => words === shown);
    if (at < 0) return;
    // What was typed over before it was asked is never shown.
    const [press] = waiting.splice(0, at + 1).slice(-1);
    press.inPlace = performance.now();
    press.rows = document.querySelectorAll('.results > li').length;
    requestAnimationFrame(() => {
      // A task behind the frame: it has been painted.
      painted = () => { press.onScreen ??= performance.now(); };
      frame.port2.postMessage(0);
    });
  };
  addEventListener('DOMContentLoaded', () => new MutationObserver(look).observe(document.body, { childList: true, subtree: true }));
}

if (!existsSync(HOME)) console.log(`Skipped: ${HOME} is not there; \`cargo xtask bench search\` makes it`);
else await on(async (t) => {
  const { url, pid } = await served(t, HOME);
  // It looks through all it has when it starts, to tell the network of it.
  await atRest(pid);
  const page = await pageAt(t, folderFor(t), url);
  await page.send('Page.enable');
  await page.send('Page.addScriptToEvaluateOnNewDocument', { source: `(${watch})()` });
  const rows = [];
  const kinds = new Map();
  for (const pace of PACES) {
    await page.send('Page.navigate', { url });
    await page.until(() => document.querySelector('button[data-play]:not([hidden])') !== null);
    await sleep(1_500);
    await page.evaluate(() => {
      performance.setResourceTimingBufferSize(100_000);
      document.querySelector('input[name=q]').focus();
    });
    const all = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const phrase of PHRASES) {
        for (const key of phrase) {
          await press(page, key);
          await sleep(pace);
        }
        await sleep(500);
        // The next one is typed over it.
        await page.evaluate(() => document.querySelector('input[name=q]').select());
      }
    }
    const presses = await page.evaluate(() => globalThis.presses);
    const answers = await page.evaluate(() =>
      performance.getEntriesByType('resource').filter(({ name }) => new URL(name).pathname === '/search').map(({ name, requestStart, responseStart, responseEnd, startTime, encodedBodySize, decodedBodySize }) =>
        ({ q: new URL(name).searchParams.get('q') ?? '', startTime, requestStart, responseStart, responseEnd, encodedBodySize, decodedBodySize })));
    for (const press of presses.filter(({ onScreen }) => onScreen)) {
      const answer = answers.find(({ q, startTime }) => q === press.words && startTime >= press.at - 1);
      all.push({ ...press, took: press.onScreen - press.at, answer });
      const kind = press.words.length === 1 ? 'one letter' : press.words.length < 4 ? 'two or three letters' : press.words.includes(' ') ? 'two words' : 'longer';
      kinds.set(kind, [...(kinds.get(kind) ?? []), press.onScreen - press.at]);
    }
    const over = presses.length - all.length;
    const of = (values) => [median(values), quantile(values, 0.95), Math.max(...values)].map((value) => value.toFixed(0)).join(', ');
    const answered = all.filter(({ answer }) => answer);
    rows.push([`${pace} ms`, presses.length, over, of(all.map(({ took }) => took)), of(answered.map(({ at, answer }) => answer.requestStart - at)), of(answered.map(({ answer }) => answer.responseStart - answer.requestStart)),
      of(answered.map(({ answer }) => answer.responseEnd - answer.responseStart)), of(answered.map(({ inPlace, answer }) => inPlace - answer.responseEnd)), of(all.map(({ onScreen, inPlace }) => onScreen - inPlace))]);
    if (process.env.OSP_BENCH_SLOWEST) {
      for (const one of [...all].sort((a, b) => b.took - a.took).slice(0, Number(process.env.OSP_BENCH_SLOWEST))) console.log(JSON.stringify(one));
    }
  }
  table([['a key every', 'presses', 'typed over', 'on screen after, ms: median, 95 %, slowest', 'until it is asked', 'the node answers', 'the rest arrives', 'in the page', 'painted'], ...rows]);
  table([['what stands in the box', 'presses', 'median', '95 %', 'slowest'], ...[...kinds].map(([kind, values]) => [kind, values.length, median(values).toFixed(0), quantile(values, 0.95).toFixed(0), Math.max(...values).toFixed(0)])]);
  console.log(load());
});

/** A key goes down and up. */
async function press(page, key) {
  await page.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key });
  await page.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
}
