// The JSON Schemas and the OpenAPI document say the same, and say of records what a verifier says as far as a schema can.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { followVectors, profileVectors, rustFollow, rustProfile, rustRetraction, rustTrack, vectors } from '../jsonld/common.mjs';

const spec = new URL('../../spec/', import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, spec)));
const names = readdirSync(new URL('schemas/', spec)).filter((name) => name.endsWith('.json'));
const openapi = read('openapi.json');

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, validateFormats: false });
for (const name of names) ajv.addSchema(read(`schemas/${name}`), name);
const valid = (name, value) => {
  const validate = ajv.getSchema(`${name}.json`);
  return validate(value) || ajv.errorsText(validate.errors);
};

for (const name of names) {
  test(`${name} compiles`, () => assert.equal(typeof ajv.getSchema(name), 'function'));
}

test('good records satisfy the schema', () => {
  for (const { name, record } of vectors.good) assert.equal(valid('track-record', record), true, name);
  assert.equal(valid('track-record', rustTrack), true);
  assert.equal(valid('publish-line', rustTrack), true);
  assert.equal(valid('retraction', rustRetraction), true);
  assert.notEqual(valid('retraction', rustTrack), true);
  assert.equal(valid('profile', rustProfile), true);
  assert.equal(valid('follow', rustFollow), true);
  for (const { name, record } of profileVectors.good) assert.equal(valid('profile', record), true, name);
  for (const { name, record } of followVectors.good) assert.equal(valid('follow', record), true, name);
});

test('what the schema refuses is malformed, and what is wrong only by its signature satisfies it', () => {
  // These are malformed by what a schema cannot see: that a text parses as a CID or as a DID.
  // Or that a day is in the calendar.
  const beyond = ['bad-cid', 'bad-did', 'follows-a-did-key-that-is-none', 'updated-no-day'];
  for (const [schema, file] of [['track-record', vectors], ['profile', profileVectors], ['follow', followVectors]]) {
    for (const { name, record, error } of file.bad) {
      if (!record || beyond.includes(name)) continue;
      assert.equal(valid(schema, record) === true, error !== 'malformed', name);
    }
  }
});

test('outputs of the command line', () => {
  const cases = [
    ['verify-result', { valid: true, id: rustTrack.id, error: null, message: 'signed' }, true],
    ['verify-result', { valid: false, id: null, error: 'malformed', message: 'not JSON' }, true],
    ['verify-result', { valid: false, id: null, error: null, message: 'x' }, false],
    ['verify-result', { valid: true, id: rustTrack.id, error: 'id', message: 'x' }, false],
    ['error', { error: { code: 3, class: 'signature', message: 'x', hint: null } }, true],
    ['error', { error: { code: '3', class: 'signature', message: 'x', hint: null } }, false],
    ['error', { error: { code: 410, class: 'retracted', message: 'x', hint: 'y' }, retraction: rustRetraction }, true],
    ['node-ready', { ready: true, http: 'http://127.0.0.1:1', tracker: null, bittorrent: null, p2p: null }, true],
    ['node-ready', { ready: true, http: 'http://127.0.0.1:1' }, false],
    ['tracks-page', { tracks: [rustTrack], next: null }, true],
    ['search-line', { ...rustTrack, provenance: { local: false, peer: '12D3KooW' } }, true],
    ['search-line', rustTrack, false],
    ['search-events', { track: { record: rustTrack, provenance: { peer: '12D3KooW' }, trusted: null } }, true],
    ['search-events', { track: { record: rustTrack, provenance: {}, trusted: null } }, false],
    ['search-events', { done: null }, true],
    ['tracks-page', { tracks: [rustRetraction], next: null }, false],
    ['sources', { magnet: null, mirrors: ['http://a/b'], trackers: [], providers: [] }, true],
    ['resolve-result', { record: rustTrack, path: null, sources: { local: 0, http: 1, bittorrent: 0, webtorrent: 0, ipfs: 0 } }, true],
    ['resolve-result', { record: rustTrack, path: null, sources: { local: 0, http: -1, bittorrent: 0, webtorrent: 0, ipfs: 0 } }, false],
    ['id-list', [{ did: rustTrack.artist, name: 'Ana', created: '2026-01-15T12:00:00Z', default: true, encrypted: true, signsAs: rustTrack.artist }], true],
    ['id-list', [{ did: rustTrack.artist, name: 'Ana', created: '2026-01-15T12:00:00Z', default: true, encrypted: true }], false],
  ];
  for (const [name, value, expected] of cases) {
    assert.equal(valid(name, value) === true, expected, `${name} ${JSON.stringify(value)}`);
  }
});

test('the OpenAPI document carries the same schemas', () => {
  const inOpenApi = (value) => {
    if (Array.isArray(value)) return value.map(inOpenApi);
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== '$schema')
        .map(([key, v]) => [key, key === '$ref' ? `#/components/schemas/${v.replace(/\.json$/, '')}` : inOpenApi(v)]),
    );
  };
  for (const name of ['track-record', 'retraction', 'profile', 'follow', 'error', 'tracks-page', 'search-events', 'search-summary', 'sources', 'node']) {
    assert.deepEqual(openapi.components.schemas[name], inOpenApi(read(`schemas/${name}.json`)), name);
  }
});

test('every reference in the OpenAPI document leads somewhere, and operation ids are unique', () => {
  const ids = [];
  const walk = (value) => {
    if (value === null || typeof value !== 'object') return;
    if (typeof value.$ref === 'string') {
      const target = value.$ref.slice(2).split('/').reduce((at, key) => at?.[key], openapi);
      assert.ok(target, value.$ref);
    }
    if (value.operationId) ids.push(value.operationId);
    Object.values(value).forEach(walk);
  };
  walk(openapi);
  assert.ok(ids.length >= 10);
  assert.equal(new Set(ids).size, ids.length);
});
