// Hosts with addresses of their own and a path between them (xtask/netlab), and what may pass there. Needs root.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { run, which } from '../tools.mjs';

const netlab = process.env.NETLAB ?? fileURLToPath(new URL('../../target/release/netlab', import.meta.url));

/** Why there are no such hosts here, if so. */
export const noLab =
  (process.getuid?.() !== 0 && 'hosts in network namespaces need root') ||
  (!which('ip') && 'there is no ip (Debian: iproute2)') ||
  (!existsSync('/dev/net/tun') && 'there is no /dev/net/tun') ||
  (!existsSync(netlab) && `there is no ${netlab}; cargo build --release -p netlab makes it`);

/** Hosts until the test is over: `lines` has a name for each and what netlab is told of its line (`delay=25ms,loss=0.01`). */
export async function lab(t, lines) {
  const hosts = Object.entries(lines).flatMap(([name, line]) => ['--host', line ? `${name},${line}` : name]);
  // A path does not stop when the machine is busy; a switch that waits for a processor delivers a burst afterwards.
  const child = spawn('nice', ['-n', '-20', netlab, ...hosts], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    return exit;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const made = Object.entries(JSON.parse(line).hosts);
    return Object.fromEntries(made.map(([name, { namespace, address }]) => [name, { address, inside: ['ip', 'netns', 'exec', namespace] }]));
  }
  throw new Error('netlab ended before it was ready');
}

/** Lets a host neither call nor answer by `protocol` (`tcp` or `udp`), but for TCP to and from `port`. */
export async function prohibit(host, protocol, port) {
  const [ip, ...words] = host.inside;
  const rule = (...what) => run(ip, [...words, 'ip', 'rule', 'add', ...what]);
  for (const end of port ? ['sport', 'dport'] : []) await rule('pref', '100', 'ipproto', 'tcp', end, String(port), 'lookup', 'main');
  await rule('pref', '200', 'ipproto', protocol, 'prohibit');
}
