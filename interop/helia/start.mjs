// Helia made so that Bitswap is the only way to a block.

import { withBitswap } from '@helia/bitswap';
import { withLibp2pLight } from '@helia/libp2p';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createHeliaLight } from 'helia';

/** Helia that listens on loopback and knows no gateway, and no router but those of `options`. */
export async function startHelia(t, options = {}) {
  const helia = await withBitswap(withLibp2pLight(createHeliaLight(options), {
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [tcp(), webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  })).start();
  t.after(() => helia.stop());
  return helia;
}
