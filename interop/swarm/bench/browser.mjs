// One native peer to a page with the stock webtorrent client in Chromium, over paths of a lab; beside it webtorrent's own
// seeders (Node.js, Chromium) and a TCP connection over the same path.

import { join } from 'node:path';
import { folderFor } from '../../tools.mjs';
import { magnet, pieceLength, published, serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { browserOn, noChromium, opened, stockPage, stockSeeder } from './chromium.mjs';
import { inTurn, load, median, on, rounds, running, spread, table, wanted } from './stage.mjs';

const MIB = 1 << 20;
const paths = [
  { name: 'no delay', trip: 0, loss: 0, size: 64 * MIB, rounds: rounds(5) },
  { name: '100 ms', trip: 100, loss: 0, size: 32 * MIB, rounds: rounds(5) },
  { name: '100 ms, 1 % loss', trip: 100, loss: 0.01, size: 3 * MIB, rounds: rounds(5) },
  { name: '20 ms, 1 % loss', trip: 20, loss: 0.01, size: 16 * MIB, rounds: rounds(5) },
].filter(({ name }) => wanted(name));

/** Bytes of one TCP connection from giver to taker, in MB/s, from its first byte to its last. */
function tcp({ giver, taker }, size) {
  return on(async (t) => {
    const give = `const s = require('net').createServer((c) => { c.end(Buffer.alloc(${size})); }).listen(0, '${giver.address}', () => console.log(s.address().port))`;
    const { line } = await running(t, [...giver.inside, process.execPath, '-e', give]);
    const take = `let first; let n = 0; require('net').connect(${line}, '${giver.address}').on('data', (d) => { first ??= performance.now(); n += d.length; }).on('end', () => console.log(n / (performance.now() - first) / 1000))`;
    return Number((await running(t, [...taker.inside, process.execPath, '-e', take])).line);
  });
}

if (noChromium) console.log(`Skipped: ${noChromium}`);
for (const path of noChromium ? [] : paths) {
  await on(async (t) => {
    const folder = folderFor(t);
    const hosts = await lab(t, { giver: `delay=${path.trip / 2}ms,loss=${path.loss}`, taker: '' });
    const { giver, taker } = hosts;
    const artist = await published(folder, path.size);
    const ours = await serve(t, artist.home, { at: giver });
    const empty = await serve(t, join(folder, 'tracker'), { at: giver, settings: { tracker: 'open' } });
    const page = await stockPage(t, giver);
    const browser = await browserOn(t, folder, taker, { trusted: [page] });

    /** MB/s from the first block to the last, in a page of its own. */
    async function taken(infohash, tracker) {
      const tab = await opened(browser, page, 'take');
      try {
        const got = await tab.evaluate((link) => globalThis.take(link), magnet(infohash, path.size, [tracker]));
        return got.bytes / got.moving / 1e6;
      } finally {
        await tab.context().close();
      }
    }
    const cases = [
      ['one TCP connection', () => tcp(hosts, path.size)],
      ['`osp node`', () => taken(artist.infohash, ours.trackers.web)],
      ['webtorrent in Node.js', () => on(async (t) => {
        const what = { path: artist.path, name: `x${Math.random()}`, pieceLength: pieceLength(path.size), tracker: empty.trackers.web };
        return taken(await stockSeeder(t, giver, what), empty.trackers.web);
      })],
      ['webtorrent in Chromium', () => on(async (t) => {
        const tab = await opened(await browserOn(t, folder, giver, { trusted: [page] }), page, 'give');
        const infohash = await tab.evaluate((args) => globalThis.give(...args), [path.size, `x${Math.random()}`, pieceLength(path.size), empty.trackers.web]);
        return taken(infohash, empty.trackers.web);
      })],
    ].filter(([name]) => path.trip === 0 || !name.includes('Chromium'));
    const all = await inTurn(path.rounds, cases);
    const rates = (name) => (all.get(name) instanceof Error ? [] : (all.get(name) ?? []));
    const ratio = (name, to) => (rates(name).length && rates(to).length ? (median(rates(name)) / median(rates(to))).toFixed(2) : '');
    table([
      [`to webtorrent in Chromium, ${path.name}, ${path.size / MIB} MiB`, 'MB/s, median (spread)', 'of TCP', 'of webtorrent in Node.js'],
      ...cases.map(([name]) => [name, spread(rates(name), path.loss ? 2 : 1), ratio(name, 'one TCP connection'), ratio(name, 'webtorrent in Node.js')]),
    ]);
    console.log(`${path.rounds} rounds in turn. ${load()}`);
  });
}
