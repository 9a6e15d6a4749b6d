// The vectors of the infohash rule, made anew by programs that know nothing of it: webtorrent's create-torrent hashes the
// pieces and the info dictionary, Helia's importer names the file.
//
//   node --test torrent/infohash.test.mjs
//   node torrent/infohash.test.mjs --print     prints the vectors of the sizes below instead of checking

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import bencode from 'bencode';
import createTorrent from 'create-torrent';
import { importFile, nowhere } from '../bench/importer.mjs';
import { writeBytes } from '../cid/bytes.mjs';

const KIB = 1 << 10;
const MIB = 1 << 20;
const around = (size) => [size - 1, size, size + 1];
/** Every size at which the number of pieces, their length or the shape of the name's DAG changes. */
const sizes = [
  0,
  1,
  ...around(64 * KIB),
  ...around(MIB),
  ...around(8 * MIB),
  60 * MIB,
  ...around(64 * MIB),
  ...around(512 * MIB),
];

const sha1 = (bytes) => createHash('sha1').update(bytes).digest('hex');

/** The rule of the specification, section 5. */
const pieceLength = (size) =>
  size <= 8 * MIB ? 64 * KIB : size <= 64 * MIB ? 256 * KIB : size <= 512 * MIB ? MIB : 4 * MIB;

/** The vector of the file at `path`. */
async function vectorOf(path, size) {
  const name = await importFile(path, 'unixfs-v1-2025', nowhere);
  // create-torrent refuses empty files: its dictionary for one is written out.
  const info = size
    ? bencode.decode(await promisify(createTorrent)(path, { name, pieceLength: pieceLength(size) })).info
    : { length: 0, name, 'piece length': pieceLength(0), pieces: new Uint8Array() };
  const bytes = bencode.encode(info);
  const infohash = sha1(bytes);
  return {
    size,
    name,
    pieceLength: info['piece length'],
    pieces: info.pieces.length / 20,
    piecesSha1: sha1(info.pieces),
    infoBytes: bytes.length,
    infohash,
    magnet: `magnet:?xt=urn:btih:${infohash}&xl=${size}`,
  };
}

/** Calls `each` with a file of each size; each is a prefix of the next, so one file is cut shorter and shorter. */
async function withFiles(each) {
  const folder = mkdtempSync(join(tmpdir(), 'osp-infohash-'));
  try {
    const file = join(folder, 'bytes');
    await writeBytes(file, Math.max(...sizes));
    for (const size of sizes.toSorted((a, b) => b - a)) {
      truncateSync(file, size);
      await each(file, size);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv.includes('--print')) {
  const vectors = [];
  await withFiles(async (file, size) => vectors.unshift(await vectorOf(file, size)));
  console.log(JSON.stringify(vectors, null, 1));
} else {
  test('the infohash vectors are what create-torrent and Helia make', async (t) => {
    const vectors = JSON.parse(readFileSync(new URL('../../spec/vectors/infohash.json', import.meta.url))).vectors;
    assert.deepEqual(
      vectors.map((vector) => vector.size),
      sizes,
    );
    await withFiles((file, size) =>
      t.test(`${size} bytes`, async () => {
        assert.deepEqual(
          vectors.find((vector) => vector.size === size),
          await vectorOf(file, size),
        );
      }),
    );
  });
}
