// Peers that misbehave, beside one honest node: `osp resolve` has the track in the end, byte for byte, within bounded
// memory; who lied is named in the log without an address.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import bencode from 'bencode';
import { folderFor } from '../tools.mjs';
import { badPeer, behind, ways } from './bad-peer.mjs';
import { assertSame, magnet, noProgram, published, resident, resolve, serve, torrentFile, tracker as meeting } from './ours.mjs';

const SIZE = 6 * 1024 * 1024 + 345;
/** What either process of ours may hold at most: a debug build with a home, its database and the pieces under way. */
const MEMORY = 128 * 1024 * 1024;
/** Who is told of, at which level (INFO is -v, DEBUG -vv), and how. Being slow or greedy is no lie and is passed over. */
const told = {
  'sends every tenth piece with one bit turned': /INFO .*a peer was dropped: it sent bytes that do not verify, in piece \d*0\b/,
  'sends metadata of the right length that are noise': /INFO .*a peer was dropped: its metadata is false/,
  'sends a frame that says it has two gigabytes': /DEBUG .*a peer was dropped: it broke the protocol/,
};
/** An address that only the bad peer has. */
const HOST = '127.0.0.2';

for (const [what, way] of Object.entries(ways)) {
  test(`a peer that ${what}`, { skip: noProgram, timeout: 90_000 }, async (t) => {
    const folder = folderFor(t);
    const { home, bytes, record, infohash } = await published(folder, SIZE);
    // The honest node is slow, and slow to be met, so that the bad peer is asked.
    const node = await serve(t, home, { settings: { peers: { 'upload-limit': '1MiB', webrtc: false } } });
    const tracker = (await meeting(t, folder)).trackers.http;
    await behind(t, { tracker, infohash, host: '127.0.0.1', to: node.bittorrent, delay: 500 });
    const info = Buffer.from(bencode.encode(bencode.decode(torrentFile(bytes, record.cid, [tracker])).info));
    const bad = await badPeer(t, way, { bytes, info, infohash, tracker, host: HOST, victim: node.bittorrent });
    const got = await resolve(folder, magnet(infohash, SIZE, [tracker]), { args: ['-vv'], peers: { webrtc: false }, seconds: 80 });
    assertSame(got.bytes, bytes);
    assert.ok(bad.did.called > 0, 'the bad peer was called');
    if (told[what]) assert.match(got.log, told[what]);
    assert.doesNotMatch(got.log, /127\.0\.0\.2/);
    assert.doesNotMatch(got.log, new RegExp(`\\b${bad.port}\\b`));
    assert.ok(got.memory > 0 && got.memory < MEMORY, `osp resolve had ${got.memory} bytes`);
    assert.ok(resident(node.process.pid) < MEMORY, 'the honest node is not the one that pays');
    t.diagnostic(`${got.seconds.toFixed(1)} s, at most ${Math.round(got.memory / 1e6)} MB; called ${bad.did.called}, asked for ${bad.did.asked} blocks and ${bad.did.metadata} parts of metadata`);
  });
}
