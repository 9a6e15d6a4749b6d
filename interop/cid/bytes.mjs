// The byte stream of spec/vectors/cid: xorshift32 from 0x9e3779b9, each word little-endian after its three steps.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

/** Writes the first `size` bytes of the stream to `path`. */
export async function writeBytes(path, size) {
  const out = createWriteStream(path, { highWaterMark: 8 << 20 });
  let x = 0x9e3779b9;
  for (let written = 0; written < size; ) {
    const words = new Uint32Array(1 << 20);
    for (let i = 0; i < words.length; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      words[i] = x;
    }
    const block = new Uint8Array(words.buffer).subarray(0, size - written);
    written += block.length;
    if (!out.write(block)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
