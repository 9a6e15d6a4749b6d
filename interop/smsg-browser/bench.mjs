// The drop-in beside the original in the same run: size, time until it is ready, megabytes (10^6) per second, memory.
//
//     node interop/smsg-browser/bench.mjs
//
// Each module runs in a process of its own: `node bench.mjs ours|original` prints one line of JSON.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { dropIn, original, originalIsThere, startOriginal, startOurs } from './modules.mjs';

const SIZE = 32 << 20;
const CHUNK = 1 << 20;
const RUNS = 5;
const LICENCE = { license: 'bench', fingerprint: '' };

/** One module, measured. What it opens was sealed by `osp`, or by ours: the bytes are the same. */
async function measure(which, files) {
  const { borg, ready } = which === 'ours' ? await startOurs() : await startOriginal();
  const v2 = new Uint8Array(readFileSync(files.v2));
  const v3 = new Uint8Array(readFileSync(files.v3));
  const rate = (bytes, begin) => bytes / 1e6 / ((performance.now() - begin) / 1e3);

  const binary = [];
  for (let run = 0; run < RUNS; run += 1) {
    const begin = performance.now();
    const { attachments } = await borg.decryptBinary(v2, 'bench');
    binary.push(rate(attachments[0].data.length, begin));
  }
  const header = await borg.parseV3Header(v3);
  const cek = await borg.unwrapCEKFromHeader(header.wrappedKeys, LICENCE, header.cadence);
  const chunks = [];
  let first;
  for (let run = 0; run < RUNS; run += 1) {
    const begin = performance.now();
    let bytes = 0;
    for (const { offset, size } of header.chunked.index) {
      const start = header.payloadOffset + offset;
      bytes += (await borg.decryptChunkDirect(v3.subarray(start, start + size), cek)).length;
      first ??= performance.now() - begin;
    }
    chunks.push(rate(bytes, begin));
  }
  const best = (list) => Math.round(Math.max(...list.slice(1)));
  return {
    ready: Number(ready.toFixed(1)),
    binary: { cold: Math.round(binary[0]), warm: best(binary) },
    chunks: { cold: Math.round(chunks[0]), warm: best(chunks), first: Number(first.toFixed(1)) },
    peak: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Sealed by ours, so that nothing else has to be built. */
async function seal(folder) {
  const { mkdtempSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const wasm = await import('../../web/src/wasm-older/osp_wasm.js');
  wasm.initSync({ module: readFileSync(new URL('../../web/src/wasm-older/osp_wasm_bg.wasm', import.meta.url)) });
  const out = folder ?? mkdtempSync(join(tmpdir(), 'smsg-bench-'));
  const content = new Uint8Array(SIZE);
  for (let at = 0; at < SIZE; at += 65_536) crypto.getRandomValues(content.subarray(at, at + 65_536));
  const source = {
    size: SIZE,
    read(offset, into) {
      into.set(content.subarray(offset, offset + into.length));
      return Math.min(into.length, SIZE - offset);
    },
  };
  const message = JSON.stringify({ body: 'bench', attachments: [{ name: 'a.bin', mime: 'audio/mpeg', size: SIZE }] });
  const write = (name, header, key, chunk) => {
    const pieces = [];
    wasm.seal(message, JSON.stringify(header), key, chunk, [source], { write: (bytes) => pieces.push(bytes.slice()) });
    writeFileSync(join(out, name), Buffer.concat(pieces));
    return join(out, name);
  };
  const now = Math.floor(Date.now() / 1000);
  return {
    out,
    v2: write('v2.smsg', { format: 'v2' }, wasm.Key.password('bench'), 0),
    v3: write('v3.smsg', { format: 'v3', keyMethod: 'lthn-rolling' }, wasm.Key.licence('bench', '', now, undefined), CHUNK),
  };
}

const [which, v2, v3] = process.argv.slice(2);
if (which) {
  console.log(JSON.stringify(await measure(which, { v2, v3 })));
  process.exit(0); // The original's program never ends.
}
const files = await seal();
for (const [name, wasm] of [['ours', dropIn.wasm], ...(originalIsThere ? [['original', original.wasm]] : [])]) {
  const bytes = readFileSync(wasm);
  const sizes = { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
  const script = fileURLToPath(import.meta.url);
  const measured = JSON.parse(execFileSync(process.execPath, [script, name, files.v2, files.v3], { encoding: 'utf8' }).trim().split('\n').at(-1));
  console.log(JSON.stringify({ module: name, ...sizes, ...measured }));
}
const { rmSync } = await import('node:fs');
rmSync(files.out, { recursive: true });
