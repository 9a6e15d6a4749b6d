// Native to native over TCP on loopback: 256 MiB from one peer to one other, by us, librqbit (through its
// Python bindings, which come ready built) and aria2.
//
// Counted is what a person waits for: from the start of the downloading program to its end, when everything is verified
// and in files. Programs find each other through the tracker of an `osp node`.

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import bencode from 'bencode';
import { folderFor, osp, which } from '../../tools.mjs';
import { magnet, published, serve, tracker } from '../ours.mjs';
import { inTurn, load, median, on, rounds, running, spread, table, timed, wanted } from './stage.mjs';

const SIZE = Number(process.env.OSP_BENCH_MIB ?? 256) << 20;
const ROUNDS = rounds(5);
const pyrqbit = process.env.PYRQBIT;
const aria2c = which('aria2c');

/** What runs librqbit, and how. */
const python = (...args) => ['python3', [fileURLToPath(new URL('librqbit.py', import.meta.url)), ...args]];
const withWheel = { env: { ...process.env, PYTHONPATH: pyrqbit, HOME: '/nonexistent' } };

/** A port that was free just now. */
const freePort = () =>
  new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

await on(async (t) => {
  const folder = folderFor(t);
  const artist = await published(folder, SIZE);
  const { infohash, path, record } = artist;
  // A tracker for each that gives, so that nobody else does.
  const meetings = {};
  for (const name of ['ours', 'librqbit', 'aria2']) {
    meetings[name] = (await tracker(t, join(folder, name))).trackers.http;
  }
  const ours = await serve(t, artist.home, { settings: { peers: { trackers: [meetings.ours], webrtc: false } } });
  const whole = bencode.decode(Buffer.from(await (await fetch(`${ours.http}/torrents/${infohash}.torrent`)).arrayBuffer()));
  // Without our node's web seed, so that peers are all there is.
  const torrents = {};
  for (const [name, announce] of Object.entries(meetings)) {
    torrents[name] = join(folder, `${name}.torrent`);
    writeFileSync(torrents[name], bencode.encode({ announce, info: whole.info }));
  }
  const seeds = join(folder, 'seeds');
  mkdirSync(seeds);
  execFileSync('cp', ['--reflink=auto', path, join(seeds, record.cid)]);

  let made = 0;
  /** An empty folder for one download, removed when it is done. */
  async function into(download) {
    const out = join(folder, `out${made++}`);
    mkdirSync(out);
    try {
      return await download(out);
    } finally {
      rmSync(out, { recursive: true });
    }
  }

  const give = {
    // All the time.
    ours: async () => {},
    librqbit: async (t) => {
      const [program, args] = python('give', seeds, `${await freePort()}`, torrents.librqbit);
      await running(t, [program, ...args], { until: /seeding/, options: withWheel });
    },
    aria2: async (t) => {
      const port = await freePort();
      const args = ['--dir', seeds, '--seed-ratio=0', '--summary-interval=1', '--bt-seed-unverified=true', `--listen-port=${port}`, '--enable-dht=false', '--bt-enable-lpd=false', torrents.aria2];
      await running(t, [aria2c, ...args], { until: /Seeding|SEED|\(100%\)|SEEDING/ });
    },
  };
  const take = {
    ours: (from) => into((out) => {
      writeFileSync(join(out, 'config.toml'), 'allow-private = true\n[peers]\nbittorrent = "127.0.0.1:0"\nlocal-discovery = false\nwebrtc = false\n');
      return timed(osp, ['--home', out, '--quiet', '--allow-private', 'resolve', '--seeding', 'off', magnet(infohash, SIZE, [meetings[from]])]);
    }),
    librqbit: (from) => into(async (out) => timed(...python('take', out, `${await freePort()}`, torrents[from]), withWheel)),
    aria2: (from) => into((out) => timed(aria2c, ['--dir', out, '--seed-time=0', '--enable-dht=false', '--bt-enable-lpd=false', '--file-allocation=none', '--quiet', torrents[from]])),
  };

  const there = { ours: true, librqbit: Boolean(pyrqbit), aria2: Boolean(aria2c) };
  for (const [name, here] of Object.entries(there)) if (!here) console.log(`${name} is not here and is left out.`);
  const pairs = [['ours', 'ours'], ['librqbit', 'librqbit'], ['aria2', 'aria2'], ['ours', 'librqbit'], ['librqbit', 'ours'], ['ours', 'aria2']];
  const cases = pairs.filter(([from, to]) => there[from] && there[to]).map(([from, to]) => [
    `${from} to ${to}`,
    () => on(async (t) => {
      await give[from](t);
      return take[to](from);
    }),
  ]);
  const all = await inTurn(ROUNDS, cases.filter(([name]) => wanted(name)));
  const rate = (runs) => (runs instanceof Error ? [] : runs.map(({ seconds }) => SIZE / seconds / 1e6));
  const base = median(rate(all.get('librqbit to librqbit') ?? []));
  table([
    [`${SIZE >> 20} MiB, one peer, loopback`, 'MB/s, median (spread)', 'of librqbit', 'processor seconds of the downloader'],
    ...[...all].map(([name, runs]) => {
      const rates = rate(runs);
      return [name, spread(rates, 0), rates.length && base ? (median(rates) / base).toFixed(2) : '', rates.length ? spread(runs.map(({ used }) => used), 2) : ''];
    }),
  ]);
  console.log(`${ROUNDS} rounds in turn. ${load()}`);
});
