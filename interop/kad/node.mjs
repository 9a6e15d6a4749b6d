// Our host with Kademlia as a program of its own (crates/osp-p2p/examples/kad_node.rs).

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `KAD_NODE`, else the debug build. */
const program = process.env.KAD_NODE ?? join(root, 'target/debug/examples/kad_node');

/** A host that lives until the test is over: `{ peer, listen, ask }`. */
export async function startNode(t) {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => {
    if (!child.pid || child.exitCode !== null) return undefined;
    const exit = new Promise((resolve) => { child.once('exit', resolve); });
    child.stdin.end();
    return exit;
  });
  const ended = new Promise((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`kad_node ended with ${code}`)));
  });
  ended.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await Promise.race([lines.next(), ended])).value);
  const { peer, listen } = await next();
  let queue = Promise.resolve();
  const ask = (line) => {
    const answer = queue.then(() => {
      child.stdin.write(`${line}\n`);
      return next();
    });
    queue = answer.catch(() => {});
    return answer;
  };
  return { peer, listen, ask };
}
