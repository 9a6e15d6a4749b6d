// A stock JSON-LD 1.1 processor understands our records as schema.org terms. Safe mode fails on anything that would be
// dropped silently, so a member without a meaning is found here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsonld from 'jsonld';
import { contextUri, documentLoader, rustRetraction, rustTrack, vectors } from './common.mjs';

const schema = (term) => `http://schema.org/${term}`;
const options = { documentLoader: documentLoader(), safe: true };
const one = async (record) => {
  const nodes = await jsonld.expand(record, options);
  assert.equal(nodes.length, 1);
  return nodes[0];
};
const values = (node, property) => node[property].map((v) => v['@value'] ?? v['@id']);

test('our writer names the context document that is in the repository', () => {
  assert.equal(rustTrack['@context'], contextUri);
});

test('every member of a track expands to its term', async () => {
  const node = await one(rustTrack);
  assert.deepEqual(node['@type'], ['osp:Track']);
  assert.equal(node['@id'], rustTrack.id);
  assert.deepEqual(values(node, schema('name')), [rustTrack.title]);
  assert.deepEqual(values(node, schema('byArtist')), [rustTrack.artist]);
  assert.deepEqual(values(node, schema('inAlbum')), [rustTrack.album]);
  assert.deepEqual(values(node, schema('position')), [rustTrack.trackNumber]);
  assert.deepEqual(values(node, schema('duration')), [rustTrack.duration]);
  assert.deepEqual(values(node, schema('datePublished')), [rustTrack.released]);
  assert.deepEqual(values(node, schema('genre')), rustTrack.genre);
  assert.deepEqual(values(node, schema('license')), [`http://spdx.org/licenses/${rustTrack.license}`]);
  assert.deepEqual(values(node, schema('encodingFormat')), [rustTrack.format]);
  assert.deepEqual(values(node, schema('contentUrl')), [`ipfs://${rustTrack.cid}`]);
  assert.deepEqual(values(node, schema('image')), [`ipfs://${rustTrack.artwork}`]);
  assert.deepEqual(values(node, 'osp:supersedes'), [rustTrack.supersedes]);
  assert.deepEqual(values(node['osp:consent'][0], 'osp:aiTraining'), ['deny']);
  const proof = node['https://w3id.org/security#proof'][0]['@graph'][0];
  assert.deepEqual(values(proof, 'https://w3id.org/security#cryptosuite'), ['eddsa-jcs-2022']);
});

test('a member we do not know is a schema.org term', async () => {
  assert.deepEqual(values(await one(rustTrack), schema('isrcCode')), [rustTrack.isrcCode]);
});

test('a retraction names the track it withdraws', async () => {
  const node = await one({ '@context': contextUri, ...rustRetraction });
  assert.deepEqual(node['@type'], ['osp:Retraction']);
  assert.deepEqual(values(node, 'osp:track'), [rustRetraction.track]);
});

for (const { name, record } of vectors.good) {
  // A record without a context, or with one of its own, is read with ours (spec section 4.10). One vector has a
  // control character as a member's name, which no IRI can hold.
  const { proof, ...rest } = record;
  const ours = { ...rest, '@context': contextUri, ...(proof && { proof: { ...proof, '@context': contextUri } }) };
  test(`vector ${name}`, async () => {
    if (name === 'key-order-utf16') {
      await assert.rejects(one(ours), { name: 'jsonld.ValidationError' });
      return;
    }
    const node = await one(ours);
    assert.deepEqual(values(node, schema('name')), [record.title]);
    const quads = await jsonld.toRDF(ours, { ...options, format: 'application/n-quads' });
    assert.match(quads, /<http:\/\/schema\.org\/name>/);
  });
}
