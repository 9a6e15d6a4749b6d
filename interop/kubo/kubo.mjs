// A Kubo repository of its own, without a daemon and without the network.

import { join } from 'node:path';
import { run } from '../tools.mjs';

/** Makes a repository in `folder`; gives the environment in which `ipfs` uses it. */
export async function initialised(ipfs, folder) {
  const env = { IPFS_PATH: join(folder, 'kubo'), IPFS_TELEMETRY: 'off' };
  await run(ipfs, ['init', '--empty-repo', '--profile=test'], { env });
  return env;
}
