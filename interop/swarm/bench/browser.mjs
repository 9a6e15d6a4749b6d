// One peer to one other over paths of a lab: our node to a page in Chromium, with the swarm of our own pages and with the
// stock webtorrent client, and to our program; beside it webtorrent's own seeders and TCP connections over the same path.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderFor, run } from '../../tools.mjs';
import { magnet, outward, pieceLength, published, resolve, serve } from '../ours.mjs';
import { lab } from '../lab.mjs';
import { browserOn, buildOurs, noChromium, opened, stockPage, stockSeeder } from './chromium.mjs';
import { inTurn, load, median, on, rounds, running, spread, table, wanted, within } from './stage.mjs';

const MIB = 1 << 20;
/** Seconds after which a download that takes so long has failed. */
const PATIENCE = 120;
const paths = [
  { name: 'no delay', trip: 0, loss: 0, size: 64 * MIB, rounds: rounds(5) },
  { name: '100 ms', trip: 100, loss: 0, size: 64 * MIB, rounds: rounds(3) },
  { name: '100 ms, 1 % loss', trip: 100, loss: 0.01, size: 8 * MIB, rounds: rounds(3) },
  { name: '20 ms, 1 % loss', trip: 20, loss: 0.01, size: 16 * MIB, rounds: rounds(3) },
].filter(({ name }) => !process.env.OSP_BENCH_PATH || process.env.OSP_BENCH_PATH === name);

/** Bytes of one TCP connection from giver to taker, in MB/s, from its first byte to its last. */
function tcp({ giver, taker }, size, control) {
  return on(async (t) => {
    const script = fileURLToPath(new URL('tcp.py', import.meta.url));
    const python = (host, ...args) => [...host.inside, 'timeout', '-s', 'KILL', `${PATIENCE}`, 'python3', script, ...args];
    const { line } = await running(t, python(giver, 'give', giver.address, `${size}`, control));
    return Number((await running(t, python(taker, 'take', giver.address, line))).line);
  });
}

/** The ways in which TCP may be governed here. */
async function controls() {
  const there = await run('sysctl', ['-n', 'net.ipv4.tcp_available_congestion_control']);
  return ['cubic', 'bbr'].filter((control) => there.split(/\s+/).includes(control));
}

if (noChromium) console.log(`Skipped: ${noChromium}`);
for (const path of noChromium ? [] : paths) {
  await on(async (t) => {
    const folder = folderFor(t);
    // Without delay nothing is in between: what carries frames would take a part of the processors.
    const here = { address: outward, inside: [] };
    const hosts = path.trip ? await lab(t, { giver: `delay=${path.trip / 2}ms,loss=${path.loss}`, taker: '' }) : { giver: here, taker: here };
    const { giver, taker } = hosts;
    const artist = await published(folder, path.size);
    const ours = await serve(t, artist.home, { at: giver });
    const empty = await serve(t, join(folder, 'tracker'), { at: giver, settings: { tracker: 'open' } });
    await buildOurs(join(folder, 'ours'));
    const page = await stockPage(t, giver, join(folder, 'ours'));
    const browser = await browserOn(t, folder, taker, { trusted: [page] });

    /** MB/s from the first block to the last, in a page of its own. */
    async function taken(infohash, tracker, url = page) {
      const tab = await opened(browser, url, 'take');
      try {
        const link = magnet(infohash, path.size, [tracker]);
        const got = await within(PATIENCE * 1000, tab.evaluate((link) => globalThis.take(link), link), 'a download');
        return got.bytes / got.moving / 1e6;
      } finally {
        await tab.context().close();
      }
    }
    const kinds = await controls();
    const cases = [
      ...kinds.map((control) => [`one TCP connection, ${control}`, () => tcp(hosts, path.size, control)]),
      ['`osp node` to the swarm of our pages', () => taken(artist.infohash, ours.trackers.web, `${page}/ours/index.html`)],
      ['`osp node` to webtorrent in Chromium', () => taken(artist.infohash, ours.trackers.web)],
      ['webtorrent in Node.js to the same', () => on(async (t) => {
        const what = { path: artist.path, name: `x${Math.random()}`, pieceLength: pieceLength(path.size), tracker: empty.trackers.web };
        return taken(await stockSeeder(t, giver, what), empty.trackers.web);
      })],
      ['webtorrent in Chromium to the same', () => on(async (t) => {
        const tab = await opened(await browserOn(t, folder, giver, { trusted: [page] }), page, 'give');
        const infohash = await tab.evaluate((args) => globalThis.give(...args), [path.size, `x${Math.random()}`, pieceLength(path.size), empty.trackers.web]);
        return taken(infohash, empty.trackers.web);
      })],
      ['`osp node` to `osp resolve` over WebRTC, its start included', async () => {
        const name = 'listener';
        try {
          const link = magnet(artist.infohash, path.size, [ours.trackers.web]);
          const { seconds } = await resolve(folder, link, { name, at: taker, peers: { webrtc: true, bittorrent: 'off' }, seconds: PATIENCE });
          return path.size / seconds / 1e6;
        } finally {
          for (const left of [name, `${name}.out`]) rmSync(join(folder, left), { recursive: true, force: true });
        }
      }],
    ].filter(([name]) => wanted(name) && (path.trip === 0 || !name.startsWith('webtorrent in Chromium')));
    const all = await inTurn(path.rounds, cases);
    const rates = (name) => (all.get(name) instanceof Error ? [] : (all.get(name) ?? []));
    const ratio = (name, to) => (rates(name).length && rates(to).length ? (median(rates(name)) / median(rates(to))).toFixed(2) : '');
    const others = [...kinds.map((control) => `one TCP connection, ${control}`), 'webtorrent in Node.js to the same'];
    table([
      [`one peer, ${path.name}, ${path.size / MIB} MiB`, 'MB/s, median (spread)', ...kinds.map((control) => `of TCP, ${control}`), 'of webtorrent in Node.js'],
      ...cases.map(([name]) => [name, spread(rates(name), path.loss ? 2 : 1), ...others.map((other) => ratio(name, other))]),
    ]);
    console.log(`${path.rounds} rounds in turn. ${load()}`);
  });
}
// A browser that was given up may leave something that keeps this running.
process.exit();
