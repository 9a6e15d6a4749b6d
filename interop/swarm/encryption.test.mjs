// MSE where one side insists on it: programs that take and make nothing but encrypted connections, and our own
// `encryption = "required"` against programs as they come. (As they come, webtorrent and Transmission call with MSE: the
// other tests have that.)

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, run, which } from '../tools.mjs';
import { lab, noLab } from './lab.mjs';
import { announced, assertSame, magnet, noProgram, pieceLength, published, rate, resolve, serve, torrentFile, tracker } from './ours.mjs';
import { noTransmission, transmission } from './transmission.mjs';

const SIZE = 12 * 1024 * 1024 + 345;
const required = { encryption: 'required' };

/** Who insists, what aria2 is told then, and what we are. */
const insisting = {
  'aria2 that requires RC4': { aria2: ['--bt-require-crypto=true', '--bt-min-crypto-level=arc4'], transmission: { encryption: 2 }, ours: {} },
  'us who require RC4': { aria2: [], transmission: {}, ours: required },
};

const alone = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false', '--listen-port=20000-29999'];
const noAria2 = noProgram || (!which('aria2c') && 'not installed: aria2c (Debian: aria2)');

for (const [who, { aria2, ours }] of Object.entries(insisting)) {
  test(`${who}: aria2 takes a track from us`, { skip: noAria2, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, record, infohash } = await published(folder, SIZE);
    const node = await serve(t, home, { settings: { peers: ours } });
    const started = performance.now();
    const from = magnet(infohash, SIZE, [node.trackers.http]);
    await run('aria2c', [...alone, ...aria2, '--seed-time=0', '--bt-stop-timeout=60', `--dir=${join(folder, 'out')}`, from]);
    assertSame(readFileSync(join(folder, 'out', record.cid)), bytes);
    t.diagnostic(`aria2 from us: ${rate(SIZE, (performance.now() - started) / 1000)}`);
  });

  test(`${who}: aria2 gives a track to us`, { skip: noAria2, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { path, bytes, record, infohash } = await published(folder, SIZE);
    const { trackers } = await tracker(t, folder);
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
    mkdirSync(join(folder, 'out'));
    copyFileSync(path, join(folder, 'out', record.cid));
    const words = [...alone, ...aria2, '--check-integrity=true', '--seed-ratio=0', `--dir=${join(folder, 'out')}`, torrent];
    const seed = spawn('aria2c', words, { stdio: 'ignore' });
    t.after(() => new Promise((resolve) => seed.once('exit', resolve) && seed.kill('SIGKILL')));
    await announced(trackers.http, infohash);
    const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]), { peers: ours });
    assertSame(got.bytes, bytes);
    assert.equal(got.sources.bittorrent, SIZE, `sources: ${JSON.stringify(got.sources)}`);
    t.diagnostic(`us from aria2: ${rate(SIZE, got.seconds)}`);
  });
}

const noDaemon = noProgram || noTransmission || noLab;

for (const [who, { transmission: settings, ours }] of Object.entries(insisting)) {
  const named = who.replace('aria2', 'Transmission');
  for (const utp of [false, true]) {
    test(`${named}: Transmission takes a track from us over ${utp ? 'TCP or uTP' : 'TCP'}`, { skip: noDaemon, timeout: 120_000 }, async (t) => {
      const folder = folderFor(t);
      const { us, them } = await lab(t, { us: '', them: '' });
      const { home, bytes, record, infohash } = await published(folder, SIZE);
      const node = await serve(t, home, { at: us, settings: { peers: { webrtc: false, ...ours } } });
      const daemon = await transmission(t, folder, them, utp, settings);
      await daemon.add(magnet(infohash, SIZE, [node.trackers.http]));
      const flags = await daemon.complete();
      assertSame(readFileSync(join(daemon.downloads, record.cid)), bytes);
      assert.ok(flags.some((flag) => flag.includes('E')), `flags: ${flags}`);
    });
  }

  test(`${named}: Transmission gives a track to us`, { skip: noDaemon, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const { us, them } = await lab(t, { us: '', them: '' });
    const { path, bytes, record, infohash } = await published(folder, SIZE);
    const { trackers } = await tracker(t, folder, { at: us });
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
    mkdirSync(join(folder, 'downloads'));
    copyFileSync(path, join(folder, 'downloads', record.cid));
    const daemon = await transmission(t, folder, them, false, settings);
    await daemon.add(torrent);
    await daemon.complete();
    await announced(trackers.http, infohash, us);
    const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]), { at: us, peers: { webrtc: false, ...ours } });
    assertSame(got.bytes, bytes);
    assert.equal(got.sources.bittorrent, SIZE, `sources: ${JSON.stringify(got.sources)}`);
  });
}

const recent = Number(process.versions.node.split('.')[0]) >= 22;
const noWebTorrent = noProgram || (!recent && 'webtorrent needs Node.js 22 or newer');
const WebTorrent = noWebTorrent ? undefined : (await import('webtorrent')).default;

/** webtorrent as it comes, or with `secure: 2`, which offers RC4 alone. */
function client(t, settings) {
  const made = new WebTorrent({ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false, utPex: false, ...settings });
  made.on('error', (error) => { throw error; });
  t.after(() => new Promise((done) => made.destroy(done)));
  return made;
}

for (const [who, settings, ours] of [['webtorrent that requires RC4', { secure: 2 }, {}], ['us who require RC4', {}, required]]) {
  test(`${who}: webtorrent takes a track from us`, { skip: noWebTorrent, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, infohash } = await published(folder, SIZE);
    const node = await serve(t, home, { settings: { peers: ours } });
    const torrent = client(t, settings).add(magnet(infohash, SIZE, [node.trackers.http]), { path: join(folder, 'out') });
    const wires = new Set();
    torrent.on('wire', (wire) => wires.add(`${wire.type} ${wire._encryptionMethod}`));
    await new Promise((done, fail) => torrent.on('done', done).on('error', fail));
    assertSame(readFileSync(join(folder, 'out', torrent.files[0].path)), bytes);
    assert.ok(wires.has('tcpOutgoing 2'), `it came over ${[...wires]}`);
  });
}

test('us who require RC4: webtorrent gives a track to us', { skip: noWebTorrent, timeout: 90_000 }, async (t) => {
  const folder = folderFor(t);
  const { path, bytes, record, infohash } = await published(folder, SIZE);
  const named = join(folder, record.cid);
  linkSync(path, named);
  const { trackers } = await tracker(t, folder);
  const giving = client(t, {});
  const options = { name: record.cid, pieceLength: pieceLength(SIZE), announceList: [[trackers.http]] };
  const torrent = await new Promise((done) => giving.seed(named, options, done));
  const wires = new Set();
  torrent.on('wire', (wire) => wires.add(`${wire.type} ${wire._encryptionMethod}`));
  const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]), { peers: required });
  assertSame(got.bytes, bytes);
  assert.equal(got.sources.bittorrent, SIZE, `sources: ${JSON.stringify(got.sources)}`);
  assert.ok([...wires].every((wire) => wire.endsWith(' 2')), `it came over ${[...wires]}`);
});
