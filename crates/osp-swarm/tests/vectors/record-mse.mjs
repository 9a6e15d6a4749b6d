// Records encrypted handshakes (MSE) as webtorrent's package makes them, with fixed private keys; the pads are as it draws
// them. One line for each part of an exchange: its name, and its bytes in hex.
//
//   npm i --ignore-scripts bittorrent-protocol@5.0.9
//   node record-mse.mjs > webtorrent-mse.txt

import crypto from 'node:crypto';
// Not among the package's exports.
import { MessageStreamEncryptor } from './node_modules/bittorrent-protocol/mse.js';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const infohash = hex(Uint8Array.from({ length: 20 }, (_, i) => i + 1));
const prime = crypto.createDiffieHellman(hex(new MessageStreamEncryptor(null).dh.getPrime()), 'hex', 2);
const privateKey = (name) => crypto.createHash('sha1').update(name).digest();

/** A side with this private key. */
function side(key) {
  const made = new MessageStreamEncryptor(infohash);
  made.dh.setPrivateKey(key);
  return made;
}

/** Public key, and the secret with another one, as numbers of 96 bytes. */
const padded = (bytes) => Buffer.concat([Buffer.alloc(96 - bytes.length), bytes]);
function publicKey(key) {
  prime.setPrivateKey(key);
  return padded(prime.generateKeys());
}
function secret(key, other) {
  prime.setPrivateKey(key);
  return padded(prime.computeSecret(other));
}
const search = (name, fits) => {
  for (let i = 0; ; i++) if (fits(privateKey(`${name} ${i}`))) return privateKey(`${name} ${i}`);
};

function record(name, callersKey, calledsKey, method) {
  const [caller, called] = [side(callersKey), side(calledsKey)];
  const line = (part, bytes) => console.log(`${name}-${part}`, hex(bytes));
  line('caller-private-key', callersKey);
  line('called-private-key', calledsKey);
  const step1 = caller.generateStepA1();
  line('step-1', step1);
  called.handleStepB1(step1);
  const step2 = called.generateStepB2();
  line('step-2', step2);
  called._initializeCiphers('B');
  caller.handleStepA2(step2);
  const step3 = caller.generateStepA3(method === 'rc4' ? 2 : 3);
  line('step-3', step3);
  if (called.extractInfoHashFromXor(step3.slice(20, 40)) !== hex(crypto.createHash('sha1').update('req2').update(Buffer.from(infohash, 'hex')).digest())) throw new Error('another torrent');
  // VC, crypto_provide and the pad's length before it, the length of IA behind it.
  line('pad-c', called.decryptCipher(step3.slice(40)).slice(14, -2));
  const step4 = called.generateStepB4(method === 'rc4' ? 2 : 1);
  line('step-4', step4);
  line('pad-d', caller.decryptCipher(step4).slice(14));
  for (const side of [caller, called]) side._isEncrypted = method === 'rc4';
  line('from-caller', caller.encrypt(Buffer.from('what the caller says')));
  line('from-called', called.encrypt(Buffer.from('what the called says')));
}

const [a, b] = [privateKey('a'), privateKey('b')];
record('rc4', a, b, 'rc4');
record('plain', a, b, 'plain');
// Public keys and a secret that begin with a zero byte: they are 96 bytes all the same.
const shortA = search('a', (key) => publicKey(key)[0] === 0);
const shortB = search('b', (key) => publicKey(key)[0] === 0);
record('short-keys', shortA, shortB, 'rc4');
const shortSecret = search('b', (key) => secret(key, publicKey(a))[0] === 0);
record('short-secret', a, shortSecret, 'rc4');
