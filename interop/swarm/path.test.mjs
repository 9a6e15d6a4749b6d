// A track from our node to `osp resolve` over a path of 25 ms each way that loses one frame in a hundred, by one way at a
// time: TCP, uTP, WebRTC.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderFor } from '../tools.mjs';
import { lab, noLab, prohibit } from './lab.mjs';
import { assertSame, magnet, noProgram, published, rate, resolve, serve } from './ours.mjs';

const skip = noProgram || noLab;
const SIZE = 4 * 1024 * 1024 + 345;
const ways = {
  TCP: { tracker: 'http', source: 'bittorrent', peers: { webrtc: false }, not: 'udp' },
  uTP: { tracker: 'http', source: 'bittorrent', peers: { webrtc: false }, not: 'tcp' },
  WebRTC: { tracker: 'web', source: 'webtorrent', peers: { webrtc: true }, not: 'tcp' },
};

for (const [way, { tracker, source, peers, not }] of Object.entries(ways)) {
  test(`a track arrives over ${way} across 50 ms and 1 % loss`, { skip, timeout: 180_000 }, async (t) => {
    const folder = folderFor(t);
    const { giver, taker } = await lab(t, { giver: 'delay=25ms,loss=0.01', taker: '' });
    const { home, bytes, infohash } = await published(folder, SIZE);
    const node = await serve(t, home, { at: giver, settings: { peers } });
    // The tracker is HTTP or WebSocket on this one port; all other TCP is for peers.
    for (const host of [giver, taker]) await prohibit(host, not, new URL(node.http).port);
    const bittorrent = way === 'WebRTC' ? 'off' : `${taker.address}:0`;
    const got = await resolve(folder, magnet(infohash, SIZE, [node.trackers[tracker]]), { at: taker, peers: { ...peers, bittorrent }, seconds: 150 });
    assertSame(got.bytes, bytes);
    assert.equal(got.sources[source], SIZE, `sources: ${JSON.stringify(got.sources)}`);
    t.diagnostic(`over ${way}, 50 ms and back, 1 % loss each way: ${rate(SIZE, got.seconds)}, start included`);
  });
}
