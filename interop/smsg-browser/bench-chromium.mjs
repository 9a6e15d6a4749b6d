// The measurement of bench-release.mjs inside Chromium: a Worker of a page opens a file of version 3.0 from memory to memory, and the
// page's clock says how long it took. Megabytes (10^6) of plaintext per second, chunks of 64 KiB with digests.
//
//     CHROMIUM=/usr/bin/chromium node interop/smsg-browser/bench-chromium.mjs FILE.smsg KEY
//
// It takes turns with whatever else runs on the machine: the best round says most.

import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))('@playwright/test');

const [path, key] = process.argv.slice(2);
const module = (name) => new URL(`../../web/src/wasm/${name}`, import.meta.url);

const WORKER = `
import * as wasm from '/osp_wasm.js';
import { opened, openAll } from '/opened.mjs';
const ROUNDS = 9;
addEventListener('message', async ({ data: key }) => {
  await wasm.default({ module_or_path: '/osp_wasm_bg.wasm' });
  const file = new Uint8Array(await (await fetch('/file')).arrayBuffer());
  const release = opened(wasm, file, key);
  const found = {};
  for (const atOnce of [1, 16, 32]) {
    found[atOnce] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const start = performance.now();
      const bytes = openAll(release, file, atOnce);
      found[atOnce].push(bytes / 1e3 / (performance.now() - start));
    }
  }
  postMessage(found);
});
`;

const TYPES = { '/osp_wasm.js': 'text/javascript', '/osp_wasm_bg.wasm': 'application/wasm' };
const server = createServer(({ url }, response) => {
  if (url === '/') response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>bench</title>');
  else if (url === '/worker.js') response.setHeader('Content-Type', 'text/javascript').end(WORKER);
  else if (url === '/opened.mjs') createReadStream(new URL('opened.mjs', import.meta.url)).pipe(response.setHeader('Content-Type', 'text/javascript'));
  else if (url === '/file') createReadStream(path).pipe(response);
  else if (TYPES[url]) createReadStream(module(url.slice(1))).pipe(response.setHeader('Content-Type', TYPES[url]));
  else response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const found = await page.evaluate(
    (key) =>
      new Promise((resolve, reject) => {
        const worker = new Worker('/worker.js', { type: 'module' });
        worker.addEventListener('message', ({ data }) => resolve(data));
        worker.addEventListener('error', (event) => reject(new Error(event.message)));
        worker.postMessage(key);
      }),
    key,
  );
  console.log(`Chromium ${browser.version()}`);
  for (const [atOnce, rounds] of Object.entries(found)) {
    const [first, ...warm] = rounds.map(Math.round);
    const sorted = warm.toSorted((a, b) => a - b);
    console.log(`${atOnce} chunks a call: first ${first}, warm median ${sorted[sorted.length >> 1]}, best ${sorted.at(-1)} MB/s`);
  }
} finally {
  await browser.close();
  server.close();
}
