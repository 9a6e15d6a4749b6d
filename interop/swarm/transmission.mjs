// transmission-daemon on a host of a lab, by its command line.

import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { run, which } from '../tools.mjs';

const missing = ['transmission-daemon', 'transmission-remote'].filter((name) => !which(name));

/** Why there is none here, if so. */
export const noTransmission = missing.length > 0 && `not installed: ${missing.join(', ')} (Debian: transmission-daemon, transmission-cli)`;

/**
 * Starts one that keeps files in `folder/downloads`, finds peers by trackers alone, and speaks uTP if it shall. It opens
 * every connection it makes with MSE; with `encryption: 2` among `settings` it takes no other either.
 */
export async function transmission(t, folder, host, utp, settings = {}) {
  const downloads = join(folder, 'downloads');
  const config = join(folder, 'transmission');
  mkdirSync(downloads, { recursive: true });
  mkdirSync(config);
  writeFileSync(join(config, 'settings.json'), JSON.stringify({
    'dht-enabled': false,
    'lpd-enabled': false,
    'pex-enabled': false,
    'port-forwarding-enabled': false,
    'utp-enabled': utp,
    'rpc-bind-address': '127.0.0.1',
    'download-dir': downloads,
    'incomplete-dir-enabled': false,
    'bind-address-ipv4': host.address,
    ...settings,
  }));
  const [program, ...words] = [...host.inside, 'transmission-daemon', '--foreground', '--config-dir', config];
  const daemon = spawn(program, words, { stdio: 'ignore' });
  t.after(() => new Promise((resolve) => daemon.once('exit', resolve) && daemon.kill()));
  const [inside, ...rest] = host.inside;
  const remote = (...args) => run(inside, [...rest, 'transmission-remote', '127.0.0.1:9091', ...args]);
  for (let tries = 0; ; tries++) {
    try {
      await remote('--session-info');
      break;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(100);
    }
  }
  const state = async () => Object.fromEntries(
    (await remote('--torrent', '1', '--info')).split('\n').map((line) => line.trim().split(/: (.*)/)).filter((pair) => pair.length > 1),
  );
  return {
    downloads,
    /** By magnet or path of a torrent file. */
    add: (what) => remote('--add', what),
    /** Waits until it has everything; gives the flags of its peers on the way (`T`: uTP, `E`: in RC4). */
    async complete() {
      const flags = new Set();
      for (;;) {
        const peers = (await remote('--torrent', '1', '--info-peers')).split('\n').slice(1);
        // A peer of whom there is nothing to say has its progress in this place.
        for (const [, flag] of peers.map((peer) => peer.trim().split(/\s+/))) if (/^[A-Za-z?]/.test(flag ?? '')) flags.add(flag);
        const { State: doing, 'Percent Done': done, Error: error } = await state();
        if (error) throw new Error(`Transmission: ${error}`);
        if (done === '100%' && /Seeding|Idle|Finished/.test(doing)) return [...flags];
        await sleep(100);
      }
    },
  };
}
