// Records what webtorrent's packages put on the wire, one line for each message: its name, and its bytes in hex.
//
//   npm i --ignore-scripts bittorrent-protocol@5.0.9 ut_metadata@4.0.3 ut_pex@5.0.2
//   node record.mjs > webtorrent-wire.txt

import Protocol from 'bittorrent-protocol';
import utMetadata from 'ut_metadata';
import utPex from 'ut_pex';

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const infohash = hex(Uint8Array.from({ length: 20 }, (_, i) => i + 1));
const theirs = hex(Buffer.from('-OS0001-0123456789ab'));
const ours = hex(Buffer.from('-WW0300-abcdefghijkl'));

const wire = new Protocol('webrtc');
const other = new Protocol('webrtc');
let written = [];
let greeting = true;
wire.on('data', (bytes) => {
  written.push(bytes);
  // The other side only has to say which extensions it takes; after that it would answer and disturb the recording.
  if (greeting) other.write(bytes);
});
other.on('data', (bytes) => wire.write(bytes));

const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
async function say(name, action) {
  await settle();
  written = [];
  action();
  await settle();
  console.log(name, hex(Buffer.concat(written)));
}

// A metadata of 16,400 bytes, so that the second part has 16; bencoded, because the package decodes it.
const metadata = Buffer.concat([Buffer.from('d1:x16389:'), Buffer.alloc(16389, 'm'), Buffer.from('e')]);
wire.use(utMetadata(metadata));
wire.use(utPex());
other.use(utMetadata());
other.use(utPex());

await say('handshake', () => wire.handshake(infohash, ours, { dht: false, fast: true }));
await say('handshake-dht', () => {
  const second = new Protocol('tcpOutgoing');
  second.on('data', (bytes) => written.push(bytes));
  second.handshake(infohash, ours, { dht: true, fast: false });
});
wire.extendedHandshake.v = 'WebTorrent 3.0.21';
wire.extendedHandshake.yourip = Buffer.from([192, 0, 2, 7]);
wire.extendedHandshake.p = 6881;
await say('extended-handshake', () => other.handshake(infohash, theirs, { dht: false, fast: true }));
await settle();
greeting = false;

await say('keep-alive', () => wire.keepAlive());
await say('unchoke', () => wire.unchoke());
await say('choke', () => wire.choke());
await say('interested', () => wire.interested());
await say('not-interested', () => wire.uninterested());
await say('have', () => wire.have(258));
await say('bitfield', () => wire.bitfield(Uint8Array.from([0xff, 0xa5, 0x80])));
wire.peerChoking = false;
await say('request', () => wire.request(3, 16384, 16384));
await say('cancel', () => wire.cancel(3, 16384, 16384));
await say('piece', () => wire.piece(3, 16384, Buffer.from('the bytes of the block')));
await say('port', () => wire.port(6881));
await say('suggest', () => wire.suggest(7));
await say('have-all', () => wire.haveAll());
await say('have-none', () => wire.haveNone());
await say('reject', () => wire.reject(3, 16384, 16384));
await say('allowed-fast', () => wire.allowedFast(9));
await say('metadata-request', () => wire.ut_metadata._request(1));
await say('metadata-data', () => wire.ut_metadata._onRequest(1));
await say('metadata-reject', () => wire.ut_metadata._reject(5));
await say('pex', () => {
  wire.ut_pex.addPeer('192.0.2.1:6881', { supportsUtp: true });
  wire.ut_pex.addPeer('198.51.100.2:80');
  wire.ut_pex.addPeer6('[2001:db8::1]:6881');
  wire.ut_pex.dropPeer('192.0.2.9:1');
  wire.ut_pex.dropPeer6('[2001:db8::9]:2');
  wire.ut_pex._sendMessage();
});
process.exit(0);
