// The same release sealed by us and by the original: each opens the other's file, and the headers are the same bytes.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { demoMusic, folderFor, run } from '../tools.mjs';
import { demo, headerOf, original, originalOpen, originalSeal, ospOpen, ospSeal, pythonOpen } from './peer.mjs';

const without = original ? false : 'the original is not here (cargo xtask interop builds it)';

/** Every member a manifest can have, with what the original's encoder escapes. */
const MANIFEST = {
  title: 'T <b>&"\u2028\u2029 é 🎵',
  artist: 'Ä',
  album: 'Album',
  genre: 'Dub',
  year: 2026,
  release_type: 'ep',
  duration: 180,
  format: 'dapp.fm/v1',
  expires_at: 4102444800,
  issued_at: 1768230245,
  license_type: 'rental',
  tracks: [
    { title: '', start: 0, track_num: 1 },
    { title: 'two\t\u0001', start: 0.0000001, end: 120.25, type: 'drop', track_num: 2 },
    { title: 'three', start: 1e21, track_num: 3 },
  ],
  links: { website: 'https://x.example/?a=1&b=2', bandcamp: 'https://y.example/', Ä: 'https://z.example/' },
  tags: ['x', 'y<z'],
  extra: { z: '1', a: '2' },
};

const TEXT = { subject: 'S & s', body: 'body {with} }braces{ " \\ <b>\n é 🎵', from: 'me' };
const PASSWORD = { key: 'correct horse battery staple', ...TEXT };
const LICENCE = { format: 'v3', licenseId: 'L-2026:ä', ...TEXT };

const WAYS = {
  'v1': { ...PASSWORD, format: 'v1' },
  'v1 with a hint': { ...PASSWORD, format: 'v1', hint: 'the <usual> & more' },
  'v1 with a manifest': { ...PASSWORD, format: 'v1', manifest: MANIFEST },
  'v1 as base64 text': { ...PASSWORD, format: 'v1', base64: true },
  'v2 zstd': { ...PASSWORD, format: 'v2', manifest: MANIFEST },
  'v2 gzip': { ...PASSWORD, format: 'v2', compression: 'gzip', manifest: { title: 'T', issued_at: 1 } },
  'v2 none': { ...PASSWORD, format: 'v2', compression: 'none' },
  'v3 daily': { ...LICENCE, cadence: 'daily', manifest: MANIFEST },
  'v3 12h': { ...LICENCE, cadence: '12h', fingerprint: 'F:f' },
  'v3 6h': { ...LICENCE, cadence: '6h', fingerprint: '' },
  'v3 1h': { ...LICENCE, cadence: '1h', fingerprint: 'device' },
  'v3 chunks of 64 bytes': { ...LICENCE, cadence: 'daily', chunk: 64, manifest: MANIFEST },
  'v3 chunks of 1000 bytes': { ...LICENCE, cadence: '12h', chunk: 1000 },
  'v3 chunks of 64 KiB': { ...LICENCE, cadence: '6h', chunk: 65536, fingerprint: 'F' },
  'v3 one chunk of 1 MiB': { ...LICENCE, cadence: '1h', chunk: 1048576 },
};

/** Small files with names and contents that break things. */
function oddFiles(folder) {
  const contents = {
    'empty.txt': '',
    'naïve café – 日本語 🎵 & <b>.json': '}{"body":"}"}',
    'spaces.txt': '  \n\t ',
    'bytes.bin': Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)),
  };
  return Object.entries(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return { name, path };
  });
}

const hash = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
const sizes = (files) => files.map(({ name, path }) => ({ name, size: statSync(path).size, sha256: hash(path) }));

/** The original reads the clock: no period may end between sealing and opening. */
async function awayFromTheHour() {
  const left = 3600_000 - (Date.now() % 3600_000);
  if (left < 20_000) await new Promise((resolve) => setTimeout(resolve, left));
}

