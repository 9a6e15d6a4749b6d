// BitTorrent's DHT with aria2 as its nodes, in a network namespace with a public address: `osp resolve` finds aria2 there.
// No tracker is named.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { folderFor, inOwnNetwork, which } from '../tools.mjs';
import { assertSame, magnet, noProgram, published, resolve, torrentFile } from './ours.mjs';

const HERE = '45.10.0.1';
const SIZE = 3 * 1024 * 1024 + 345;
/** aria2 has announced itself by then. */
const ANNOUNCED_MS = 20_000;
const skip = noProgram || (!which('aria2c') && 'not installed: aria2c (Debian: aria2)');

/** aria2 as a node of the DHT that begins with the one at `first`, and knows no other way to peers. */
function arguments_(folder, port, first) {
  const entry = first ? [`--dht-entry-point=${HERE}:${first}`] : [];
  const alone = ['--no-conf', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false', '--bt-external-ip=' + HERE];
  return [...alone, `--dht-listen-port=${port}`, `--listen-port=${port}`, `--dht-file-path=${join(folder, `dht-${port}`)}`, ...entry];
}

/** A node that only keeps what others announce: it looks for something that nobody has. */
function keeper(t, folder, port, first) {
  const nothing = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`;
  const child = spawn('aria2c', [...arguments_(folder, port, first), `--dir=${folder}`, nothing], { stdio: 'ignore' });
  t.after(() => new Promise((done) => child.once('exit', done) && child.kill('SIGKILL')));
}

const settings = { OSP_MAINLINE: '1', OSP_MAINLINE_BOOTSTRAP: `${HERE}:7000` };

if (inOwnNetwork(test, fileURLToPath(import.meta.url), [HERE], skip)) {
  Object.assign(process.env, settings);

  test('osp resolve finds aria2 in the DHT', { timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    keeper(t, folder, 7000);
    const { path, bytes, record, infohash } = await published(folder, SIZE);
    mkdirSync(join(folder, 'out'));
    copyFileSync(path, join(folder, 'out', record.cid));
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, []));
    const flags = ['--check-integrity=true', '--seed-ratio=0', `--dir=${join(folder, 'out')}`, torrent];
    const seed = spawn('aria2c', [...arguments_(folder, 7002, 7000), ...flags], { stdio: 'ignore' });
    t.after(() => new Promise((done) => seed.once('exit', done) && seed.kill('SIGKILL')));
    await sleep(ANNOUNCED_MS);
    const got = await resolve(folder, magnet(infohash, SIZE, []));
    assertSame(got.bytes, bytes);
  });
}
