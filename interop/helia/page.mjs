// What the browser's test runs in the page: Helia with WebSocket and Bitswap, and nothing else.

import { withBitswap } from '@helia/bitswap';
import { withLibp2pLight } from '@helia/libp2p';
import { unixfs } from '@helia/unixfs';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createHeliaLight } from 'helia';
import { CID } from 'multiformats/cid';

/** Reads a file from the peer at `address`: the SHA-256 of its bytes in hex, their number, and the seconds it took. */
globalThis.readFile = async (address, cid) => {
  const helia = await withBitswap(withLibp2pLight(createHeliaLight(), {
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    // A page is not to dial the machine it runs on; here it shall.
    connectionGater: { denyDialMultiaddr: () => false },
  })).start();
  try {
    await helia.libp2p.dial(multiaddr(address));
    const started = performance.now();
    const parts = [];
    for await (const part of unixfs(helia).cat(CID.parse(cid), { signal: AbortSignal.timeout(60_000) })) parts.push(part);
    const seconds = (performance.now() - started) / 1000;
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    return { sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''), bytes: bytes.length, seconds };
  } finally {
    await helia.stop();
  }
};