async function bothWays(folder, way) {
  await awayFromTheHour();
  const ours = join(folder, 'ours.smsg');
  const theirs = join(folder, 'theirs.smsg');
  await ospSeal(way, ours, folder);
  const expected = await ospOpen(way, ours, folder);
  assert.deepEqual(expected.attachments.map(({ mime, ...rest }) => rest), sizes(way.files));
  assert.equal(expected.body, way.body);

  const binary = join(folder, 'ours.bin');
  writeFileSync(binary, way.base64 ? Buffer.from(readFileSync(ours, 'latin1'), 'base64') : readFileSync(ours));
  const { header, ...opened } = await originalOpen(way, binary);
  assert.deepEqual(opened, expected, 'the original opens ours');
  if (way.manifest) assert.deepEqual(header.manifest, way.manifest);

  const types = expected.attachments.map(({ mime }) => mime);
  await originalSeal(way, theirs, folder, { timestamp: expected.timestamp, types });
  assert.deepEqual(await ospOpen(way, theirs, folder), expected, 'we open theirs');
  assert.deepEqual(await pythonOpen(way, ours, folder), expected, 'Python opens ours');
  assert.deepEqual(await pythonOpen(way, theirs, folder), expected, 'Python opens theirs');

  if (way.base64) writeFileSync(theirs, Buffer.from(readFileSync(theirs, 'latin1'), 'base64'));
  assert.equal(headerOf(binary), headerOf(theirs), 'the headers are the same bytes');
  if (way.format === 'v1' || way.chunk || way.compression === 'none') {
    assert.equal(statSync(binary).size, statSync(theirs).size, 'what is not compressed has the same length');
  }
}

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name}, odd attachments`, { skip: without }, async (t) => {
    const folder = folderFor(t);
    await bothWays(folder, { ...way, files: oddFiles(folder) });
  });
}

for (const name of ['v1', 'v2 zstd', 'v3 daily', 'v3 chunks of 1000 bytes']) {
  test(`${name}, no attachment`, { skip: without }, async (t) => {
    await bothWays(folderFor(t), { ...WAYS[name], files: [] });
  });
}

for (const name of ['v2 none', 'v3 chunks of 64 KiB']) {
  test(`${name}, 300 attachments`, { skip: without }, async (t) => {
    const folder = folderFor(t);
    const files = Array.from({ length: 300 }, (_, i) => ({ name: `${i}.txt`, path: join(folder, `${i}.txt`) }));
    files.forEach(({ path }, i) => writeFileSync(path, 'x'.repeat(i)));
    await bothWays(folder, { ...WAYS[name], files });
  });
}

for (const name of ['v1', 'v2 zstd', 'v2 gzip', 'v3 daily', 'v3 chunks of 64 KiB', 'v3 one chunk of 1 MiB']) {
  test(`${name}, real music`, { skip: without }, async (t) => {
    const music = readdirSync(demoMusic).filter((file) => /\.(opus|jpg)$/.test(file)).map((file) => join(demoMusic, file));
    await bothWays(folderFor(t), { ...WAYS[name], files: music.map((path) => ({ name: basename(path), path })) });
  });
}

// The key stands in demo/index.html of the same repository: its authors published it with the files.
const PUBLISHED = '6ZhMQ034bT6maHqMaJejoxDMpfaOQvq5';
const CLIP = 'a12978fe78c0474a73e26908a59916768996dadd0c45bac297b8fe61954ae05e';

for (const [file, way, more] of [
  ['demo-sample.smsg', { format: 'v2', key: PUBLISHED }, []],
  ['demo-track-v3.smsg', { format: 'v3', licenseId: PUBLISHED }, ['--at', '2026-01-12T12:00:00Z']],
]) {
  test(`the published ${file}`, { skip: demo ? false : 'its folder is not known (SMSG_ORIGINAL_DEMO)' }, async (t) => {
    const { subject, attachments } = await ospOpen(way, join(demo, file), folderFor(t), more);
    assert.equal(subject, 'dapp.fm Demo');
    assert.deepEqual(attachments.map(({ mime, size, sha256 }) => ({ mime, size, sha256 })), [
      { mime: 'video/mp4', size: 1199488, sha256: CLIP },
    ]);
  });
}

test('the worked example of the specification opens in the original', { skip: without }, async (t) => {
  const text = readFileSync(new URL('../../spec/SMSG.md', import.meta.url), 'utf8').split('\n## Appendix C')[1];
  const path = join(folderFor(t), 'example.smsg');
  writeFileSync(path, Buffer.from([...text.matchAll(/^ {4}[0-9a-f]{4} {2}((?:[0-9a-f]{2} )+)/gm)].map((m) => m[1]).join('').replaceAll(' ', ''), 'hex'));
  const { message } = JSON.parse(await run(original, ['open', path, '-key', 'correct horse battery staple']));
  assert.deepEqual(message, { body: 'Hello.', timestamp: 1768230000 });
});
