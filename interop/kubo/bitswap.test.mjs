// Kubo and our host exchange blocks over Bitswap, both ways, over each transport.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchFrom, over, rate, serve } from '../bitswap-node.mjs';
import { folderFor, kubo, run } from '../tools.mjs';
import { daemon } from './kubo.mjs';

const ipfs = kubo();
const skip = ipfs ? false : 'Kubo is not here';
const SIZE = 64 * 1024 * 1024 + 12_345;

for (const transport of ['tcp', 'ws', 'quic-v1']) {
  test(`Kubo reads 64 MiB from us over ${transport}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const bytes = randomBytes(SIZE);
    writeFileSync(join(folder, 'file'), bytes);
    const host = await serve(t, folder);
    const { env } = await daemon(t, ipfs);
    await run(ipfs, ['swarm', 'connect', over(host.listen, transport)], { env });
    const root = await run(ipfs, ['block', 'get', host.files.file], { env, binary: true });
    assert.ok(root.length > 0);
    const started = performance.now();
    const read = await run(ipfs, ['cat', host.files.file], { env, binary: true });
    const seconds = (performance.now() - started) / 1000;
    assert.ok(bytes.equals(read));
    console.log(`# Kubo from us, ${transport}: ${rate(SIZE, seconds)}`);
  });

  test(`we read 64 MiB from Kubo over ${transport}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const bytes = randomBytes(SIZE);
    const file = join(folder, 'file');
    writeFileSync(file, bytes);
    const { env, addresses } = await daemon(t, ipfs);
    for (const version of ['0', '1']) {
      const cid = await run(ipfs, ['add', '--quieter', `--cid-version=${version}`, file], { env });
      const fetched = await fetchFrom(cid, [over(addresses, transport)]);
      assert.ok(bytes.equals(fetched.bytes));
      console.log(`# we from Kubo, CIDv${version}, ${transport}: ${rate(SIZE, fetched.seconds)}`);
    }
  });
}
