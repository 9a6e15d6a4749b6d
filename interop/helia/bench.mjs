// Helia reads from us and from Kubo in turn, over TCP and WebSocket, with its own parallelism and several reads at once.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { unixfs } from '@helia/unixfs';
import { multiaddr } from '@multiformats/multiaddr';
import { CID } from 'multiformats/cid';
import { over, serve } from '../bitswap-node.mjs';
import { initialised } from '../kubo/kubo.mjs';
import { inTurn, load, median, on, rounds, spread, table } from '../swarm/bench/stage.mjs';
import { folderFor, kubo, run } from '../tools.mjs';
import { startHelia } from './start.mjs';

const SIZE = 64 * 1024 * 1024;
const ROUNDS = rounds(5);
const ipfs = kubo();

/** Kubo with the files of `paths`: its addresses and their CIDs. */
async function kuboWith(t, folder, paths) {
  const env = await initialised(ipfs, folder);
  await run(ipfs, ['config', '--json', 'Addresses.Swarm', JSON.stringify(['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'])], { env });
  await run(ipfs, ['config', 'Routing.Type', 'none'], { env });
  const cids = [];
  for (const path of paths) cids.push(await run(ipfs, ['add', '--quieter', '--cid-version=1', '--chunker=size-1048576', path], { env }));
  const child = spawn(ipfs, ['daemon'], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => new Promise((resolve) => child.once('exit', resolve) && child.kill()));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Daemon is ready')) break;
  }
  return { listen: JSON.parse(await run(ipfs, ['id'], { env })).Addresses, cids };
}

/** MB/s of a fresh Helia that reads all of `cids` at once. */
function read(address, cids) {
  return on(async (t) => {
    const helia = await startHelia(t);
    await helia.libp2p.dial(multiaddr(address));
    const started = performance.now();
    let bytes = 0;
    await Promise.all(cids.map(async (cid) => {
      for await (const part of unixfs(helia).cat(CID.parse(cid), { signal: AbortSignal.timeout(120_000) })) bytes += part.length;
    }));
    return bytes / (performance.now() - started) / 1000;
  });
}

await on(async (t) => {
  const folder = folderFor(t);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) writeFileSync(join(folder, name), randomBytes(name === 'a' ? SIZE : SIZE / 4));
  const ours = await serve(t, folder);
  const ourCids = names.map((name) => ours.files[name]);
  const theirs = ipfs ? await kuboWith(t, folderFor(t), names.map((name) => join(folder, name))) : undefined;
  if (!theirs) console.log('Kubo is not here and is left out.');
  const whos = [['us', ours.listen, ourCids], ...(theirs ? [['Kubo', theirs.listen, theirs.cids]] : [])];
  const kinds = [['tcp', 'one file'], ['tcp', 'three files at once'], ['ws', 'one file']];
  const cases = kinds.flatMap(([transport, what]) => whos.map(([who, listen, cids]) => [
    `${who}, ${transport}, ${what}`,
    () => read(over(listen, transport), what === 'one file' ? cids.slice(0, 1) : cids.slice(1)),
  ]));
  const all = await inTurn(ROUNDS, cases);
  const rates = (name) => (all.get(name) instanceof Error ? [] : (all.get(name) ?? []));
  table([
    ['Helia in Node.js reads (64 MiB; 3 times 16 MiB)', 'from us, MB/s: median (spread)', 'from Kubo', 'of Kubo'],
    ...kinds.map(([transport, what]) => {
      const [us, them] = ['us', 'Kubo'].map((who) => rates(`${who}, ${transport}, ${what}`));
      return [`${what}, ${transport}`, spread(us), spread(them), us.length && them.length ? (median(us) / median(them)).toFixed(2) : ''];
    }),
  ]);
  console.log(`${ROUNDS} rounds in turn. ${load()}`);
});
