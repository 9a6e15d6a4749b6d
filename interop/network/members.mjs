// Members of the network of nodes on hosts of a lab: the real program, what it has, and what it finds.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { osp, run } from '../tools.mjs';
import { noise, serve } from '../swarm/ours.mjs';

/** Seconds that anything may take on a busy machine. */
const PATIENCE = 120;

/** Waits until `holds`; says what it waited for if that never comes. */
export async function eventually(what, holds, seconds = PATIENCE) {
  const last = performance.now() + seconds * 1000;
  for (;;) {
    const found = await holds().catch(() => undefined);
    if (found) return found;
    assert.ok(performance.now() < last, `never came true: ${what}`);
    await sleep(100);
  }
}

/** A node in `folder/name` that knows the members `bootstrap`. */
export async function member(t, folder, name, { at, bootstrap = [], settings = {}, port = 4001 } = {}) {
  const home = join(folder, name);
  const p2p = [`/ip4/${at.address}/tcp/${port}`, `/ip4/${at.address}/udp/${port}/quic-v1`].flatMap((address) => ['--p2p', address]);
  const known = bootstrap.flatMap(({ address }) => ['--bootstrap', address]);
  const node = await serve(t, home, { at, settings: { 'allow-private': false, ...settings }, args: [...p2p, ...known] });
  const gone = new Promise((resolve) => node.process.once('exit', resolve));
  return {
    ...node,
    name,
    at,
    home,
    address: node.p2p[0],
    /** Ends it as a power cut would. */
    kill: () => (node.process.kill('SIGKILL'), gone),
    /** What its interface answers. */
    get(path, options) {
      const [program, ...words] = [...at.inside, 'curl', '-sf', '--max-time', '30', `${node.http}${path}`];
      return run(program, words, options);
    },
    /** A track's bytes, from wherever it gets them. */
    audio({ record }) {
      return this.get(`/api/v1/tracks/${record.id.replace('osp:track:', '')}/audio`, { binary: true });
    },
    async metric(name) {
      const line = (await this.get('/metrics')).split('\n').find((line) => line.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.split(' ')[1]);
    },
    /** The tracks under these words, of everybody, and what the network said. */
    async search(words, wait = 5) {
      return JSON.parse(await this.get(`/api/v1/tracks?${new URLSearchParams({ scope: 'network', wait, ...words })}`));
    },
  };
}

/** An artist's home with a track for each title; a node may run on it already. */
export async function artist(folder, name, titles, { size = 400_000 } = {}) {
  const home = join(folder, name);
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', name, '--no-passphrase');
  const publish = async (title) => {
    const path = join(folder, `${name}-${title}.wav`);
    const bytes = noise(size, `${name} ${title}`);
    writeFileSync(path, bytes);
    const record = JSON.parse(await call('publish', path, '--json', '--title', title, '--license', 'CC0-1.0'));
    return { record, bytes };
  };
  const tracks = [];
  for (const title of titles) tracks.push(await publish(title));
  return { home, tracks, publish };
}

/** Waits until everything that a member has is in the network. */
export const announced = (node) =>
  eventually(`what ${node.name} has is in the network`, async () =>
    (await node.metric('osp_network_keys')) > 0 && (await node.metric('osp_network_keys_waiting')) === 0);

/** Waits until a member finds the track with this title. */
export const finds = (node, { record }, seconds) =>
  eventually(`${node.name} finds ${record.title}`, async () => (await node.search({ title: record.title })).tracks.some(({ id }) => id === record.id), seconds);
