// Kubo and our host exchange blocks over Bitswap, both ways, over each transport.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fetchFrom, over, rate, serve } from '../bitswap-node.mjs';
import { folderFor, kubo, run } from '../tools.mjs';
import { initialised } from './kubo.mjs';

const ipfs = kubo();
const skip = ipfs ? false : 'Kubo is not here';
const SIZE = 64 * 1024 * 1024 + 12_345;

/** A daemon on loopback that knows no router: the environment to talk to it in, and its addresses. */
async function daemon(t) {
  const folder = mkdtempSync(join(tmpdir(), 'osp-kubo-'));
  const env = await initialised(ipfs, folder);
  const swarm = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/quic-v1'];
  await run(ipfs, ['config', '--json', 'Addresses.Swarm', JSON.stringify(swarm)], { env });
  await run(ipfs, ['config', 'Routing.Type', 'none'], { env });
  const child = spawn(ipfs, ['daemon'], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  t.after(async () => {
    child.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes('Daemon is ready')) break;
  }
  const { Addresses: addresses } = JSON.parse(await run(ipfs, ['id'], { env }));
  return { env, addresses };
}

for (const transport of ['tcp', 'ws', 'quic-v1']) {
  test(`Kubo reads 64 MiB from us over ${transport}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const bytes = randomBytes(SIZE);
    writeFileSync(join(folder, 'file'), bytes);
    const host = await serve(t, folder);
    const { env } = await daemon(t);
    await run(ipfs, ['swarm', 'connect', over(host.listen, transport)], { env });
    const root = await run(ipfs, ['block', 'get', host.files.file], { env, binary: true });
    assert.ok(root.length > 0);
    const started = performance.now();
    const read = await run(ipfs, ['cat', host.files.file], { env, binary: true });
    const seconds = (performance.now() - started) / 1000;
    assert.ok(bytes.equals(read));
    console.log(`# Kubo from us, ${transport}: ${rate(SIZE, seconds)}`);
  });

  test(`we read 64 MiB from Kubo over ${transport}`, { skip, timeout: 120_000 }, async (t) => {
    const folder = folderFor(t);
    const bytes = randomBytes(SIZE);
    const file = join(folder, 'file');
    writeFileSync(file, bytes);
    const { env, addresses } = await daemon(t);
    for (const version of ['0', '1']) {
      const cid = await run(ipfs, ['add', '--quieter', `--cid-version=${version}`, file], { env });
      const fetched = await fetchFrom(cid, [over(addresses, transport)]);
      assert.ok(bytes.equals(fetched.bytes));
      console.log(`# we from Kubo, CIDv${version}, ${transport}: ${rate(SIZE, fetched.seconds)}`);
    }
  });
}
