// Two hosts with a path between them (xtask/netlab), and a Chromium that lives on one of them. Needs root.

import { spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const netlab = process.env.NETLAB ?? here('../../../target/release/netlab');
const chromium = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));

/** Why nothing can be measured here, if so. */
export const noLab = process.getuid?.() !== 0 ? 'hosts in network namespaces need root' : !existsSync(netlab) && `there is no ${netlab}`;
export const noChromium = chromium ? false : 'there is no Chromium';

/** The hosts `giver` and `taker`, `trip` milliseconds apart and back, losing `loss` of the frames each way. */
export async function lab(t, { trip = 0, loss = 0, seed = 1 } = {}) {
  const child = spawn(netlab, ['--seed', `${seed}`, '--host', `giver,delay=${trip / 2}ms,loss=${loss}`, '--host', 'taker'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => {
    const exit = new Promise((resolve) => child.once('exit', resolve));
    child.stdin.end();
    return exit;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const { hosts } = JSON.parse(line);
    const host = ({ namespace, address }) => ({ address, inside: ['ip', 'netns', 'exec', namespace] });
    return { giver: host(hosts.giver), taker: host(hosts.taker) };
  }
  throw new Error('netlab ended before it was ready');
}

/** A Chromium on `host`. `trusted` are origins that count as secure although they are plain HTTP. */
export async function browserOn(t, folder, host, { trusted = [] } = {}) {
  const script = join(folder, `chromium-${host.address}.sh`);
  writeFileSync(script, `#!/bin/sh\nexec ${host.inside.join(' ')} ${chromium} "$@"\n`);
  chmodSync(script, 0o755);
  const { chromium: engine } = createRequire(here('../../../web/package.json'))('@playwright/test');
  const browser = await engine.launch({
    executablePath: script,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      // The hosts of the lab have no multicast names.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(trusted.length ? [`--unsafely-treat-insecure-origin-as-secure=${trusted.join(',')}`] : []),
    ],
  });
  t.after(() => browser.close());
  return browser;
}
