// Stock W3C Data Integrity code verifies the `proof` of our records, and refuses changed ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { createVerifyCryptosuite } from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import jsigs from 'jsonld-signatures';
import { documentLoader, rustFollow, rustProfile, rustTrack, vectors } from './common.mjs';

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

/** The documents a resolver of did:key gives: the DID's own and its one verification method. */
function resolve(did) {
  const id = `${did}#${did.slice('did:key:'.length)}`;
  const method = { '@context': MULTIKEY, id, type: 'Multikey', controller: did, publicKeyMultibase: id.split('#')[1] };
  return {
    [id]: method,
    [did]: { '@context': ['https://www.w3.org/ns/did/v1'], id: did, verificationMethod: [method], assertionMethod: [id] },
  };
}

async function verify(record, signer = record.artist) {
  const result = await jsigs.verify(structuredClone(record), {
    suite: new DataIntegrityProof({ cryptosuite: createVerifyCryptosuite() }),
    purpose: new jsigs.purposes.AssertionProofPurpose(),
    documentLoader: documentLoader(resolve(signer)),
  });
  return result.verified || String(result.error?.errors?.[0]?.message ?? result.error);
}

const proved = [
  ['a track signed by our Rust', rustTrack],
  ['a profile signed by our Rust', rustProfile],
  ['a follow signed by our Rust', rustFollow],
];
for (const { name, record } of vectors.good) if (record.proof) proved.push([`vector ${name}`, record]);

for (const [name, record] of proved) {
  test(`${name}: the proof holds`, async () => {
    assert.equal(await verify(record), true);
  });
  test(`${name}: a changed text is refused`, async () => {
    const text = ['title', 'name', 'state'].find((member) => member in record);
    assert.match(await verify({ ...record, [text]: record[text] + '!' }), /Invalid signature/);
  });
  test(`${name}: an added member is refused`, async () => {
    assert.match(await verify({ ...record, album: 'Another' }), /Invalid signature/);
  });
}

test('a proof made at another time is refused', async () => {
  const proof = { ...rustTrack.proof, created: '2026-01-15T12:00:01Z' };
  assert.match(await verify({ ...rustTrack, proof }), /Invalid signature/);
});
