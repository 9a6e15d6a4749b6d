// The tracker client of webtorrent (`bittorrent-tracker`) at a node of ours, over WebSocket and HTTP.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Client from 'bittorrent-tracker/client';
import { demoMusic, folderFor, nodeWith, osp } from '../tools.mjs';

const skip = existsSync(osp) ? false : 'there is no program; cargo build makes it';

/** A WebRTC peer as far as the tracker client knows one: it makes and takes session descriptions. */
class Described extends EventEmitter {
  constructor(name, options) {
    super();
    this.name = name;
    if (options?.initiator) setImmediate(() => this.emit('signal', { type: 'offer', sdp: `offer of ${name}\r\n` }));
  }

  signal(description) {
    this.heard = description;
    this.emit('heard', description);
    if (description.type === 'offer') {
      setImmediate(() => this.emit('signal', { type: 'answer', sdp: `answer of ${this.name}\r\n` }));
    }
  }

  destroy() {}
}

function client(t, { announce, infoHash, name, port = 6881 }) {
  // Each with a query of its own, since clients in one process share a connection for an address.
  const peerId = Buffer.from(`-WW0302-${name.padEnd(12, '.')}`);
  const made = new Client({ infoHash, peerId, announce: [`${announce}?${name}`], port, wrtc: {} });
  for (const tracker of made._trackers) tracker._createPeer = (options) => new Described(name, options);
  made.on('error', (error) => assert.fail(error));
  t.after(() => new Promise((resolve) => made.destroy(resolve)));
  return made;
}

/** Compares counts of a swarm in which the node itself may be as one who has everything. */
function assertCounts({ complete, incomplete }, ours) {
  assert.equal(incomplete, ours.incomplete);
  assert.ok([ours.complete, ours.complete + 1].includes(complete), `${complete} complete`);
}

async function swarm(t) {
  const { url, record } = await nodeWith(t, folderFor(t), firstTrack());
  const sources = await (await fetch(`${url}/api/v1/tracks/${record.id.split(':').pop()}/sources`)).json();
  const infoHash = /btih:([0-9a-f]{40})/.exec(sources.magnet)[1];
  const [web, http] = sources.trackers;
  assert.match(web, /^ws:/);
  assert.match(http, /^http:/);
  return { url, web, http, infoHash };
}

function firstTrack() {
  return join(demoMusic, '01 Awakening.opus');
}

test('offers and answers pass between two clients over WebSocket', { skip, timeout: 60_000 }, async (t) => {
  const { web, infoHash } = await swarm(t);
  const seed = client(t, { announce: web, infoHash, name: 'seed' });
  seed.start({ left: 0 });
  const [first] = await once(seed, 'update');
  assertCounts(first, { complete: 1, incomplete: 0 });
  assert.ok(first.interval >= 30);

  const leech = client(t, { announce: web, infoHash, name: 'leech' });
  const [offered, answered] = [once(seed, 'peer'), once(leech, 'peer')];
  leech.start({ left: 1000, numwant: 5 });
  const [[atSeed], [atLeech]] = await Promise.all([offered, answered]);
  assert.equal(Buffer.from(atSeed.id, 'hex').toString(), '-WW0302-leech.......');
  assert.equal(Buffer.from(atLeech.id, 'hex').toString(), '-WW0302-seed........');
  assert.deepEqual(atSeed.heard, { type: 'offer', sdp: 'offer of leech\r\n' });
  if (!atLeech.heard) await once(atLeech, 'heard');
  assert.deepEqual(atLeech.heard, { type: 'answer', sdp: 'answer of seed\r\n' });

  const scraped = once(leech, 'scrape');
  leech.scrape();
  assertCounts((await scraped)[0], { complete: 1, incomplete: 1 });

  const completed = once(leech, 'update');
  leech.complete();
  assertCounts((await completed)[0], { complete: 2, incomplete: 0 });

  const stopped = once(leech, 'update');
  leech.stop();
  assertCounts((await stopped)[0], { complete: 1, incomplete: 0 });
});

test('addresses pass between two clients over HTTP', { skip, timeout: 60_000 }, async (t) => {
  const { http, infoHash } = await swarm(t);
  const first = client(t, { announce: http, infoHash, name: 'first', port: 6881 });
  first.start({ left: 0 });
  await once(first, 'update');
  const second = client(t, { announce: http, infoHash, name: 'second', port: 6882 });
  const found = once(second, 'peer');
  second.start({ left: 1000 });
  assert.equal((await found)[0], '127.0.0.1:6881');

  const long = once(first, 'peer');
  first.update({ compact: 0, left: 0 });
  // The client writes the bytes of a long address as numbers.
  const [address] = await long;
  assert.match(address, /:6882$/);
  assert.equal(String.fromCharCode(...address.slice(0, -5).split(',')), '127.0.0.1');
});

test('a swarm of content that is not here is refused', { skip, timeout: 60_000 }, async (t) => {
  const { web, http } = await swarm(t);
  for (const announce of [web, http]) {
    const stranger = client(t, { announce, infoHash: 'ab'.repeat(20), name: 'stranger' });
    const warned = once(stranger, 'warning');
    stranger.start();
    assert.match((await warned)[0].message, /serves only what this node holds/);
  }
});
