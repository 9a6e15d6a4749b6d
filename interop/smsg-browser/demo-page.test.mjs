// The demo page that the original's authors published, as they published it but for one script tag, in Chromium: it starts
// with our drop-in, reports itself ready, and plays its track. Their program is not served at all.

import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dropIn } from './modules.mjs';

const web = fileURLToPath(new URL('../../web/package.json', import.meta.url));
const demo = process.env.SMSG_ORIGINAL_DEMO;
const page = demo && join(demo, 'index.html');
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const skip = !page || !existsSync(page) ? 'the original was not fetched' : !chromium && 'there is no Chromium';

const OURS = { '/borg-smsg.js': [dropIn.script, 'text/javascript'], '/borg-smsg.wasm': [dropIn.wasm, 'application/wasm'] };

describe('the original\'s demo page', { skip }, () => {
  let server, browser, address;
  before(async () => {
    const tag = '<script src="wasm_exec.js"></script>';
    const html = readFileSync(page, 'utf8');
    assert.ok(html.includes(tag), 'the page starts the program as it did');
    const changed = html.replace(tag, '<script src="borg-smsg.js"></script>');
    server = createServer((request, response) => {
      const path = new URL(request.url, 'http://x').pathname;
      if (path === '/') return response.setHeader('Content-Type', 'text/html').end(changed);
      const [file, type] = OURS[path] ?? [join(demo, path.slice(1)), 'application/octet-stream'];
      if (path === '/stmf.wasm' || path.includes('..') || !existsSync(file)) return response.writeHead(404).end();
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': statSync(file).size });
      return createReadStream(file).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${server.address().port}`;
    const { chromium: engine } = createRequire(web)('@playwright/test');
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await engine.launch({ executablePath: chromium, args });
  });
  after(async () => {
    await browser?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('starts, and plays its track', { timeout: 60_000 }, async () => {
    const tab = await browser.newPage();
    await tab.route((url) => !url.href.startsWith(address), (route) => route.abort());
    await tab.goto(address, { waitUntil: 'domcontentloaded' });
    // Starts the program; the film behind this button is on another server, which is not asked.
    await tab.evaluate(() => document.getElementById('profile-play-btn').click());
    await tab.waitForFunction(() => document.getElementById('status')?.textContent.includes('Ready'));
    assert.match(await tab.textContent('#status'), /Ready \(v1\.6\.0/);

    await tab.evaluate(() => document.getElementById('demo-btn').click());
    const played = await tab.waitForFunction(() => {
      const media = document.querySelector('#media-wrapper audio, #media-wrapper video');
      return media?.src.startsWith('blob:') && media.readyState >= 1 && { kind: media.localName, seconds: media.duration };
    });
    const { seconds } = await played.jsonValue();
    assert.ok(seconds > 1, `${seconds} s`);
    assert.notEqual(await tab.textContent('#title'), '');
  });
});
