// First sound in Chromium, 50 ms from the node: from the key or the click to the first moment of the track that has
// passed. Our page over HTTP, listening together, and with peers alone; the stock webtorrent page beside it. Three tracks each:
// the page's own, the next one, and one that the page could not expect.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { demoMusic, folderFor, osp, run } from '../../tools.mjs';
import { magnet, pieceLength, serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { Tabs, noChromium, stockPage, stockSeeder, visit } from './chromium.mjs';
import { inTurn, load, on, rounds, running, slowest, table, wanted, within } from './stage.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TRIP = 50;
const ROUNDS = rounds(50);
/** Seconds that a trial may take with everything around it. */
const PATIENCE = 60;

/** In our page: milliseconds from a key or a click until a track that has not sounded yet sounds. */
function watch() {
  globalThis.sound = () =>
    new Promise((resolve) => {
      const begun = ({ key, timeStamp }) => {
        if (key === 'Shift') return;
        for (const event of ['keydown', 'click']) removeEventListener(event, begun, true);
        const audio = document.querySelector('audio');
        // The track before does not count any more when the element has let go of it.
        let fresh = audio.currentTime === 0;
        audio.addEventListener('emptied', () => { fresh = true; });
        const look = () => {
          if (fresh && audio.currentTime > 0 && !audio.paused) resolve(performance.now() - timeStamp);
          else setTimeout(look, 2);
        };
        setTimeout(look, 0);
      };
      for (const event of ['keydown', 'click']) addEventListener(event, begun, true);
    });
}

/** Listening together was agreed to on an earlier visit. */
const agreed = () => localStorage.setItem('opensound.together', '1');

if (noChromium) console.log(`Skipped: ${noChromium}`);
else await on(async (t) => {
  const folder = folderFor(t);
  const { giver, taker } = await lab(t, { giver: `delay=${TRIP / 2}ms`, taker: '' });
  const home = join(folder, 'home');
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', 'Bench', '--no-passphrase');
  const tracks = (await call('publish', demoMusic, '--json')).split('\n').map((line) => JSON.parse(line));
  const ours = await serve(t, home, { at: giver });
  const empty = await serve(t, join(folder, 'tracker'), { at: giver, settings: { tracker: 'open' } });
  const page = await stockPage(t, giver);
  const files = await Promise.all(tracks.map(async ({ cid, torrent }, at) => {
    const path = join(folder, `${at}.opus`);
    // The node's own bytes; its host is reached from there alone.
    writeFileSync(path, await run(giver.inside[0], [...giver.inside.slice(1), 'curl', '-sf', `${ours.http}/ipfs/${cid}`], { binary: true }));
    const [, infohash] = /btih:([0-9a-f]{40})/.exec(torrent);
    return { path, cid, infohash, size: Number(/xl=(\d+)/.exec(torrent)[1]) };
  }));
  for (const { path, cid, size } of files) {
    await stockSeeder(t, giver, { path, name: cid, pieceLength: pieceLength(size), tracker: empty.trackers.web });
  }
  const without = (await running(t, [...giver.inside, process.execPath, here('without-bytes.mjs'), giver.address, ours.http])).line;
  const tabs = new Tabs(folder, taker, { trusted: [page, ours.http, without] });
  t.after(() => tabs.end());
  const keyOf = ({ id }) => id.replace('osp:track:', '');

  /** First sound of the track's page, of the next track, and in another visit of one that nobody pointed at before the click. */
  async function ourPage(together, node = ours.http) {
    const scripts = together ? [watch, agreed] : [watch];
    const ready = async (tab) => {
      if (together) await tab.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.includes('/swarm/'));
      // As long as a person needs to find the button.
      await sleep(500);
    };
    const heard = async (tab, act) => {
      const sound = tab.evaluate(() => globalThis.sound());
      await tab.waitForFunction(() => true);
      await act();
      return within(20_000, sound, 'no sound').catch(async (error) => {
        const state = await tab.evaluate(() => {
          const { currentTime, paused, readyState, networkState, error, src } = document.querySelector('audio');
          return JSON.stringify({ currentTime, paused, readyState, networkState, error: error?.message, src });
        });
        throw new Error(`${error.message}; ${state}`);
      });
    };
    const own = await tabs.trial(PATIENCE, async (tab) => {
      await visit(tab, `${node}/track/${keyOf(tracks[0])}`);
      await ready(tab);
      const cold = await heard(tab, () => tab.keyboard.press('k'));
      await sleep(1000);
      return { cold, next: await heard(tab, () => tab.keyboard.press('Shift+N')) };
    }, ...scripts);
    const unexpected = await tabs.trial(PATIENCE, async (tab) => {
      await visit(tab, `${node}/`);
      await ready(tab);
      return heard(tab, () => tab.evaluate((key) => document.querySelector(`[data-track="${key}"] [data-play]`).click(), keyOf(tracks.at(-1))));
    }, ...scripts);
    return { ...own, unexpected };
  }

  /** The same with webtorrent, whose seeder shares `tracker`. */
  const stock = (tracker) => tabs.trial(PATIENCE + 30, async (tab) => {
    await visit(tab, page);
    await tab.waitForFunction(() => globalThis.play);
    await tab.evaluate(() => globalThis.ready());
    await sleep(500);
    const play = ({ infohash, size }) =>
      within(30_000, tab.evaluate((link) => globalThis.play(link), magnet(infohash, size, [tracker])), 'no sound');
    const cold = await play(files[0]);
    await sleep(1000);
    return { cold, unexpected: await play(files[1]) };
  });

  /** The program, with peers alone. */
  const program = () =>
    on(async (t) => {
      const own = folderFor(t);
      const { infohash, size } = files[0];
      const words = ['--home', own, '--quiet', '--json', '--allow-private', 'play', '--null', magnet(infohash, size, [ours.trackers.http])];
      const args = ['-s', 'KILL', `${PATIENCE}`, ...taker.inside, osp, ...words];
      return { cold: JSON.parse(await run('timeout', args)).first_sound_ms };
    });

  const cases = [
    ['our page, HTTP', () => ourPage(false)],
    ['our page, listening together', () => ourPage(true)],
    ['our page, peers alone (WebRTC)', () => ourPage(true, without)],
    ['webtorrent page, webtorrent seeds', () => stock(empty.trackers.web)],
    ['webtorrent page, `osp node` seeds', () => stock(ours.trackers.web)],
    ['`osp play --null`, BitTorrent peers alone', program],
  ].filter(([name]) => wanted(name));
  const all = await inTurn(ROUNDS, cases);
  const of = (name, which) => {
    const runs = all.get(name);
    const values = runs instanceof Error ? [] : runs.map((run) => run[which]).filter((ms) => ms !== undefined);
    return values.length ? slowest(values) : runs.length ? '' : 'failed';
  };
  table([
    [`first sound, ${TRIP} ms round trip; ms: median, nine of ten, slowest`, "the page's track", 'the next', 'an unexpected one', 'trials'],
    ...cases.map(([name]) => [name, ...['cold', 'next', 'unexpected'].map((which) => of(name, which)), all.get(name).length ?? 0]),
  ]);
  console.log(load());
});
