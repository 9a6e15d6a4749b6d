// Our libp2p host as a program of its own (crates/osp-p2p/examples/bitswap_node.rs).

import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** `BITSWAP_NODE`, else the debug build of crates/osp-p2p/examples/bitswap_node.rs. */
const program = process.env.BITSWAP_NODE ?? join(root, 'target/debug/examples/bitswap_node');

/** Serves the files of a folder: `{ peer, listen, files }`, until the test is over. */
export async function serve(t, folder, listen = []) {
  const child = spawn(program, ['serve', folder, ...listen], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => {
    if (!child.pid || child.exitCode !== null) return;
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    return exit;
  });
  const ended = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`bitswap_node ended with ${code}`)));
  });
  ended.catch(() => {});
  const ready = new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
  return JSON.parse(await Promise.race([ready, ended]));
}

/** Fetches a file from peers: `{ bytes, seconds }`. */
export function fetchFrom(cid, peers) {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 30, encoding: 'buffer' };
    const child = execFile(program, ['fetch', cid, ...peers], options, (error, stdout, stderr) => {
      if (error) reject(new Error(`bitswap_node fetch: ${stderr}`));
      else resolve({ bytes: stdout, seconds: JSON.parse(stderr.toString()).seconds });
    });
    child.stdin.end();
  });
}

/** The address of one transport: `tcp`, `ws` or `quic-v1`. */
export function over(listen, transport) {
  const kind = (address) => (address.includes('/ws') ? 'ws' : address.includes('/quic-v1') ? 'quic-v1' : 'tcp');
  return listen.find((address) => kind(address) === transport);
}

/** Megabytes a second. */
export function rate(bytes, seconds) {
  return `${Math.round(bytes / seconds / 1e6)} MB/s`;
}
