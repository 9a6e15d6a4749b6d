// First sound in Chromium, 50 ms from the node: from the key or the click to the first moment of the track that has
// passed. Our page over HTTP, cold and warm, and listening together; the stock webtorrent page alone beside it.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { demoMusic, folderFor, osp, run } from '../../tools.mjs';
import { magnet, pieceLength, serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { browserOn, noChromium, opened, stockPage, stockSeeder } from './chromium.mjs';
import { inTurn, load, on, rounds, spread, table, wanted } from './stage.mjs';

const TRIP = 50;
const ROUNDS = rounds(50);

/** In our page: milliseconds from the next key until a track that has not sounded yet sounds. */
function watch() {
  globalThis.sound = () =>
    new Promise((resolve) => {
      addEventListener('keydown', ({ timeStamp }) => {
        const audio = document.querySelector('audio');
        let moved = false;
        // The next track begins at zero; the one before does not count any more.
        const look = () => {
          const at = audio.currentTime;
          if (at === 0 || audio.readyState === 0) moved = true;
          if (moved && at > 0 && !audio.paused) resolve(performance.now() - timeStamp);
          else setTimeout(look, 2);
        };
        setTimeout(look, 0);
      }, { capture: true, once: true });
    });
}

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
  const browser = await browserOn(t, folder, taker, { trusted: [page, ours.http] });

  /** First sound of the track's page, then of the next track of the same page. */
  async function ourPage(together) {
    const context = await browser.newContext();
    try {
      await context.addInitScript(watch);
      if (together) await context.addInitScript(() => localStorage.setItem('opensound.together', '1'));
      const tab = await context.newPage();
      await tab.goto(`${ours.http}/track/${tracks[0].id.replace('osp:track:', '')}`);
      if (together) await tab.waitForFunction(() => navigator.serviceWorker.controller?.scriptURL.includes('/swarm/'));
      // As long as a person needs to find the button.
      await sleep(500);
      const press = async (key) => {
        const sound = tab.evaluate(() => globalThis.sound());
        await tab.waitForFunction(() => true);
        await tab.keyboard.press(key);
        return Promise.race([sound, sleep(20_000).then(() => { throw new Error('no sound within 20 s'); })]);
      };
      const cold = await press('k');
      await sleep(1000);
      return { cold, warm: await press('Shift+N') };
    } finally {
      await context.close();
    }
  }

  /** The same with webtorrent, whose seeder shares `tracker`. */
  async function stock(tracker) {
    const tab = await opened(browser, page, 'play');
    try {
      await tab.evaluate(() => globalThis.ready());
      await sleep(500);
      const play = async ({ infohash, size }) => Promise.race([
        tab.evaluate((link) => globalThis.play(link), magnet(infohash, size, [tracker])),
        sleep(30_000).then(() => { throw new Error('no sound within 30 s'); }),
      ]);
      const cold = await play(files[0]);
      await sleep(1000);
      return { cold, warm: await play(files[1]) };
    } finally {
      await tab.context().close();
    }
  }

  /** The program, with peers alone. */
  const program = () =>
    on(async (t) => {
      const own = folderFor(t);
      const { infohash, size } = files[0];
      const words = ['--home', own, '--quiet', '--json', '--allow-private', 'play', '--null', magnet(infohash, size, [ours.trackers.http])];
      const line = await run(taker.inside[0], [...taker.inside.slice(1), osp, ...words]);
      return { cold: JSON.parse(line).first_sound_ms };
    });

  const cases = [
    ['our page, HTTP', () => ourPage(false)],
    ['our page, listening together', () => ourPage(true)],
    ['webtorrent page, webtorrent seeds', () => stock(empty.trackers.web)],
    ['webtorrent page, `osp node` seeds', () => stock(ours.trackers.web)],
    ['`osp play --null`, BitTorrent peers alone', program],
  ].filter(([name]) => wanted(name));
  const all = await inTurn(ROUNDS, cases);
  const of = (name, which) => {
    const runs = all.get(name);
    return runs instanceof Error ? 'failed' : spread(runs.map((run) => run[which]).filter((ms) => ms !== undefined), 0);
  };
  table([
    [`first sound, ${TRIP} ms round trip`, 'cold, ms: median (spread)', 'second track, ms', 'times'],
    ...cases.map(([name]) => [name, of(name, 'cold'), all.get(name)[0]?.warm ? of(name, 'warm') : '', all.get(name).length ?? 0]),
  ]);
  console.log(load());
});
