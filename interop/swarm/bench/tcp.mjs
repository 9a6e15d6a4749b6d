// Native to native over TCP on loopback: 256 MiB from one peer to one other, by us, librqbit (the program rqbit) and aria2.
//
// Counted is what a person waits for: from the start of the downloading program to its end, when everything is verified
// and in files. Programs find each other through the tracker of an `osp node`; rqbit is told the address.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import bencode from 'bencode';
import { folderFor, osp, which } from '../../tools.mjs';
import { magnet, published, serve, tracker } from '../ours.mjs';
import { inTurn, load, median, on, rounds, running, spread, table, timed } from './stage.mjs';

const SIZE = Number(process.env.OSP_BENCH_MIB ?? 256) << 20;
const ROUNDS = rounds(5);
const rqbit = process.env.RQBIT && existsSync(process.env.RQBIT) ? process.env.RQBIT : which('rqbit');
const aria2c = which('aria2c');
const quiet = ['--disable-dht', '--disable-lsd', '--disable-upnp-port-forward'];

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
  const meeting = await tracker(t, folder);
  const announce = [meeting.trackers.http];
  const link = magnet(infohash, SIZE, announce);

  const ours = await serve(t, artist.home, { settings: { peers: { trackers: announce, webrtc: false } } });
  const whole = bencode.decode(Buffer.from(await (await fetch(`${ours.http}/torrents/${infohash}.torrent`)).arrayBuffer()));
  // Without our node's web seed, so that peers are all there is.
  const torrent = join(folder, 'x.torrent');
  writeFileSync(torrent, bencode.encode({ announce: announce[0], info: whole.info }));
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
    ours: async () => ours.bittorrent,
    rqbit: async (t) => {
      const port = await freePort();
      const args = [...quiet, '--listen-ip', '127.0.0.1', '--listen-port', `${port}`, 'download', '-o', seeds, '--overwrite', '--disable-http-api', torrent];
      await running(t, [rqbit, ...args], { until: /seeding|100\.00%|finished|completed/i });
      return `127.0.0.1:${port}`;
    },
    aria2: async (t) => {
      const port = await freePort();
      const args = ['--dir', seeds, '--seed-ratio=0', '--bt-seed-unverified=true', `--listen-port=${port}`, '--enable-dht=false', '--bt-enable-lpd=false', torrent];
      await running(t, [aria2c, ...args], { until: /Seeding|SEED|\(100%\)|SEEDING/ });
      return `127.0.0.1:${port}`;
    },
  };
  const take = {
    ours: () => into((out) => {
      writeFileSync(join(out, 'config.toml'), 'allow-private = true\n[peers]\nbittorrent = "127.0.0.1:0"\nlocal-discovery = false\nwebrtc = false\n');
      return timed(osp, ['--home', out, '--quiet', '--allow-private', 'resolve', '--seeding', 'off', link]);
    }),
    rqbit: (peer) => into((out) => timed(rqbit, [...quiet, '--disable-trackers', 'download', '-o', out, '--exit-on-finish', '--disable-http-api', '--initial-peers', peer, torrent])),
    aria2: () => into((out) => timed(aria2c, ['--dir', out, '--seed-time=0', '--enable-dht=false', '--bt-enable-lpd=false', '--file-allocation=none', '--quiet', torrent])),
  };

  const there = { ours: true, rqbit: Boolean(rqbit), aria2: Boolean(aria2c) };
  for (const [name, here] of Object.entries(there)) if (!here) console.log(`${name} is not here and is left out.`);
  // One pair at a time: the tracker of a seeder that is gone forgets it only later.
  const pairs = [['ours', 'ours'], ['rqbit', 'rqbit'], ['aria2', 'aria2'], ['ours', 'rqbit'], ['ours', 'aria2'], ['rqbit', 'ours']];
  const cases = pairs.filter(([from, to]) => there[from] && there[to]).map(([from, to]) => [
    `${from} to ${to}`,
    () => on(async (t) => take[to](await give[from](t))),
  ]);
  const all = await inTurn(ROUNDS, cases);
  const rate = (runs) => (runs instanceof Error ? [] : runs.map(({ seconds }) => SIZE / seconds / 1e6));
  const base = all.has('rqbit to rqbit') ? median(rate(all.get('rqbit to rqbit'))) : Number.NaN;
  table([
    ['256 MiB, one peer, loopback', 'MB/s, median (spread)', 'of librqbit', 'processor seconds of the downloader'],
    ...[...all].map(([name, runs]) => {
      const rates = rate(runs);
      return [name, spread(rates, 0), rates.length ? (median(rates) / base).toFixed(2) : '', rates.length ? spread(runs.map(({ used }) => used), 2) : ''];
    }),
  ]);
  console.log(`${ROUNDS} rounds in turn. ${load()}`);
});
