// A stock JSON-LD 1.1 processor understands our records as schema.org terms. Safe mode fails on anything that would be
// dropped silently, so a member without a meaning is found here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import jsonld from 'jsonld';
import {
  contextUri,
  documentLoader,
  followVectors,
  profileVectors,
  rustFollow,
  rustProfile,
  rustRetraction,
  rustTrack,
  socialContextUri,
  vectors,
} from './common.mjs';

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

const XSD_DATE_TIME = 'http://www.w3.org/2001/XMLSchema#dateTime';

test('our writer names the context document of profiles and follows', () => {
  assert.deepEqual([rustProfile['@context'], rustFollow['@context']], [socialContextUri, socialContextUri]);
});

test('every member of a profile expands to its term', async () => {
  const node = await one(rustProfile);
  assert.deepEqual(node['@type'], ['osp:Profile']);
  assert.equal(node['@id'], rustProfile.id);
  assert.deepEqual(values(node, schema('author')), [rustProfile.artist]);
  assert.deepEqual(values(node, schema('name')), [rustProfile.name]);
  assert.deepEqual(values(node, schema('description')), [rustProfile.bio]);
  assert.deepEqual(values(node, schema('image')), [`ipfs://${rustProfile.avatar}`]);
  assert.deepEqual(values(node, 'osp:banner'), [`ipfs://${rustProfile.banner}`]);
  assert.deepEqual(node[schema('dateModified')], [{ '@type': XSD_DATE_TIME, '@value': rustProfile.updated }]);
  assert.deepEqual(values(node, schema('alternateName')), [rustProfile.alternateName]);
  for (const member of ['links', 'donations']) {
    const list = node[`osp:${member}`][0]['@list'];
    const read = list.map((entry) => ({ name: values(entry, schema('name'))[0], url: values(entry, schema('url'))[0] }));
    assert.deepEqual(read, rustProfile[member]);
  }
  const proof = node['https://w3id.org/security#proof'][0]['@graph'][0];
  assert.deepEqual(values(proof, 'https://w3id.org/security#cryptosuite'), ['eddsa-jcs-2022']);
});

test('every member of a follow expands to its term', async () => {
  const node = await one(rustFollow);
  assert.deepEqual(node['@type'], ['osp:Follow']);
  assert.deepEqual(values(node, schema('author')), [rustFollow.artist]);
  assert.deepEqual(values(node, schema('follows')), [rustFollow.follows]);
  assert.deepEqual(values(node, 'osp:state'), ['follow']);
});

for (const { name, record } of [...profileVectors.good, ...followVectors.good]) {
  const { proof, ...rest } = record;
  const context = { '@context': socialContextUri };
  const ours = { ...rest, ...context, ...(proof && { proof: { ...proof, ...context } }) };
  test(`vector ${name}`, async () => {
    const node = await one(ours);
    assert.deepEqual(node['@type'], [record.type]);
    assert.deepEqual(values(node, schema('dateModified')), [record.updated]);
    const quads = await jsonld.toRDF(ours, { ...options, format: 'application/n-quads' });
    assert.match(quads, /<http:\/\/schema\.org\/dateModified>/);
  });
}

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
