// `osp cid` prints what Helia's importer and Kubo print, from no bytes to more than a gigabyte, under both profiles.

import assert from 'node:assert/strict';
import { createReadStream, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { importFile, nowhere } from '../bench/importer.mjs';
import { initialised } from '../kubo/kubo.mjs';
import { folderFor, kubo, osp, run } from '../tools.mjs';
import { writeBytes } from './bytes.mjs';

const KIB = 1 << 10;
const MIB = 1 << 20;
/** IPIP-0499, as the options of `ipfs add`. */
const profiles = {
  'unixfs-v0-2015': ['--cid-version=0', '--chunker=size-262144', '--raw-leaves=false', '--max-file-links=174'],
  'unixfs-v1-2025': ['--cid-version=1', '--chunker=size-1048576', '--raw-leaves=true', '--max-file-links=1024'],
};
const around = (size) => [size - 1, size, size + 1];
/** Every number at which the shape of a tree changes: a chunk, a full node (174 x 256 KiB, 1024 x 1 MiB), beyond it. */
const sizes = [
  0,
  1,
  ...around(256 * KIB),
  ...around(MIB),
  10 * MIB,
  ...around(174 * 256 * KIB),
  300 * MIB,
  ...around(1024 * MIB),
];

test('osp cid equals other importers', async (t) => {
  const folder = folderFor(t);
  const file = join(folder, 'bytes');
  const ipfs = kubo();
  const env = ipfs && (await initialised(ipfs, folder));
  // Each size is a prefix of the next: one file, cut shorter and shorter.
  await writeBytes(file, Math.max(...sizes));
  for (const size of sizes.toSorted((a, b) => b - a)) {
    truncateSync(file, size);
    for (const [profile, options] of Object.entries(profiles)) {
      const ours = await run(osp, ['cid', file, '--profile', profile]);
      await t.test(`Helia, ${profile}, ${size} bytes`, async () => {
        assert.equal(ours, await importFile(file, profile, nowhere));
      });
      await t.test(`Kubo, ${profile}, ${size} bytes`, { skip: ipfs ? false : 'Kubo is not here' }, async () => {
        assert.equal(ours, await run(ipfs, ['add', '-Q', '--only-hash', ...options, file], { env }));
      });
    }
    if (size === 10 * MIB) {
      await t.test('from stdin', async () => {
        const piped = await run(osp, ['cid', '-'], { input: createReadStream(file) });
        assert.equal(piped, await run(osp, ['cid', file]));
      });
    }
  }
});
