// librqbit takes a track from our node and gives one to `osp resolve`, by its Python bindings (bench/librqbit.py).
//
// `PYRQBIT` names the folder where `pip install --target` put pyrqbit; `cargo xtask interop` does that.

import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folderFor, run } from '../tools.mjs';
import { announced, assertSame, magnet, noProgram, published, rate, resolve, serve, torrentFile, tracker } from './ours.mjs';

const program = fileURLToPath(new URL('bench/librqbit.py', import.meta.url));
/** It keeps what it knows of other networks in the home folder; this one is not there. */
const env = { PYTHONPATH: process.env.PYRQBIT ?? '', HOME: '/nonexistent' };
const there = spawnSync('python3', ['-c', 'import pyrqbit'], { env: { ...process.env, ...env } }).status === 0;
const skip = noProgram || (!there && 'Python has no pyrqbit; PYRQBIT names the folder it is in');
const SIZE = 12 * 1024 * 1024 + 345;
/** One that nobody had a moment ago. */
const freePort = () => String(20_000 + Math.floor(Math.random() * 10_000));

for (const what of ['a magnet', 'a torrent file']) {
  test(`librqbit takes a track from us by ${what}`, { skip, timeout: 60_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, record, infohash } = await published(folder, SIZE);
    const node = await serve(t, home);
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, [node.trackers.http]));
    const from = what === 'a magnet' ? magnet(infohash, SIZE, [node.trackers.http]) : torrent;
    const out = join(folder, 'out');
    mkdirSync(out);
    const started = performance.now();
    await run('python3', [program, 'take', out, freePort(), from], { env });
    assertSame(readFileSync(join(out, record.cid)), bytes);
    t.diagnostic(`librqbit from us: ${rate(SIZE, (performance.now() - started) / 1000)}`);
  });
}

test('librqbit gives a track to us', { skip, timeout: 60_000 }, async (t) => {
  const folder = folderFor(t);
  const { path, bytes, record, infohash } = await published(folder, SIZE);
  const { trackers } = await tracker(t, folder);
  const torrent = join(folder, 'x.torrent');
  writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
  const out = join(folder, 'out');
  mkdirSync(out);
  copyFileSync(path, join(out, record.cid));
  const seed = spawn('python3', [program, 'give', out, freePort(), torrent], { stdio: 'ignore', env: { ...process.env, ...env } });
  t.after(() => new Promise((resolve) => seed.once('exit', resolve) && seed.kill('SIGKILL')));
  await announced(trackers.http, infohash);
  const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]));
  assertSame(got.bytes, bytes);
  t.diagnostic(`us from librqbit: ${rate(SIZE, got.seconds)}`);
});
