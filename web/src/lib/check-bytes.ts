/** Downloads a track and hashes it here: proof that the bytes are the ones the artist signed. */

import { core } from "./core";
import { t } from "./messages";
import { audioOf, type Track } from "./tracks";

/** Why the check ended without an answer. */
export class CheckFailed extends Error {}

/** The CID of the bytes the node serves for this track. `progress` gets bytes done and, if known, of how many. */
export async function hashAudio(
  track: Track,
  progress: (done: number, total: number | undefined) => void,
  signal: AbortSignal,
): Promise<string> {
  const { hasher } = await core();
  const response = await fetch(audioOf(track), { signal });
  if (!response.ok || !response.body) throw new CheckFailed(t().verify.answered(response.status));
  const length = Number(response.headers.get("Content-Length") ?? Number.NaN);
  const total = Number.isFinite(length) && length > 0 ? length : undefined;

  const hash = hasher(track.cid);
  try {
    const reader = response.body.getReader();
    let done = 0;
    for (;;) {
      const part = await reader.read();
      if (part.done) break;
      hash.update(part.value);
      done += part.value.length;
      progress(done, total);
    }
    return hash.finish();
  } finally {
    hash.free();
  }
}
