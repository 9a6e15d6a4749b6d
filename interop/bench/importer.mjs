// One file through the importer that Helia uses.

import { createReadStream } from 'node:fs';
import { importer } from 'ipfs-unixfs-importer';

/** A blockstore that keeps nothing: for CIDs alone, of files larger than memory. */
export const nowhere = { put: async (cid) => cid };

/** The root CID of the file at `path` under `profile`; its blocks go to `blockstore`. */
export async function importFile(path, profile, blockstore) {
  const content = createReadStream(path, { highWaterMark: 1 << 20 });
  let root;
  for await (const entry of importer([{ content }], blockstore, { profile })) root = entry.cid;
  return root.toString();
}
