// The public DHT of IPFS, made of two Kubo nodes with public addresses in a network namespace: Kubo finds and reads what
// our node announces, and `osp resolve` what Kubo announces. Nobody is told who has it, and no private address allowed.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { demoMusic, folderFor, inOwnNetwork, kubo, nodeWith, osp, run } from '../tools.mjs';
import { daemon } from './kubo.mjs';

const ipfs = kubo();
// Kubo takes few peers of one /16 into its routing table.
const [FIRST, SECOND, OURS] = ['45.10.0.1', '46.20.0.1', '47.30.0.1'];

/** Two daemons that know each other, and how to begin with the first. */
async function network(t) {
  const at = (address) => ({ swarm: [`/ip4/${address}/tcp/4001`], routing: 'dhtserver' });
  const [first, second] = [await daemon(t, ipfs, at(FIRST)), await daemon(t, ipfs, at(SECOND))];
  const [begin] = first.addresses.filter((address) => address.startsWith(`/ip4/${FIRST}/`));
  await run(ipfs, ['swarm', 'connect', begin], { env: second.env });
  return { first, second, begin };
}

/** What Kubo says, as soon as it says it. */
async function eventually(ask) {
  for (let tries = 0; tries < 60; tries += 1) {
    const answer = await ask().catch(() => '');
    if (answer) return answer;
    await sleep(500);
  }
  throw new Error('it did not come about');
}

if (inOwnNetwork(test, fileURLToPath(import.meta.url), [FIRST, SECOND, OURS], ipfs ? false : 'Kubo is not here')) {
  test('Kubo finds our node by `ipfs routing findprovs` and reads the track', { timeout: 120_000 }, async (t) => {
    const { second, begin } = await network(t);
    const folder = folderFor(t);
    const file = join(demoMusic, readdirSync(demoMusic).find((name) => name.endsWith('.opus')));
    const config = join(folder, 'config.toml');
    writeFileSync(config, `[peers]\npublic-dht = true\npublic-dht-bootstrap = ["${begin}"]\n`);
    const listen = ['--config', config, '--bittorrent', 'off', '--p2p', `/ip4/${OURS}/tcp/0`];
    const { ready, record } = await nodeWith(t, folder, file, [], listen);
    const ours = ready.p2p[0].split('/p2p/').at(-1);
    const found = await eventually(() => run(ipfs, ['routing', 'findprovs', '-n', '1', record.cid], { env: second.env }));
    assert.equal(found, ours);
    assert.ok(readFileSync(file).equals(await run(ipfs, ['cat', record.cid], { env: second.env, binary: true })));
  });

  test('osp resolve finds Kubo in the DHT and reads a file', { timeout: 120_000 }, async (t) => {
    const { second, begin } = await network(t);
    const folder = folderFor(t);
    const bytes = randomBytes(5 * 1024 * 1024 + 7);
    writeFileSync(join(folder, 'file'), bytes);
    const cid = await run(ipfs, ['add', '--quieter', '--cid-version=1', join(folder, 'file')], { env: second.env });
    await eventually(() => run(ipfs, ['routing', 'provide', cid], { env: second.env }).then(() => 'done'));
    const output = join(folder, 'fetched');
    const env = { OSP_PUBLIC_DHT: '1', OSP_PUBLIC_DHT_BOOTSTRAP: begin, OSP_BITTORRENT: 'off' };
    const args = ['--home', join(folder, 'home'), '--json', 'resolve', cid, '--output', output];
    const line = await run(osp, args, { env });
    assert.ok(bytes.equals(readFileSync(output)));
    assert.equal(JSON.parse(line).sources.ipfs, bytes.length);
  });
}
