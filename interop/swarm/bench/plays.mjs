// Real plays: 30 seconds each in our page in Chromium, 50 ms from the node with 1 % loss; how often the music stood still.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoMusic, folderFor, osp, run } from '../../tools.mjs';
import { serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { browserOn, noChromium } from './chromium.mjs';
import { load, on, rounds, table, wanted } from './stage.mjs';

const PLAYS = rounds(20);
const AT_ONCE = 5;
const SECONDS = 30;

if (noChromium) console.log(`Skipped: ${noChromium}`);
else await on(async (t) => {
  const folder = folderFor(t);
  const { giver, taker } = await lab(t, { giver: 'delay=25ms,loss=0.01', taker: '' });
  const home = join(folder, 'home');
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', 'Bench', '--no-passphrase');
  const tracks = (await call('publish', demoMusic, '--json')).split('\n').map((line) => JSON.parse(line));
  const ours = await serve(t, home, { at: giver });
  const browser = await browserOn(t, folder, taker, { trusted: [ours.http] });

  /** Plays one track: the seconds that sounded in SECONDS, and how often it waited after it had begun. */
  async function play(number, together) {
    const context = await browser.newContext();
    try {
      if (together) await context.addInitScript(() => localStorage.setItem('opensound.together', '1'));
      const tab = await context.newPage();
      const track = tracks[number % tracks.length];
      await tab.goto(`${ours.http}/track/${track.id.replace('osp:track:', '')}`, { timeout: 60_000 });
      if (together) await tab.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.includes('/swarm/'));
      await sleep(500);
      await tab.evaluate(() => {
        const audio = document.querySelector('audio');
        // When it waited, in the track's time, and for how long.
        globalThis.stood = [];
        let since;
        audio.addEventListener('playing', () => {
          audio.addEventListener('waiting', () => { since = performance.now(); });
          audio.addEventListener('playing', () => {
            if (since !== undefined) globalThis.stood.push({ at: audio.currentTime, ms: performance.now() - since });
            since = undefined;
          });
        }, { once: true });
      });
      await tab.keyboard.press('k');
      await tab.waitForFunction(() => document.querySelector('audio').currentTime > 0);
      const begun = await tab.evaluate(() => document.querySelector('audio').currentTime);
      await sleep(SECONDS * 1000);
      return await tab.evaluate((begun) => ({ stood: globalThis.stood, played: document.querySelector('audio').currentTime - begun }), begun);
    } finally {
      await context.close();
    }
  }
  const rows = [[`${SECONDS}-second plays in Chromium, 50 ms, 1 % loss`, 'plays', 'with a stutter', 'stutters', 'least that sounded, s']];
  for (const [name, together] of [['over HTTP', false], ['listening together', true]].filter(([name]) => wanted(name))) {
    const plays = [];
    while (plays.length < PLAYS) {
      const some = Array.from({ length: Math.min(AT_ONCE, PLAYS - plays.length) }, (_, n) => play(plays.length + n, together));
      plays.push(...(await Promise.all(some)));
    }
    const stood = plays.flatMap((play) => play.stood);
    for (const { at, ms } of stood) console.error(`${name}: stood still for ${ms.toFixed(0)} ms at ${at.toFixed(2)} s`);
    rows.push([name, plays.length, plays.filter((play) => play.stood.length).length, stood.length, Math.min(...plays.map((play) => play.played)).toFixed(1)]);
  }
  table(rows);
  console.log(`${AT_ONCE} at once. ${load()}`);
});
