// Lighthouse with its settings for phones (slow network, slow processor, both simulated) on each kind of page. Promised: 100 for
// accessibility and best practices, at least 95 for performance. Says what it finds; fails if a page is below.

import { createServer } from 'node:net';
import lighthouse from 'lighthouse';
import { folderFor } from '../tools.mjs';
import { load, median, on, rounds, table, wanted } from '../swarm/bench/stage.mjs';
import { pagesOf } from './pages.mjs';
import { browser, demo } from './stage.mjs';

const ROUNDS = rounds(3);
const PROMISED = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 0 };
const CATEGORIES = Object.keys(PROMISED);

await on(async (t) => {
  const node = await demo(t, folderFor(t));
  const port = await freePort();
  const chromium = await browser(t, { more: [`--remote-debugging-port=${port}`] });
  const rows = [];
  const below = [];
  for (const [name, path] of pagesOf(node).filter(([name]) => wanted(name))) {
    const reports = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const options = { port, logLevel: 'error', onlyCategories: CATEGORIES, output: 'json' };
      reports.push((await lighthouse(node.url + path, options)).lhr);
    }
    const score = (category) => Math.round(100 * median(reports.map(({ categories }) => categories[category].score ?? 0)));
    const figure = (audit) => median(reports.map(({ audits }) => audits[audit]?.numericValue ?? Number.NaN));
    rows.push([name, ...CATEGORIES.map(score), ...['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'speed-index'].map((audit) => figure(audit).toFixed(0)), figure('cumulative-layout-shift').toFixed(3)]);
    for (const category of CATEGORIES) if (score(category) < PROMISED[category]) below.push(`${name}: ${category} ${score(category)}`);
    complain(name, reports[0]);
  }
  await chromium.close();
  table([['page', ...CATEGORIES, 'FCP, ms', 'LCP, ms', 'TBT, ms', 'speed index, ms', 'CLS'], ...rows]);
  console.log(load());
  if (below.length) throw new Error(`less than promised: ${below.join('; ')}`);
});

/** Every audit that counts and is not perfect. */
function complain(page, { categories, audits }) {
  for (const [category, { auditRefs }] of Object.entries(categories)) {
    for (const { id, weight } of auditRefs) {
      const { score, title, displayValue, details } = audits[id];
      if (score === null || score >= 0.9 || (weight === 0 && category === 'performance')) continue;
      const where = (details?.items ?? []).slice(0, 5).map(({ node, url, description }) => node?.snippet ?? url ?? description ?? '');
      console.log(`${page}, ${category}: ${title} (${score}) ${displayValue ?? ''}\n  ${where.join('\n  ')}`);
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
