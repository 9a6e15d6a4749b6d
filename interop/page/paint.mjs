// First paint over loopback, and what a page weighs before something plays: each page in a browser that has never seen it.

import { gzipSync } from 'node:zlib';
import { folderFor } from '../tools.mjs';
import { load, on, quantile, rounds, median, table } from '../swarm/bench/stage.mjs';
import { pagesOf } from './pages.mjs';
import { browser, demo } from './stage.mjs';

const ROUNDS = rounds(20);
/** Milliseconds in which a page that nobody touches comes to rest. */
const REST = 1_500;

await on(async (t) => {
  const node = await demo(t, folderFor(t));
  const chromium = await browser(t);
  const rows = [];
  for (const [name, path] of pagesOf(node)) {
    const paints = [];
    let scripts = 0;
    let styles = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const context = await chromium.newContext();
      const page = await context.newPage();
      const bodies = [];
      if (round === 0) page.on('response', (answer) => bodies.push(sizeOf(answer)));
      await page.goto(node.url + path, { waitUntil: 'load' });
      const first = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
      await page.waitForFunction(first);
      paints.push(await page.evaluate(first));
      if (round === 0) {
        await page.waitForTimeout(REST);
        for (const { kind, size } of await Promise.all(bodies)) {
          if (kind === 'script') scripts += size;
          if (kind === 'stylesheet') styles += size;
        }
      }
      await context.close();
    }
    const kib = (bytes) => (bytes / 1024).toFixed(1);
    rows.push([name, ...[median(paints), quantile(paints, 0.95), Math.max(...paints)].map((value) => value.toFixed(0)), kib(scripts), kib(styles)]);
  }
  table([['page', 'first contentful paint, ms: median', '95 %', 'slowest', 'JavaScript, KiB with gzip -9', 'CSS'], ...rows]);
  console.log(load());
});

/** What kind of file came, and how large it is compressed. */
async function sizeOf(answer) {
  const kind = answer.request().resourceType();
  if (kind !== 'script' && kind !== 'stylesheet') return { kind, size: 0 };
  return { kind, size: gzipSync(await answer.body(), { level: 9 }).length };
}
