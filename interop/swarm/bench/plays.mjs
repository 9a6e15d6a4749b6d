// Real plays: 30 seconds each in our page in Chromium, 50 ms from the node with 1 % loss; how often the music stood still.
// Over HTTP, and listening together with a second peer that has the music too and is killed in the middle.

import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderFor, osp, run } from '../../tools.mjs';
import { noise, serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { Tabs, noChromium, visit } from './chromium.mjs';
import { load, on, rounds, table, wanted } from './stage.mjs';

const PLAYS = rounds(20);
const AT_ONCE = 5;
const SECONDS = 30;
/** Seconds after which the second peer is killed; nobody has all of a track by then. */
const KILL_AFTER = 6;
/** A minute of uncompressed music: at 1.4 Mbit/s the most that a listener needs. Every play of a round has a track of its own. */
const TRACK = 44 + 60 * 176_400;
/** Seconds by which a play may lag behind the clock without having stood still: the clocks are read one after the other. */
const SLACK = 0.25;

/** In the page: when it waited, in the track's time, and for how long, after it had begun. */
function watch() {
  addEventListener('DOMContentLoaded', () => {
    const audio = document.querySelector('audio');
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
}

/** Listening together was agreed to on an earlier visit. */
const agreed = () => localStorage.setItem('opensound.together', '1');

if (noChromium) console.log(`Skipped: ${noChromium}`);
else await on(async (t) => {
  const folder = folderFor(t);
  const line = 'delay=25ms,loss=0.01,rate=5000000';
  const { giver, second, taker } = await lab(t, { giver: line, second: line, taker: '' });
  const home = join(folder, 'home');
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', 'Bench', '--no-passphrase');
  const tracks = [];
  for (let seed = 1; seed <= AT_ONCE; seed++) {
    const path = join(folder, `${seed}.wav`);
    writeFileSync(path, noise(TRACK, seed));
    tracks.push(JSON.parse(await call('publish', path, '--json', '--title', `Noise ${seed}`, '--license', 'CC0-1.0')));
  }
  const copy = join(folder, 'copy');
  cpSync(home, copy, { recursive: true });
  const ours = await serve(t, home, { at: giver });

  /** Plays one track: the seconds that sounded, those by the clock, where bytes came from, and how often it waited after it had begun. */
  const play = (tabs, track, together) => tabs.trial(SECONDS + 60, async (tab) => {
    await visit(tab, `${ours.http}/track/${track.id.replace('osp:track:', '')}`);
    if (together) await tab.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.includes('/swarm/'));
    await sleep(500);
    await tab.keyboard.press('k');
    await tab.waitForFunction(() => document.querySelector('audio').currentTime > 0);
    const clocks = () => tab.evaluate(() => ({ sounded: document.querySelector('audio').currentTime, clock: performance.now() / 1000 }));
    const begun = await clocks();
    await sleep(SECONDS * 1000);
    const ended = await clocks();
    const stood = await tab.evaluate(() => globalThis.stood);
    if (together) await tab.getByRole('button', { name: /^Listen together/ }).click();
    const [, others = 0, servers = 0] = together ? await tab.locator('.sharing-numbers dd data').evaluateAll((all) => all.map(({ value }) => Number(value))) : [];
    return { stood, others, servers, sounded: ended.sounded - begun.sounded, clock: ended.clock - begun.clock };
  }, watch, ...(together ? [agreed] : []));

  /** Some plays at once, and a second peer that does not live as long. */
  const round = (together, count) => on(async (t) => {
    const tabs = new Tabs(folder, taker, { trusted: [ours.http] });
    t.after(() => tabs.end());
    let killed;
    if (together) {
      rmSync(join(folder, 'peer'), { recursive: true, force: true });
      cpSync(copy, join(folder, 'peer'), { recursive: true });
      const { process: peer } = await serve(t, join(folder, 'peer'), { at: second, settings: { peers: { trackers: [ours.trackers.web] } } });
      killed = () => peer.kill('SIGKILL');
      // It announces itself.
      await sleep(2000);
    }
    const plays = Array.from({ length: count }, (_, n) => play(tabs, tracks[n], together));
    if (killed) setTimeout(killed, KILL_AFTER * 1000);
    return Promise.all(plays);
  });

  const rows = [[`${SECONDS}-second plays in Chromium, 50 ms, 1 % loss`, 'plays', 'with a stutter', 'stutters', 'behind the clock at most, s', 'from peers']];
  for (const [name, together] of [['over HTTP', false], ['listening together, one peer killed', true]].filter(([name]) => wanted(name))) {
    const plays = [];
    let failed = 0;
    while (plays.length + failed < PLAYS) {
      const count = Math.min(AT_ONCE, PLAYS - plays.length - failed);
      try {
        plays.push(...(await round(together, count)));
      } catch (error) {
        console.error(`${name}: ${error.message}`);
        failed += count;
      }
    }
    const behind = plays.map(({ sounded, clock }) => clock - sounded);
    const isBad = ({ stood, sounded, clock }) => stood.length > 0 || clock - sounded > SLACK;
    for (const { at, ms } of plays.flatMap(({ stood }) => stood)) console.error(`${name}: stood still for ${ms.toFixed(0)} ms at ${at.toFixed(2)} s`);
    const sum = (values) => values.reduce((all, value) => all + value, 0);
    const others = sum(plays.map((play) => play.others));
    rows.push([
      name,
      `${plays.length}${failed ? `, ${failed} failed` : ''}`,
      plays.filter(isBad).length,
      sum(plays.map(({ stood }) => stood.length)),
      Math.max(...behind).toFixed(2),
      together ? `${Math.round((100 * others) / Math.max(1, others + sum(plays.map((play) => play.servers))))} %` : '',
    ]);
  }
  table(rows);
  console.log(`${AT_ONCE} at once. ${load()}`);
});
