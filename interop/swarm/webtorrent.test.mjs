// webtorrent in Node.js, over WebRTC and over TCP, each way: it takes a track from our node, and gives one to `osp resolve`.
//
// The two meet at our node's own tracker: over WebSocket they find each other's WebRTC, over HTTP each other's TCP.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { linkSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { folderFor } from '../tools.mjs';
import { assertSame, magnet, noProgram, outward, pieceLength, published, rate, resolve, serve, tracker } from './ours.mjs';

const recent = Number(process.versions.node.split('.')[0]) >= 22;
const skip = noProgram || (!recent && 'webtorrent needs Node.js 22 or newer');
const WebTorrent = skip ? undefined : (await import('webtorrent')).default;
const SIZE = 12 * 1024 * 1024 + 345;
const ways = {
  WebRTC: { tracker: 'web', wire: /^webrtc$/, source: 'webtorrent', skip: skip || (!outward && 'this machine has no network interface') },
  TCP: { tracker: 'http', wire: /^tcp/, source: 'bittorrent', skip },
};

/** webtorrent with no way to peers but the trackers of its torrents. It opens every TCP connection it makes with MSE. */
function client(t) {
  const made = new WebTorrent({ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false, utPex: false });
  made.on('error', (error) => { throw error; });
  t.after(() => new Promise((done) => made.destroy(done)));
  return made;
}

for (const [way, { tracker: kind, wire, source, skip }] of Object.entries(ways)) {
  for (const what of ['a magnet', 'a torrent file']) {
    test(`webtorrent takes a track from us over ${way} by ${what}`, { skip, timeout: 90_000 }, async (t) => {
      const folder = folderFor(t);
      const { home, bytes, infohash } = await published(folder, SIZE);
      const node = await serve(t, home);
      const announce = [node.trackers[kind]];
      const torrentFile = async () => Buffer.from(await (await fetch(`${node.http}/torrents/${infohash}.torrent`)).arrayBuffer());
      const started = performance.now();
      const taking = client(t);
      const torrent = what === 'a magnet'
        ? taking.add(magnet(infohash, SIZE, announce), { path: join(folder, 'out') })
        : taking.add(await torrentFile(), { path: join(folder, 'out'), announce, urlList: [] });
      if (what !== 'a magnet') torrent.on('infoHash', () => { torrent.announce = announce; torrent.urlList = []; });
      const wires = new Set();
      torrent.on('wire', (wire) => wires.add(wire.type));
      await new Promise((done, fail) => torrent.on('done', done).on('error', fail));
      assert.equal(torrent.infoHash, infohash);
      assertSame(readFileSync(join(folder, 'out', torrent.files[0].path)), bytes);
      assert.ok([...wires].some((type) => wire.test(type)), `it came over ${[...wires]}`);
      t.diagnostic(`webtorrent from us over ${way}: ${rate(SIZE, (performance.now() - started) / 1000)}`);
    });
  }

  test(`webtorrent gives a track to us over ${way}`, { skip, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { path, bytes, record, infohash } = await published(folder, SIZE);
    // webtorrent reads the file under the torrent's name.
    const named = join(folder, record.cid);
    linkSync(path, named);
    const meeting = await tracker(t, folder);
    const announce = [meeting.trackers[kind]];
    // Made anew by webtorrent from the file alone: name and piece length are all that our rule adds.
    const giving = client(t);
    const options = { name: record.cid, pieceLength: pieceLength(SIZE), announceList: [announce] };
    const torrent = await new Promise((done) => giving.seed(named, options, done));
    assert.equal(torrent.infoHash, infohash);
    const got = await resolve(folder, magnet(infohash, SIZE, announce));
    assertSame(got.bytes, bytes);
    assert.equal(got.sources[source], SIZE, `sources: ${JSON.stringify(got.sources)}`);
    t.diagnostic(`us from webtorrent over ${way}: ${rate(SIZE, got.seconds)}`);
  });
}
