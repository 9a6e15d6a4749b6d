// Our side of a swarm: homes, nodes, what they publish, and what `osp resolve` fetches.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import bencode from 'bencode';
import { osp, run } from '../tools.mjs';

/** Why tests that need our program are skipped, if they are. */
export const noProgram = existsSync(osp) ? false : 'there is no osp; cargo build makes it';

/** An address of this machine that is not loopback, for WebRTC. */
export const outward = Object.values(networkInterfaces())
  .flat()
  .find((address) => !address.internal && address.family === 'IPv4')?.address;

const MIB = 1 << 20;

/** The piece length of the specification, section 5. */
export const pieceLength = (size) =>
  size <= 8 * MIB ? MIB / 16 : size <= 64 * MIB ? MIB / 4 : size <= 512 * MIB ? MIB : 4 * MIB;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** A sound file of `size` bytes: 16-bit stereo noise that is the same for the same `seed`. */
export function noise(size, seed = 1) {
  const key = createHash('sha256').update(`noise ${seed}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(size - 8, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(2, 22);
  header.writeUInt32LE(44_100, 24);
  header.writeUInt32LE(176_400, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(size - 44, 40);
  return Buffer.concat([header, cipher.update(Buffer.alloc(size - 44))]);
}

/** Publishes noise of `size` bytes in the fresh home `folder/name`: where, the bytes, the record, the infohash. */
export async function published(folder, size, { name = 'artist', seed = 1 } = {}) {
  const home = join(folder, name);
  const path = join(folder, `${name}.wav`);
  const bytes = noise(size, seed);
  writeFileSync(path, bytes);
  const call = (...args) => run(osp, ['--home', home, '--quiet', ...args]);
  await call('id', 'new', '--name', 'Interop', '--no-passphrase');
  const title = ['--title', `Noise ${seed}`, '--license', 'CC0-1.0'];
  const record = JSON.parse(await call('publish', path, '--json', ...title));
  const [, infohash] = record.torrent.match(/^magnet:\?xt=urn:btih:([0-9a-f]{40})/);
  return { home, path, bytes, record, infohash };
}

/** Settings that keep a home's peers to those a test brings. */
const alone = { 'local-discovery': false };

/** Writes `settings` of the tables `[peers]` and `[discovery]` and others into a home. */
function configure(home, { peers = {}, discovery = {}, ...rest }) {
  mkdirSync(home, { recursive: true });
  const lines = (table) => Object.entries(table).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const tables = ['[peers]', ...lines({ ...alone, ...peers }), '[discovery]', ...lines(discovery)];
  writeFileSync(join(home, 'config.toml'), [...lines(rest), ...tables, ''].join('\n'));
}

/**
 * Serves `home` until the test is over. `at` is a host of a lab, else this machine. Gives what the ready line says, and
 * the node's trackers.
 */
export async function serve(t, home, { at, settings = {}, args = [] } = {}) {
  const address = at?.address ?? '127.0.0.1';
  configure(home, { 'allow-private': true, ...settings });
  const own = ['--home', home, '--quiet', 'node', '--http', `${address}:0`, '--bittorrent', `${address}:0`, ...args];
  const [program, ...words] = [...(at?.inside ?? []), osp, ...own];
  const node = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  node.stderr.on('data', (text) => { log += text; });
  t.after(() => new Promise((resolve) => {
    if (node.exitCode !== null || node.signalCode !== null) return resolve();
    node.once('exit', resolve);
    node.kill();
    return setTimeout(() => node.kill('SIGKILL'), 10_000).unref();
  }));
  for await (const line of createInterface({ input: node.stdout })) {
    const ready = JSON.parse(line);
    return { ...ready, trackers: { web: ready.tracker, http: ready.tracker.replace(/^ws/, 'http') }, process: node, log: () => log };
  }
  throw new Error(`the node ended without a ready line: ${log}`);
}

/** A node that has no music and whose tracker serves every swarm. */
export function tracker(t, folder, options = {}) {
  return serve(t, join(folder, 'tracker'), { ...options, settings: { tracker: 'open', ...options.settings } });
}

/**
 * `osp resolve REF` with a home of its own: what it printed, the file, what it logged, and the greatest memory it had.
 * `from` are nodes for the record; peers come from the REF and `peers.trackers`.
 */
export async function resolve(folder, reference, { name = 'listener', at, from = [], peers = {}, args = [], seconds = 100, exit = 0, env = {} } = {}) {
  const home = join(folder, name);
  const output = join(folder, `${name}.out`);
  configure(home, { 'allow-private': true, peers: { bittorrent: `${at?.address ?? '127.0.0.1'}:0`, ...peers } });
  const asked = from.flatMap((url) => ['--from', url]);
  const own = ['--home', home, '--json', '--allow-private', ...args, 'resolve', reference, '--output', output, ...asked];
  const [program, ...words] = [...(at?.inside ?? []), osp, ...own];
  const started = performance.now();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const heard = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { heard[name] += text; });
  let memory = 0;
  const watch = setInterval(() => { memory = Math.max(memory, resident(child.pid)); }, 50);
  const impatience = setTimeout(() => child.kill('SIGKILL'), seconds * 1000);
  const code = await new Promise((done) => child.once('close', (code, signal) => done(code ?? signal)));
  clearInterval(watch);
  clearTimeout(impatience);
  assert.equal(code, exit, `osp resolve ended with ${code} after ${Math.round((performance.now() - started) / 1000)} s: ${heard.stdout}${heard.stderr.slice(-4000)}`);
  return {
    ...(exit === 0 ? JSON.parse(heard.stdout) : {}),
    bytes: existsSync(output) ? readFileSync(output) : undefined,
    log: heard.stderr,
    seconds: (performance.now() - started) / 1000,
    memory,
  };
}

/** Greatest resident memory of a process so far, in bytes; 0 where the system does not say. */
export function resident(pid) {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Fails unless the bytes are those, without printing them. */
export function assertSame(bytes, expected) {
  assert.ok(bytes, 'there is a file');
  assert.equal(bytes.length, expected.length);
  assert.equal(sha256(bytes), sha256(expected));
}

/** The torrent file of `bytes` by our rule, made here, with trackers and without web seeds: only peers can give the file. */
export function torrentFile(bytes, name, trackers) {
  const length = pieceLength(bytes.length);
  const pieces = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(createHash('sha1').update(bytes.subarray(at, at + length)).digest());
  const info = { length: bytes.length, name, 'piece length': length, pieces: Buffer.concat(pieces) };
  return Buffer.from(bencode.encode({ announce: trackers[0], 'announce-list': trackers.map((url) => [url]), info }));
}

/** Waits until the HTTP tracker knows of somebody `at` this machine, or a host of a lab, who has the whole file. */
export async function announced(tracker, infohash, at) {
  const query = infohash.replace(/../g, '%$&');
  const script = 'fetch(process.argv[1]).then(async (got) => process.stdout.write(Buffer.from(await got.arrayBuffer())))';
  const scrape = `${tracker.replace(/announce$/, 'scrape')}?info_hash=${query}`;
  const [program, ...words] = [...(at?.inside ?? []), process.execPath, '--eval', script, scrape];
  for (let tries = 0; ; tries++) {
    const answer = await run(program, words, { binary: true }).catch(() => Buffer.alloc(0));
    if (/8:completei[1-9]/.test(answer.toString('latin1'))) return;
    assert.ok(tries < 100, 'somebody with the whole file announces itself');
    await sleep(200);
  }
}

/** A magnet for a swarm that meets at `trackers`. */
export function magnet(infohash, size, trackers) {
  return `magnet:?xt=urn:btih:${infohash}&xl=${size}${trackers.map((url) => `&tr=${encodeURIComponent(url)}`).join('')}`;
}

/** "12.3 MB/s" */
export const rate = (bytes, seconds) => `${(bytes / seconds / 1e6).toFixed(1)} MB/s`;
