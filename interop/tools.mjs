// What the tests against other programs share: our program, a node with one track, a folder of their own.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Our program: `OSP_BIN`, else the debug build. */
export const osp = process.env.OSP_BIN ?? join(root, 'target/debug/osp');

/** A real track carried by the repository. */
export const demoMusic = join(root, 'demo/music');

/** Where `name` is in PATH, if it is. */
export function which(name) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Kubo: `KUBO`, else the one that `cargo xtask interop` built, else the one in PATH; undefined if there is none. */
export function kubo() {
  const built = join(root, 'target/interop/bin/ipfs');
  return process.env.KUBO ?? (existsSync(built) ? built : which('ipfs'));
}

/** Runs a program to its end and gives its stdout; fails with what it wrote to stderr. */
export function run(program, args, { env = {}, binary = false, input } = {}) {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 30, encoding: binary ? 'buffer' : 'utf8' };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')}: ${error.message}\n${stderr}`));
      else resolve(binary ? stdout : stdout.trim());
    });
    if (input) input.pipe(child.stdin);
    else child.stdin.end();
  });
}

/** A folder that is gone when the test is over. */
export function folderFor(t) {
  const folder = mkdtempSync(join(process.env.OSP_INTEROP_DIR ?? tmpdir(), 'osp-interop-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs the test file `path` again in a network namespace that has nothing but these addresses, all of them this
 * machine's: what is public there never leaves it. `true` in there, where the tests are to be defined; outside, a single
 * test stands for them.
 */
export function inOwnNetwork(test, path, addresses, skip) {
  if (process.env.OSP_OWN_NETWORK) return true;
  const possible = which('unshare') && which('ip') ? false : 'unshare and ip are needed';
  test(`${path.split('/').at(-1)}, in a network of its own`, { skip: skip || possible, timeout: 300_000 }, async () => {
    const add = addresses.map((address) => `ip addr add ${address}/32 dev lo`);
    const script = ['ip link set lo up', ...add, 'exec "$0" --test-reporter=tap "$1"'].join(' && ');
    const env = { OSP_OWN_NETWORK: '1', NODE_TEST_CONTEXT: '' };
    const output = await run('unshare', ['--user', '--map-root-user', '--net', 'sh', '-c', script, process.execPath, path], { env });
    console.log(output.replaceAll(/^(?!#).*\n?/gm, ''));
  });
  return false;
}

/** Publishes `file` in a fresh home and serves it until the test is over: the node's address, its ready line and the record. */
export async function nodeWith(t, folder, file, publishArgs = [], nodeArgs = []) {
  const home = join(folder, 'home');
  const call = (...args) => run(osp, ['--home', home, ...args]);
  await call('id', 'new', '--name', 'Interop', '--no-passphrase');
  const record = JSON.parse(await call('publish', file, '--json', ...publishArgs));
  const node = spawn(osp, ['--home', home, '--quiet', 'node', '--http', '127.0.0.1:0', ...nodeArgs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => new Promise((resolve) => node.once('exit', resolve) && node.kill()));
  for await (const line of createInterface({ input: node.stdout })) {
    const ready = JSON.parse(line);
    return { url: ready.http, ready, record };
  }
  throw new Error('the node ended without a ready line');
}
