// A Kubo repository of its own, without the network; and a daemon on one.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../tools.mjs';

/** Makes a repository in `folder`; gives the environment in which `ipfs` uses it. */
export async function initialised(ipfs, folder) {
  const env = { IPFS_PATH: join(folder, 'kubo'), IPFS_TELEMETRY: 'off' };
  await run(ipfs, ['init', '--empty-repo', '--profile=test'], { env });
  return env;
}

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/quic-v1'];

/**
 * A daemon, by default on loopback and without any router: the environment to talk to it in, and its addresses.
 * `routing` is Kubo's `Routing.Type`.
 */
export async function daemon(t, ipfs, { swarm = LOOPBACK, routing = 'none' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'osp-kubo-'));
  const env = await initialised(ipfs, folder);
  await run(ipfs, ['config', '--json', 'Addresses.Swarm', JSON.stringify(swarm)], { env });
  await run(ipfs, ['config', 'Routing.Type', routing], { env });
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
