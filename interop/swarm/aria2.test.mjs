// aria2 takes a track from our node and gives one to `osp resolve`, by magnet and by torrent file, over TCP.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, run, which } from '../tools.mjs';
import { announced, assertSame, magnet, noProgram, published, rate, resolve, serve, torrentFile, tracker } from './ours.mjs';

const skip = noProgram || (!which('aria2c') && 'not installed: aria2c (Debian: aria2)');
const SIZE = 12 * 1024 * 1024 + 345;
/** Peers come from trackers alone. */
const alone = ['--no-conf', '--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false', '--listen-port=20000-29999'];

for (const what of ['a magnet', 'a torrent file']) {
  test(`aria2 takes a track from us by ${what}`, { skip, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, record, infohash } = await published(folder, SIZE);
    const node = await serve(t, home);
    const announce = [node.trackers.http];
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, announce));
    const started = performance.now();
    const from = what === 'a magnet' ? magnet(infohash, SIZE, announce) : torrent;
    await run('aria2c', [...alone, '--seed-time=0', '--bt-stop-timeout=60', `--dir=${join(folder, 'out')}`, from]);
    assertSame(readFileSync(join(folder, 'out', record.cid)), bytes);
    t.diagnostic(`aria2 from us: ${rate(SIZE, (performance.now() - started) / 1000)}`);
  });
}

test('aria2 gives a track to us', { skip, timeout: 90_000 }, async (t) => {
  const folder = folderFor(t);
  const { path, bytes, record, infohash } = await published(folder, SIZE);
  const { trackers } = await tracker(t, folder);
  const torrent = join(folder, 'x.torrent');
  writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
  mkdirSync(join(folder, 'out'));
  copyFileSync(path, join(folder, 'out', record.cid));
  const seed = spawn('aria2c', [...alone, '--check-integrity=true', '--seed-ratio=0', `--dir=${join(folder, 'out')}`, torrent], { stdio: 'ignore' });
  t.after(() => new Promise((resolve) => seed.once('exit', resolve) && seed.kill('SIGKILL')));
  await announced(trackers.http, infohash);
  const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]));
  assertSame(got.bytes, bytes);
  t.diagnostic(`us from aria2: ${rate(SIZE, got.seconds)}`);
});
