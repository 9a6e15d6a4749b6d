// rqbit (librqbit) takes a track from our node and gives one to `osp resolve`. It is no Debian package and 240 crates to
// build, so it is used where it is in PATH already: `cargo install rqbit`.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, run, which } from '../tools.mjs';
import { announced, assertSame, magnet, noProgram, published, resolve, serve, torrentFile, tracker } from './ours.mjs';

const skip = noProgram || (!which('rqbit') && 'there is no rqbit in PATH; cargo install rqbit');
const SIZE = 12 * 1024 * 1024 + 345;
/** Peers come from trackers alone, and its own API listens nowhere in particular. */
const alone = ['--disable-dht', '--disable-upnp-port-forward', '--http-api-listen-addr', '127.0.0.1:0'];

for (const what of ['a magnet', 'a torrent file']) {
  test(`rqbit takes a track from us by ${what}`, { skip, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, record, infohash } = await published(folder, SIZE);
    const node = await serve(t, home);
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, [node.trackers.http]));
    const from = what === 'a magnet' ? magnet(infohash, SIZE, [node.trackers.http]) : torrent;
    await run('rqbit', [...alone, 'download', '--exit-on-finish', '--output-folder', join(folder, 'out'), from]);
    assertSame(readFileSync(join(folder, 'out', record.cid)), bytes);
  });
}

test('rqbit gives a track to us', { skip, timeout: 90_000 }, async (t) => {
  const folder = folderFor(t);
  const { path, bytes, record, infohash } = await published(folder, SIZE);
  const { trackers } = await tracker(t, folder);
  const torrent = join(folder, 'x.torrent');
  writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
  mkdirSync(join(folder, 'out'));
  copyFileSync(path, join(folder, 'out', record.cid));
  const words = [...alone, 'download', '--overwrite', '--output-folder', join(folder, 'out'), torrent];
  const seed = spawn('rqbit', words, { stdio: 'ignore' });
  t.after(() => new Promise((resolve) => seed.once('exit', resolve) && seed.kill()));
  await announced(trackers.http, infohash);
  assertSame((await resolve(folder, magnet(infohash, SIZE, [trackers.http]))).bytes, bytes);
});
