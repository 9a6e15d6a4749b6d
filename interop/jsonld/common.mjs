// What the tests share: our files, records signed by our Rust, and a document loader that never touches the network.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const file = (path) => readFileSync(new URL(path, import.meta.url));

/** spec/context/v0.1.jsonld, parsed. */
export const context = JSON.parse(file('../../spec/context/v0.1.jsonld'));

/** spec/context/social-v0.1.jsonld, parsed. */
const socialContext = JSON.parse(file('../../spec/context/social-v0.1.jsonld'));

/** The ipfs:// URI of a context document: its CID is that of one raw block (spec section 3.2). */
const uriOf = (path) => {
  const digest = createHash('sha256').update(file(path)).digest();
  return 'ipfs://b' + base32(Buffer.concat([Buffer.from([0x01, 0x55, 0x12, 0x20]), digest]));
};

/** What tracks and retractions name in @context. */
export const contextUri = uriOf('../../spec/context/v0.1.jsonld');

/** What profiles and follows name in @context. */
export const socialContextUri = uriOf('../../spec/context/social-v0.1.jsonld');

/** Vectors signed by Python. */
const vectorsOf = (name) => JSON.parse(file(`../../spec/vectors/records/${name}.json`));
export const vectors = vectorsOf('track-records');
export const profileVectors = vectorsOf('profiles');
export const followVectors = vectorsOf('follows');

/**
 * A track with every known member, a retraction, a profile with every known member and a follow, signed by our Rust:
 * the lines that `cargo run -p osp-core --example sign_samples` prints. OSP_SIGN_SAMPLES=PROGRAM has them made afresh.
 */
export const [rustTrack, rustRetraction, rustProfile, rustFollow] = (
  process.env.OSP_SIGN_SAMPLES
    ? execFileSync(process.env.OSP_SIGN_SAMPLES, { encoding: 'utf8' })
    : file('rust-records.jsonl').toString()
)
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** Serves our contexts under their URIs; `more` adds documents. Everything else fails, as it must offline. */
export function documentLoader(more = {}) {
  const documents = { [contextUri]: context, [socialContextUri]: socialContext, ...more };
  return async (url) => {
    if (!(url in documents)) throw new Error(`${url} is not to be fetched`);
    return { contextUrl: null, documentUrl: url, document: documents[url] };
  };
}

function base32(bytes) {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  let text = '';
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(buffer >> (bits - 5)) & 31];
    buffer &= (1 << bits) - 1;
  }
  return bits ? text + alphabet[(buffer << (5 - bits)) & 31] : text;
}
