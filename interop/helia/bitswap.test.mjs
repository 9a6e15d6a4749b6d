// Helia reads files from our host over Bitswap, and our host reads files from Helia.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unixfs } from '@helia/unixfs';
import { multiaddr } from '@multiformats/multiaddr';
import { importBytes } from 'ipfs-unixfs-importer';
import { CID } from 'multiformats/cid';
import { fetchFrom, over, rate, serve } from '../bitswap-node.mjs';
import { folderFor } from '../tools.mjs';
import { startHelia } from './start.mjs';

const MIB = 1024 * 1024;
const SIZE = 64 * MIB + 12_345;

for (const transport of ['tcp', 'ws']) {
  for (const [how, options] of [['in parallel', {}], ['one block after the other', { blockReadConcurrency: 1 }]]) {
    test(`Helia reads 64 MiB ${how} over ${transport}`, { timeout: 120_000 }, async (t) => {
      const folder = folderFor(t);
      const bytes = randomBytes(SIZE);
      writeFileSync(join(folder, 'file'), bytes);
      const host = await serve(t, folder);
      const helia = await startHelia(t);
      await helia.libp2p.dial(multiaddr(over(host.listen, transport)));
      const started = performance.now();
      const parts = [];
      const signal = AbortSignal.timeout(100_000);
      for await (const part of unixfs(helia).cat(CID.parse(host.files.file), { signal, ...options })) parts.push(part);
      const seconds = (performance.now() - started) / 1000;
      assert.ok(bytes.equals(Buffer.concat(parts)));
      console.log(`# Helia from us, ${how}, ${transport}: ${rate(SIZE, seconds)}`);
    });
  }

  for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015']) {
    test(`our host reads 64 MiB from Helia over ${transport}, ${profile}`, { timeout: 120_000 }, async (t) => {
      const bytes = randomBytes(SIZE);
      const helia = await startHelia(t);
      const { cid } = await importBytes(bytes, helia.blockstore, { profile });
      const peer = over(helia.libp2p.getMultiaddrs().map(String), transport);
      const fetched = await fetchFrom(cid.toString(), [peer]);
      assert.ok(bytes.equals(fetched.bytes));
      console.log(`# we from Helia, ${profile}, ${transport}: ${rate(SIZE, fetched.seconds)}`);
    });
  }
}

test('a block that Helia does not have is said not to be there', { timeout: 60_000 }, async (t) => {
  const helia = await startHelia(t);
  const missing = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy';
  const peer = over(helia.libp2p.getMultiaddrs().map(String), 'tcp');
  await assert.rejects(fetchFrom(missing, [peer]), /has block bafkrei/);
});
