// Transmission takes a track from our node and gives one to `osp resolve`, by magnet and by torrent file, over TCP and over
// uTP. It refuses loopback addresses, so both live on hosts of a lab.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor } from '../tools.mjs';
import { lab, noLab, prohibit } from './lab.mjs';
import { announced, assertSame, magnet, noProgram, published, rate, resolve, serve, torrentFile, tracker } from './ours.mjs';
import { noTransmission, transmission } from './transmission.mjs';

const skip = noProgram || noTransmission || noLab;
const SIZE = 12 * 1024 * 1024 + 345;
const portOf = (url) => new URL(url).port;

for (const way of ['TCP', 'uTP']) {
  for (const what of ['a magnet', 'a torrent file']) {
    test(`Transmission takes a track from us over ${way} by ${what}`, { skip, timeout: 120_000 }, async (t) => {
      const folder = folderFor(t);
      const { us, them } = await lab(t, { us: '', them: '' });
      const { home, bytes, record, infohash } = await published(folder, SIZE);
      const node = await serve(t, home, { at: us, settings: { peers: { webrtc: false } } });
      if (way === 'uTP') for (const host of [us, them]) await prohibit(host, 'tcp', portOf(node.http));
      const announce = [node.trackers.http];
      const torrent = join(folder, 'x.torrent');
      writeFileSync(torrent, torrentFile(bytes, record.cid, announce));
      const daemon = await transmission(t, folder, them, way === 'uTP');
      const started = performance.now();
      await daemon.add(what === 'a magnet' ? magnet(infohash, SIZE, announce) : torrent);
      const flags = await daemon.complete();
      assertSame(readFileSync(join(daemon.downloads, record.cid)), bytes);
      assert.equal(flags.some((flag) => flag.includes('T')), way === 'uTP', `flags: ${flags}`);
      assert.ok(flags.some((flag) => flag.includes('E')), `as it comes it calls with MSE and RC4; flags: ${flags}`);
      t.diagnostic(`Transmission from us over ${way}: ${rate(SIZE, (performance.now() - started) / 1000)}, flags ${flags}`);
    });
  }

  test(`Transmission gives a track to us over ${way}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const { us, them } = await lab(t, { us: '', them: '' });
    const { path, bytes, record, infohash } = await published(folder, SIZE);
    const { http, trackers } = await tracker(t, folder, { at: us });
    if (way === 'uTP') for (const host of [us, them]) await prohibit(host, 'tcp', portOf(http));
    const torrent = join(folder, 'x.torrent');
    writeFileSync(torrent, torrentFile(bytes, record.cid, [trackers.http]));
    mkdirSync(join(folder, 'downloads'));
    copyFileSync(path, join(folder, 'downloads', record.cid));
    const daemon = await transmission(t, folder, them, way === 'uTP');
    await daemon.add(torrent);
    await daemon.complete();
    await announced(trackers.http, infohash, us);
    const got = await resolve(folder, magnet(infohash, SIZE, [trackers.http]), { at: us, peers: { webrtc: false } });
    assertSame(got.bytes, bytes);
    assert.equal(got.sources.bittorrent, SIZE, `sources: ${JSON.stringify(got.sources)}`);
    t.diagnostic(`us from Transmission over ${way}: ${rate(SIZE, got.seconds)}`);
  });
}
