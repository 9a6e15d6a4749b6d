// Kubo reads a published track from a running `osp node`: `ipfs swarm connect`, then `ipfs cat`; and `osp resolve` reads a
// file from Kubo.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { over } from '../bitswap-node.mjs';
import { demoMusic, folderFor, kubo, nodeWith, osp, run } from '../tools.mjs';
import { daemon } from './kubo.mjs';

const ipfs = kubo();
const skip = ipfs ? false : 'Kubo is not here';
const LISTEN = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/quic-v1'];

for (const transport of ['tcp', 'ws', 'quic-v1']) {
  test(`Kubo reads a track from osp node over ${transport}`, { skip, timeout: 120_000 }, async (t) => {
    const file = join(demoMusic, readdirSync(demoMusic).find((name) => name.endsWith('.opus')));
    const listen = LISTEN.flatMap((address) => ['--p2p', address]);
    const { ready, record } = await nodeWith(t, folderFor(t), file, [], listen);
    const { env } = await daemon(t, ipfs);
    await run(ipfs, ['swarm', 'connect', over(ready.p2p, transport)], { env });
    assert.ok(readFileSync(file).equals(await run(ipfs, ['cat', record.cid], { env, binary: true })));
  });
}

for (const version of ['0', '1']) {
  test(`osp resolve reads a file from Kubo, CIDv${version}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const bytes = randomBytes(20 * 1024 * 1024 + 5);
    const file = join(folder, 'file');
    writeFileSync(file, bytes);
    const { env, addresses } = await daemon(t, ipfs);
    const cid = await run(ipfs, ['add', '--quieter', `--cid-version=${version}`, file], { env });
    const output = join(folder, 'fetched');
    const from = ['--from', over(addresses, 'tcp'), '--output', output];
    const line = await run(osp, ['--home', join(folder, 'home'), '--json', 'resolve', cid, ...from]);
    assert.ok(bytes.equals(readFileSync(output)));
    assert.equal(JSON.parse(line).sources.ipfs, bytes.length);
  });
}
