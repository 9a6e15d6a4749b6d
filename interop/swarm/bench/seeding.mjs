// Memory of an `osp node` that seeds 1,000 tracks to 200 peers: scripts that connect over TCP, take a little, and stay.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folderFor, osp, run } from '../../tools.mjs';
import { noise, resident, serve } from '../ours.mjs';
import { load, memory, on, table } from './stage.mjs';

const TRACKS = Number(process.env.OSP_BENCH_TRACKS ?? 1000);
const PEERS = Number(process.env.OSP_BENCH_PEERS ?? 200);
const SIZE = 256 * 1024;
const BLOCK = 16 * 1024;
const BLOCKS = 8;

const u32 = (...numbers) => {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, at) => bytes.writeUInt32BE(number, 4 * at));
  return bytes;
};

/** A peer (BEP 3) that is interested, takes `BLOCKS` blocks when it may, and stays. Resolves with how many it has. */
function peer(t, number, to, infohash, taken) {
  const [host, port] = [to.slice(0, to.lastIndexOf(':')), Number(to.slice(to.lastIndexOf(':') + 1))];
  // A host each: all of 127/8 is here.
  const socket = connect({ host, port, localAddress: `127.0.${1 + (number >> 7)}.${1 + (number & 127)}` });
  t.after(() => socket.destroy());
  const protocol = Buffer.from('\x13BitTorrent protocol');
  socket.on('error', () => {}).on('close', () => { taken.gone += 1; });
  socket.on('connect', () => {
    socket.write(Buffer.concat([protocol, Buffer.alloc(8), Buffer.from(infohash, 'hex'), Buffer.from('-BN0001-'), randomBytes(12)]));
    socket.write(Buffer.from([0, 0, 0, 1, 2])); // interested
  });
  let got = Buffer.alloc(0);
  let greeted = false;
  socket.on('data', (part) => {
    got = Buffer.concat([got, part]);
    if (!greeted && got.length >= 68) {
      got = got.subarray(68);
      greeted = true;
      taken.greeted += 1;
    }
    while (greeted && got.length >= 4 && got.length >= 4 + got.readUInt32BE(0)) {
      const message = got.subarray(4, 4 + got.readUInt32BE(0));
      got = got.subarray(4 + message.length);
      if (message[0] === 1) {
        taken.unchoked += 1;
        for (let block = 0; block < BLOCKS; block++) {
          const [piece, begin] = [Math.floor((block * BLOCK) / 65_536), (block * BLOCK) % 65_536];
          socket.write(Buffer.concat([u32(13), Buffer.from([6]), u32(piece, begin, BLOCK)]));
        }
      }
      if (message[0] === 7) taken.blocks += 1;
    }
  });
}

await on(async (t) => {
  const folder = folderFor(t);
  const music = join(folder, 'music');
  mkdirSync(music);
  for (let n = 0; n < TRACKS; n++) writeFileSync(join(music, `${n}.wav`), noise(SIZE + n, n));
  const home = join(folder, 'home');
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', 'Bench', '--no-passphrase');
  const records = (await call('publish', music, '--json', '--license', 'CC0-1.0')).split('\n').map((line) => JSON.parse(line));
  const infohashes = records.map(({ torrent }) => /btih:([0-9a-f]{40})/.exec(torrent)[1]);
  const node = await serve(t, home, { settings: { peers: { webrtc: true } } });
  const { pid } = node.process;
  await sleep(15_000);
  const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const rows = [[`\`osp node\`, ${records.length} tracks`, 'resident', 'highest so far'], ['seeding, nobody there', mib(memory(pid)), mib(resident(pid))]];
  const taken = { greeted: 0, unchoked: 0, blocks: 0, gone: 0 };
  for (let n = 0; n < PEERS; n++) {
    peer(t, n, node.bittorrent, infohashes[(n * 37) % infohashes.length], taken);
    await sleep(25);
  }
  await sleep(30_000);
  rows.push([`${PEERS} peers on ${Math.min(PEERS, records.length)} of them, connected and served`, mib(memory(pid)), mib(resident(pid))]);
  for (let n = 0; n < PEERS; n++) {
    peer(t, PEERS + n, node.bittorrent, infohashes[0], taken);
    await sleep(25);
  }
  await sleep(30_000);
  rows.push([`${PEERS} more, all on one track`, mib(memory(pid)), mib(resident(pid))]);
  table(rows);
  console.log(`Of ${2 * PEERS} peers ${taken.greeted} were greeted, ${taken.unchoked} times one was unchoked, ${taken.blocks} blocks were given; ${taken.gone} are gone. ${load()}`);
});
