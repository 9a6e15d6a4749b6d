// A BitTorrent peer over TCP that misbehaves as told, written from BEP 3, 9 and 10 alone.

import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { connect, createServer } from 'node:net';
import bencode from 'bencode';
import { pieceLength } from './ours.mjs';

const u32 = (...numbers) => {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => bytes.writeUInt32BE(number, 4 * index));
  return bytes;
};
const message = (type, ...parts) => {
  const body = Buffer.concat([Buffer.of(type), ...parts]);
  return Buffer.concat([u32(body.length), body]);
};
const [UNCHOKE, INTERESTED, BITFIELD, REQUEST, PIECE, EXTENDED] = [1, 2, 5, 6, 7, 20];
/** The number under which we hear `ut_metadata`. */
const METADATA = 3;
const BLOCK = 16 * 1024;

/** How a peer may be bad; a method left out is what an honest peer would do. */
export const ways = {
  'sends every tenth piece with one bit turned': {
    piece: (peer, index, block) => (index % 10 === 0 ? Buffer.concat([Buffer.of(block[0] ^ 1), block.subarray(1)]) : block),
  },
  'takes requests and gives nothing': { piece: () => undefined },
  'floods with requests': {
    ready(peer) {
      const requests = Buffer.concat(Array.from({ length: 20_000 }, (_, at) => message(REQUEST, u32(at % peer.pieces, 0, BLOCK))));
      const more = () => !peer.socket.destroyed && peer.socket.write(requests, () => setImmediate(more));
      peer.socket.write(message(INTERESTED));
      more();
    },
  },
  'says that its metadata has a gigabyte': { metadataSize: () => 1 << 30, metadata: (_peer, piece) => [piece, randomBytes(BLOCK)] },
  'sends metadata of the right length that are noise': { metadata: (_peer, piece, part) => [piece, randomBytes(part.length)] },
  'sends a frame that says it has two gigabytes': {
    ready(peer) {
      peer.socket.write(u32(0x7fff_ffff));
      const chunk = randomBytes(1 << 20);
      const more = () => !peer.socket.destroyed && peer.socket.write(chunk, () => setImmediate(more));
      more();
    },
  },
};

/**
 * Listens on `host` until the test is over, announces itself to `tracker`, and calls the `victim` as well; `did` counts
 * what callers asked for.
 */
export async function badPeer(t, way, { bytes, info, infohash, tracker, host, victim }) {
  const did = { called: 0, asked: 0, metadata: 0 };
  const sockets = new Set();
  const server = createServer((socket) => {
    did.called++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    converse(socket, way, { bytes, info, infohash }, did);
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const [victimHost, victimPort] = victim.split(':');
  const call = connect({ host: victimHost, port: Number(victimPort), localAddress: host });
  call.on('error', () => {});
  sockets.add(call);
  converse(call, way, { bytes, info, infohash }, { asked: 0, metadata: 0 });
  const { port } = server.address();
  await announce(tracker, infohash, host, port);
  return { did, port };
}

/** An honest peer, of whom nothing is heard in the first `delay` milliseconds: the address `to`, under another one. */
export async function behind(t, { tracker, infohash, host, to, delay }) {
  const [toHost, toPort] = to.split(':');
  const sockets = new Set();
  const server = createServer((socket) => {
    const beyond = connect({ host: toHost, port: Number(toPort) });
    for (const [from, into] of [[socket, beyond], [beyond, socket]]) {
      sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => into.destroy());
    }
    socket.pipe(beyond);
    setTimeout(() => beyond.pipe(socket), delay);
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await announce(tracker, infohash, host, server.address().port);
}

/** Tells a tracker of a peer that has everything. It believes the address it is called from. */
async function announce(tracker, infohash, host, port) {
  const hash = infohash.replace(/../g, '%$&');
  const query = `info_hash=${hash}&peer_id=-XX0000-${randomBytes(6).toString('hex')}&port=${port}&uploaded=0&downloaded=0&left=0&compact=1&event=started`;
  const answer = await new Promise((resolve, reject) => get(`${tracker}?${query}`, { localAddress: host }, resolve).on('error', reject));
  if (answer.statusCode !== 200) throw new Error(`the tracker: ${answer.statusCode}`);
  answer.resume();
}

function converse(socket, way, { bytes, info, infohash }, did) {
  const length = pieceLength(bytes.length);
  const peer = { socket, pieces: Math.ceil(bytes.length / length) };
  const reserved = Buffer.from([0, 0, 0, 0, 0, 0x10, 0, 0]);
  socket.write(Buffer.concat([Buffer.of(19), Buffer.from('BitTorrent protocol'), reserved, Buffer.from(infohash, 'hex'), Buffer.from('-XX0000-'), randomBytes(12)]));
  const metadataSize = way.metadataSize?.(peer) ?? info.length;
  socket.write(message(EXTENDED, Buffer.of(0), bencode.encode({ m: { ut_metadata: METADATA }, metadata_size: metadataSize })));
  const bits = Buffer.alloc(Math.ceil(peer.pieces / 8));
  for (let index = 0; index < peer.pieces; index++) bits[index >> 3] |= 0x80 >> (index & 7);
  socket.write(message(BITFIELD, bits));
  socket.write(message(UNCHOKE));
  let theirMetadata = 0;
  let came = Buffer.alloc(0);
  let greeted = false;
  const heard = (type, body) => {
    if (type === REQUEST) {
      did.asked++;
      const [index, begin, wanted] = [body.readUInt32BE(0), body.readUInt32BE(4), body.readUInt32BE(8)];
      const block = bytes.subarray(index * length + begin, index * length + begin + wanted);
      const given = way.piece ? way.piece(peer, index, block) : block;
      if (given) socket.write(message(PIECE, u32(index, begin), given));
    } else if (type === EXTENDED && body[0] === 0) {
      theirMetadata = bencode.decode(body.subarray(1)).m?.ut_metadata ?? 0;
    } else if (type === EXTENDED && body[0] === METADATA && theirMetadata) {
      const asked = bencode.decode(body.subarray(1));
      if (asked.msg_type !== 0) return;
      did.metadata++;
      const part = info.subarray(asked.piece * BLOCK, (asked.piece + 1) * BLOCK);
      const [piece, given] = way.metadata?.(peer, asked.piece, part) ?? [asked.piece, part];
      socket.write(message(EXTENDED, Buffer.of(theirMetadata), bencode.encode({ msg_type: 1, piece, total_size: metadataSize }), given));
    }
  };
  socket.on('data', (data) => {
    came = Buffer.concat([came, data]);
    if (!greeted) {
      if (came.length < 68) return;
      came = came.subarray(68);
      greeted = true;
      way.ready?.(peer);
    }
    while (came.length >= 4 && came.length >= 4 + came.readUInt32BE(0)) {
      const size = came.readUInt32BE(0);
      if (size) heard(came[4], came.subarray(5, 4 + size));
      came = came.subarray(4 + size);
    }
  });
}
