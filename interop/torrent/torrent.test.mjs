// The .torrent files our node serves, in real BitTorrent clients: transmission-show reads them, aria2c fetches the
// file by one, from the node's web seed alone.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { demoMusic, folderFor, nodeWith, run, which } from '../tools.mjs';

const missing = ['transmission-show', 'aria2c'].filter((name) => !which(name));
const skip = missing.length > 0 && `not installed: ${missing.join(', ')} (Debian: transmission-cli, aria2)`;

test('BitTorrent clients take our torrents', { skip }, async (t) => {
  const folder = folderFor(t);
  const file = join(demoMusic, readdirSync(demoMusic).find((name) => name.endsWith('.opus')));
  const { url, record } = await nodeWith(t, folder, file);
  const [, infohash] = record.torrent.match(/^magnet:\?xt=urn:btih:([0-9a-f]{40})/);
  const response = await fetch(`${url}/torrents/${infohash}.torrent`);
  assert.equal(response.status, 200);
  const torrent = join(folder, 'track.torrent');
  writeFileSync(torrent, Buffer.from(await response.arrayBuffer()));

  await t.test('transmission-show reads it', async () => {
    const shown = await run('transmission-show', [torrent]);
    assert.match(shown, new RegExp(`Name: ${record.cid}\n`));
    assert.match(shown, new RegExp(`Hash(?: v1)?: ${infohash}\n`));
    assert.match(shown, /Piece Size: /);
  });

  await t.test('aria2c reads it', async () => {
    const shown = await run('aria2c', ['--show-files', torrent]);
    assert.match(shown, new RegExp(`Info Hash: ${infohash}\n`));
    assert.match(shown, new RegExp(record.cid));
  });

  await t.test('aria2c downloads from the web seed', async () => {
    const out = join(folder, 'out');
    // No peers of any kind: only the torrent's url-list can give the bytes.
    await run('aria2c', [
      '--no-conf',
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--enable-peer-exchange=false',
      '--bt-exclude-tracker=*',
      '--seed-time=0',
      '--bt-stop-timeout=30',
      '--check-integrity=true',
      `--dir=${out}`,
      torrent,
    ]);
    assert.ok(readFileSync(join(out, record.cid)).equals(readFileSync(file)), 'the bytes are the published ones');
  });
});
