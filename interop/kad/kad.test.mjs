// js-libp2p's Kademlia in one network with ours: it joins by asking us, finds what we announced, and what it announces
// we find.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { identify } from '@libp2p/identify';
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht';
import { noise } from '@libp2p/noise';
import { ping } from '@libp2p/ping';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { CID } from 'multiformats/cid';
import { create } from 'multiformats/hashes/digest';
import { startNode } from './node.mjs';

const PROTOCOL = '/osp/kad/0.1.0';

/** The CID that js-libp2p makes the DHT key of an index key from, and that key in hex. */
function indexKey(text) {
  const digest = createHash('sha256').update(text).digest();
  const cid = CID.createV1(0x55, create(0x12, digest));
  return { cid, hex: Buffer.from(cid.multihash.bytes).toString('hex') };
}

async function startJs(t, bootstrap) {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    // It would not dial loopback addresses that others name.
    connectionGater: { denyDialMultiaddr: () => false },
    services: {
      identify: identify(),
      ping: ping(),
      dht: kadDHT({ protocol: PROTOCOL, clientMode: false, peerInfoMapper: passthroughMapper }),
    },
  });
  t.after(() => node.stop());
  await node.services.dht.setMode('server');
  await node.dial(multiaddr(bootstrap));
  return node;
}

async function until(what, holds) {
  for (let tries = 0; tries < 300; tries += 1) {
    const value = await holds();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} never came`);
}

const options = () => ({ signal: AbortSignal.timeout(60_000) });

test('js-libp2p joins, finds what we announced, and announces to us', { timeout: 300_000 }, async (t) => {
  const [first, second] = [await startNode(t), await startNode(t)];
  const address = (node) => node.listen.find((listen) => listen.includes('/tcp/'));
  await second.ask(`bootstrap ${address(first)}`);
  await until('our two hosts in each other\'s tables', async () =>
    (await first.ask('known')).peers.some(({ peer }) => peer === second.peer));

  const js = await startJs(t, address(first));
  await until('js-libp2p in our table', async () =>
    (await first.ask('known')).peers.some(({ peer }) => peer === js.peerId.toString()));
  await until('our host in js-libp2p\'s table', () => js.services.dht.routingTable.size > 0);

  await t.test('finds our provider', async () => {
    const key = indexKey('osp/0.1/title/endgame');
    assert.ok((await second.ask(`provide ${key.hex}`)).told >= 2);
    const found = [];
    for await (const provider of js.contentRouting.findProviders(key.cid, options())) {
      found.push(provider);
      if (provider.id.toString() === second.peer) break;
    }
    const ours = found.find(({ id }) => id.toString() === second.peer);
    assert.ok(ours, `found ${found.length} others`);
    assert.ok(ours.multiaddrs.length > 0);
  });

  await t.test('provides what we find', async () => {
    const key = indexKey('osp/0.1/genre/drone');
    await js.contentRouting.provide(key.cid, options());
    const provider = await until('its record', async () =>
      (await second.ask(`find ${key.hex}`)).providers.find(({ peer }) => peer === js.peerId.toString()));
    assert.deepEqual(provider.addresses, js.getMultiaddrs().map((at) => at.toString().split('/p2p/')[0]));
  });

  await t.test('answers us', async () => {
    // It keeps records itself: asked alone, it names the provider that told it.
    const key = indexKey('osp/0.1/title/mass');
    await first.ask(`provide ${key.hex}`);
    const { providers } = await second.ask(`find-at ${js.peerId} ${key.hex}`);
    assert.deepEqual(providers.map(({ peer }) => peer), [first.peer]);
  });
});
