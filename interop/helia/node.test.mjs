// Helia that knows nothing but a running `osp node` as its delegated router finds a published track's peer and reads it.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { delegatedHTTPRouter } from '@helia/delegated-routing-client';
import { unixfs } from '@helia/unixfs';
import { CID } from 'multiformats/cid';
import { demoMusic, folderFor, nodeWith } from '../tools.mjs';
import { startHelia } from './start.mjs';

const LISTEN = ['--p2p', '/ip4/127.0.0.1/tcp/0', '--p2p', '/ip4/127.0.0.1/tcp/0/ws'];

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015']) {
  test(`Helia finds a track by our routing and reads it, ${profile}`, { timeout: 120_000 }, async (t) => {
    const file = join(demoMusic, readdirSync(demoMusic).find((name) => name.endsWith('.opus')));
    const { url, record } = await nodeWith(t, folderFor(t), file, ['--cid-profile', profile], LISTEN);
    const helia = await startHelia(t, { routers: [delegatedHTTPRouter({ url })] });
    assert.deepEqual(helia.libp2p.getPeers(), [], 'nobody is connected yet');
    const parts = [];
    const signal = AbortSignal.timeout(100_000);
    for await (const part of unixfs(helia).cat(CID.parse(record.cid), { signal })) parts.push(part);
    assert.ok(readFileSync(file).equals(Buffer.concat(parts)));
    assert.equal(helia.libp2p.getPeers().length, 1);
  });
}
