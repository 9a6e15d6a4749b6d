// What the measurements of the page share: a node, and the system's Chromium driven by the Playwright of web/.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoMusic, osp, run } from '../tools.mjs';

const places = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of the system: CHROMIUM, or where Debian and others put it. */
export const chromium = places.find((path) => path && existsSync(path));

/** What Chromium is started with, as in the page tests. */
export const switches = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  // Chromium's sandbox refuses to run as root, as CI machines do.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** A Chromium without a window, until `t` is over. */
export async function browser(t, { more = [] } = {}) {
  if (!chromium) throw new Error('no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path');
  const { chromium: engine } = createRequire(new URL('../../web/package.json', import.meta.url))('@playwright/test');
  const opened = await engine.launch({ executablePath: chromium, args: [...switches, ...more] });
  t.after(() => opened.close());
  return opened;
}

/** Serves `home` until `t` is over: the node's address. */
export const serve = async (t, home, ...words) => (await served(t, home, ...words)).url;

/** As `serve`, with the node's process. */
export async function served(t, home, ...words) {
  const node = spawn(osp, ['--home', home, '--quiet', 'node', '--http', '127.0.0.1:0', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => new Promise((resolve) => node.once('exit', resolve) && node.kill()));
  for await (const line of createInterface({ input: node.stdout })) return { url: JSON.parse(line).http, pid: node.pid };
  throw new Error('the node ended before it was ready; its messages are above');
}

/** When a process has hardly worked for three seconds (proc(5)), or a minute is over. */
export async function atRest(pid) {
  const worked = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let quiet = 0, tries = 0, before = worked(); quiet < 3 && tries < 60; tries += 1) {
    await sleep(1000);
    const now = worked();
    quiet = now - before < 10 ? quiet + 1 : 0;
    before = now;
  }
}

/** A node with the demo album below `folder`: its address, and the records in the order of the album. */
export async function demo(t, folder) {
  const home = join(folder, 'home');
  const call = (...words) => run(osp, ['--home', home, '--quiet', ...words]);
  await call('id', 'new', '--name', 'Demo', '--no-passphrase');
  const tracks = (await call('publish', demoMusic, '--json')).split('\n').map((line) => JSON.parse(line));
  return { url: await serve(t, home), tracks, home };
}

/** The page of a track. */
export const pathOf = ({ id }) => `/track/${id.replace('osp:track:', '')}`;
