// webtorrent in a page in Chromium: it takes a track from our node by the magnet that the node tells everybody, playing it
// meanwhile, and gives one to `osp resolve`.

import assert from 'node:assert/strict';
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor } from '../tools.mjs';
import { assertSame, magnet, noProgram, outward, pieceLength, published, rate, resolve, serve, sha256, tracker } from './ours.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const web = here('../../web/package.json');
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const skip = noProgram
  || (!chromium && 'there is no Chromium')
  || (!existsSync(here('../../web/node_modules/@playwright/test')) && 'Playwright is not there; npm ci --prefix web brings it')
  || (!outward && 'this machine has no network interface, which WebRTC needs');
const SIZE = 12 * 1024 * 1024 + 345;

/** A page that knows `take` and `give` of page.mjs; `file` is served to it. */
async function page(t, file) {
  const files = {
    '/page.mjs': [here('page.mjs'), 'text/javascript'],
    '/webtorrent.min.js': [here('node_modules/webtorrent/dist/webtorrent.min.js'), 'text/javascript'],
    '/sw.min.js': [here('node_modules/webtorrent/dist/sw.min.js'), 'text/javascript'],
    '/file': [file, 'application/octet-stream'],
  };
  const server = createServer((request, response) => {
    const [path, type] = files[request.url] ?? [];
    response.setHeader('Content-Type', type ?? 'text/html');
    if (path) createReadStream(path).pipe(response);
    else response.end('<!doctype html><title>webtorrent</title><body><script type="module" src="/page.mjs"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { chromium: engine } = createRequire(web)('@playwright/test');
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await engine.launch({ executablePath: chromium, args: [...root, '--autoplay-policy=no-user-gesture-required'] });
  t.after(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction(() => globalThis.give);
  return tab;
}

test('webtorrent in Chromium takes and plays a track from us', { skip, timeout: 120_000 }, async (t) => {
  const { home, path, bytes, record, infohash } = await published(folderFor(t), SIZE);
  const node = await serve(t, home);
  const sources = await (await fetch(`${node.http}/api/v1/tracks/${record.id.split(':').pop()}/sources`)).json();
  assert.match(sources.magnet, new RegExp(infohash));
  assert.match(sources.magnet, /tr=ws/);
  const tab = await page(t, path);
  const got = await tab.evaluate((magnet) => globalThis.take(magnet), sources.magnet);
  assert.equal(got.sha256, sha256(bytes));
  assert.ok(got.played > 0.5);
  assert.ok(got.wires.includes('webrtc'), `it came over ${got.wires}`);
  t.diagnostic(`Chromium from us, playing: ${rate(SIZE, got.seconds)}`);
});

test('webtorrent in Chromium gives a track to us', { skip, timeout: 120_000 }, async (t) => {
  const folder = folderFor(t);
  const { path, bytes, record, infohash } = await published(folder, SIZE);
  const { trackers } = await tracker(t, folder);
  const tab = await page(t, path);
  const seed = [record.cid, pieceLength(SIZE), [trackers.web]];
  assert.equal(await tab.evaluate(([name, length, announce]) => globalThis.give('/file', name, length, announce), seed), infohash);
  const got = await resolve(folder, magnet(infohash, SIZE, [trackers.web]));
  assertSame(got.bytes, bytes);
  assert.equal(got.sources.webtorrent, SIZE, `sources: ${JSON.stringify(got.sources)}`);
  t.diagnostic(`us from Chromium: ${rate(SIZE, got.seconds)}`);
});
