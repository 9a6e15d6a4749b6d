// Helia in a page in Chromium reads a file from our host over WebSocket.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { over, rate, serve } from '../bitswap-node.mjs';
import { folderFor } from '../tools.mjs';

const web = fileURLToPath(new URL('../../web/package.json', import.meta.url));
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const SIZE = 10 * 1024 * 1024 + 123;

test('Chromium with Helia reads 10 MiB over WebSocket', { skip: chromium ? false : 'there is no Chromium', timeout: 120_000 }, async (t) => {
  const folder = folderFor(t);
  const bytes = randomBytes(SIZE);
  writeFileSync(join(folder, 'file'), bytes);
  const host = await serve(t, folder);

  const page = fileURLToPath(new URL('page.mjs', import.meta.url));
  const { outputFiles } = await build({ entryPoints: [page], bundle: true, format: 'iife', write: false, logLevel: 'error' });
  const server = createServer((request, response) => {
    const script = request.url === '/page.js';
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    response.end(script ? outputFiles[0].contents : '<!doctype html><title>Helia</title><script src="/page.js"></script>');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });

  const { chromium: engine } = createRequire(web)('@playwright/test');
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await engine.launch({ executablePath: chromium, args });
  t.after(() => browser.close());
  const tab = await browser.newPage();
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  const read = await tab.evaluate(([address, cid]) => readFile(address, cid), [over(host.listen, 'ws'), host.files.file]);
  assert.equal(read.bytes, SIZE);
  assert.equal(read.sha256, createHash('sha256').update(bytes).digest('hex'));
  console.log(`# Chromium with Helia from us: ${rate(SIZE, read.seconds)}`);
});
