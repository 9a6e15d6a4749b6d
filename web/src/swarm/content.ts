/** Whether a whole file is the content that the record names: its CID, from the core that also judged the record. */

import { core } from "../lib/core";
import type { Pieces } from "./pieces";

/** Hashes what is there, a piece at a time so that the page stays quick. `undefined` when not everything is there. */
export async function isContent(pieces: Pieces, cid: string): Promise<boolean | undefined> {
  const hash = (await core()).hasher(cid);
  try {
    for (let piece = 0; piece < pieces.count; piece += 1) {
      const bytes = pieces.block(piece, 0, pieces.lengthOf(piece));
      if (!bytes) return undefined;
      hash.update(bytes);
      await new Promise((resolve) => setTimeout(resolve));
    }
    return hash.finish() === cid;
  } finally {
    hash.free();
  }
}
