// What our node serves as CAR and as raw blocks, Kubo takes as its own: `ipfs dag import`, then `ipfs cat`.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { demoMusic, folderFor, kubo, nodeWith, run } from '../tools.mjs';
import { initialised } from './kubo.mjs';

const ipfs = kubo();

for (const profile of ['unixfs-v1-2025', 'unixfs-v0-2015']) {
  test(`Kubo imports a published track, ${profile}`, { skip: ipfs ? false : 'Kubo is not here' }, async (t) => {
    const folder = folderFor(t);
    const file = join(demoMusic, readdirSync(demoMusic).find((name) => name.endsWith('.opus')));
    const { url, record } = await nodeWith(t, folder, file, ['--cid-profile', profile]);
    const env = await initialised(ipfs, folder);
    const { cid } = record;

    const response = await fetch(`${url}/ipfs/${cid}?format=car`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/vnd\.ipld\.car; version=1/);
    const car = join(folder, 'track.car');
    writeFileSync(car, Buffer.from(await response.arrayBuffer()));
    assert.match(await run(ipfs, ['dag', 'import', '--stats', car], { env }), new RegExp(`Pinned root\\s+${cid}`));
    const bytes = await run(ipfs, ['cat', '--offline', cid], { env, binary: true });
    assert.ok(bytes.equals(readFileSync(file)), 'ipfs cat gives the published bytes');

    await t.test('the root block alone', async () => {
      const raw = await fetch(`${url}/ipfs/${cid}?format=raw`);
      const path = join(folder, 'root.bin');
      writeFileSync(path, Buffer.from(await raw.arrayBuffer()));
      const codec = profile === 'unixfs-v1-2025' && cid.startsWith('bafkrei') ? 'raw' : 'dag-pb';
      const put = ['block', 'put', `--cid-codec=${codec}`, '--mhtype=sha2-256', path];
      const stored = await run(ipfs, put, { env });
      const v1 = await run(ipfs, ['cid', 'format', '-v', '1', '-b', 'base32', cid], { env });
      assert.equal(stored, v1);
    });
  });
}
