// Every call of the original's module and of our drop-in, over every file of the vectors: results compared member by member.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { originalIsThere, setClock, startOriginal, startOurs } from './modules.mjs';

const folder = new URL('../../spec/vectors/smsg/', import.meta.url);
const { cases, abr } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));
const differences = JSON.parse(readFileSync(new URL('differences.json', folder), 'utf8'));
const FROZEN = 1_768_230_245;

/** Cases that end the original's program, or take it seconds and gigabytes. */
const DEADLY = ({ id, expect }) => expect.error_class === 'panic' || id.startsWith('bomb-');

/** What is different on purpose, by call. Everything else must be equal. */
const ON_PURPOSE = [
  { why: 'v1: the size is that of the content; the original repeats what the file claims, often that of the base64', calls: ['decrypt'], strip: 'size' },
];

const file = ({ file: name }) => new Uint8Array(readFileSync(new URL(name, folder)));
const textOf = (vector) => (vector.file.endsWith('.b64') ? Buffer.from(file(vector)).toString('latin1') : Buffer.from(file(vector)).toString('base64'));

/** The calls that make sense for a case. */
function* callsOf(vector) {
  const text = textOf(vector);
  const licence = { license: vector.license ?? '', fingerprint: vector.fingerprint ?? '' };
  yield ['getInfo', text];
  if (!vector.file.endsWith('.b64')) yield ['getInfoBinary', file(vector)];
  if (vector.kind === 'decrypt_v3') {
    yield ['decryptV3', text, licence];
    yield ['getV3ChunkInfo', text];
    yield ['unwrapV3CEK', text, licence];
    yield ['parseV3Header', file(vector)];
    if (vector.cek_hex) {
      for (const index of [0, 1]) yield ['decryptV3Chunk', text, Buffer.from(vector.cek_hex, 'hex').toString('base64'), index];
    }
    return;
  }
  for (const name of ['decrypt', 'decryptStream', 'quickDecrypt']) yield [name, text, vector.password];
  if (!vector.file.endsWith('.b64')) yield ['decryptBinary', file(vector), vector.password];
}

/** A result that can be compared and printed. */
function plain(value, strip) {
  if (value instanceof Uint8Array) return `${value.length} bytes ${createHash('sha256').update(value).digest('hex').slice(0, 16)}`;
  if (Array.isArray(value)) return value.map((item) => plain(item, strip));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => name !== strip);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, strip)]));
}

async function outcome(borg, [name, ...args]) {
  const strip = ON_PURPOSE.find(({ calls }) => calls.includes(name))?.strip;
  try {
    return { value: plain(await borg[name](...args), strip) };
  } catch (error) {
    assert(error instanceof Error, `${name} rejects with an Error`);
    return { error: error.message.split(':')[0] };
  }
}

describe('BorgSMSG', { skip: !originalIsThere && 'the original was not built' }, () => {
  let theirs, ours;
  before(async () => {
    theirs = await startOriginal();
    ours = await startOurs();
  });

  it('has the same members', () => {
    assert.deepEqual(Object.keys(ours.borg).sort(), Object.keys(theirs.borg).sort());
    assert.equal(ours.borg.ready, true);
    assert.ok(ours.borg.version.startsWith(theirs.borg.version));
    assert.deepEqual([Object.keys(theirs.detail), ours.detail.version], [['version'], ours.borg.version]);
  });

  for (const vector of cases.filter((vector) => !DEADLY(vector))) {
    it(vector.id, async () => {
      setClock(vector.now_unix ?? FROZEN);
      try {
        for (const call of callsOf(vector)) {
          const [their, our] = [await outcome(theirs.borg, call), await outcome(ours.borg, call)];
          // Where we open what they do not, or the other way, `differences.json` says so and why.
          if (vector.id in differences || vector.id.startsWith('q-')) continue;
          // A checksum is compared when the file is opened, not when its header is shown.
          if (vector.id === 'x-checksum-bad' && call[0].startsWith('getInfo')) continue;
          // A header that does not hold is refused earlier by us: by `getInfo`, too.
          if (our.error && their.value && !vector.expect.ok) continue;
          assert.deepEqual(our, their, call[0]);
        }
      } finally {
        setClock(undefined);
      }
    });
  }

  it('chooses variants alike', async () => {
    for (const { file: name, select } of abr) {
      const json = readFileSync(new URL(name, folder), 'utf8');
      const [their, our] = [await theirs.borg.parseABRManifest(json), await ours.borg.parseABRManifest(json)];
      assert.deepEqual(our, their);
      if (their.variants.length === 0) continue;
      for (const { bandwidth } of select) assert.equal(await ours.borg.selectVariant(our, bandwidth), await theirs.borg.selectVariant(their, bandwidth));
    }
  });

  it('reads what the other writes', async () => {
    const message = {
      body: 'Hello <&>\u2028',
      subject: 's',
      from: 'f',
      attachments: [{ name: 'a.bin', content: Buffer.from('content').toString('base64'), mime: 'audio/mpeg' }],
      replyKey: { publicKey: 'cGs=' },
      meta: { k: 'v' },
    };
    const manifest = { title: 'T', artist: 'A', year: 2026, tracks: [{ title: 'one', start: 0 }, { title: 'two', start: 1.5, end: 3, type: 'drop' }], tags: ['x'], extra: { e: '1' } };
    setClock(FROZEN);
    for (const [writer, reader] of [[ours.borg, theirs.borg], [theirs.borg, ours.borg], [theirs.borg, theirs.borg]]) {
      const opened = await reader.decrypt(await writer.encrypt(message, 'pw', 'hint'), 'pw');
      assert.deepEqual(plain(opened, 'size'), plain({ ...message, timestamp: FROZEN, replyKey: { publicKey: 'cGs=', keyId: '', algorithm: 'x25519', fingerprint: '' } }));
      const info = await reader.getInfo(await writer.encryptWithManifest(message, 'pw', manifest));
      assert.deepEqual(info.manifest.tracks.map(({ trackNum }) => trackNum), [1, 2]);
      assert.deepEqual([info.manifest.title, info.manifest.extra], ['T', { e: '1' }]);
    }
    setClock(undefined);
  });
});
