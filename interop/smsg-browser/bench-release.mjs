// How fast the browser's module opens files of version 3.0: megabytes (10^6) of plaintext per second, chunks of 64 KiB with
// digests, warm, from memory to memory. One thread is measured in seconds of the processor, several at once (a Worker for each,
// all of them all of the file) by the clock.
//
//     node interop/smsg-browser/bench-release.mjs FILE.smsg KEY [THREADS]
//
// `osp seal BIG --format release --out FILE.smsg --mint 1` makes such a file.

import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData as given } from 'node:worker_threads';
import { opened, openAll } from './opened.mjs';

const RUNS = 5;
/** Chunks that are opened by one call, as a run of the page hands them over. */
const AT_ONCE = [1, 16, 32];

const folder = new URL('../../web/src/wasm/', import.meta.url);

async function open(file, key) {
  const wasm = await import(new URL('osp_wasm.js', folder).href);
  wasm.initSync({ module: readFileSync(new URL('osp_wasm_bg.wasm', folder)) });
  return opened(wasm, file, key);
}

/** Seconds and bytes of each run, one size of call after the other. */
async function measure({ path, key, threads }) {
  const file = new Uint8Array(readFileSync(path));
  const release = await open(file, key);
  const found = {};
  for (const atOnce of AT_ONCE) {
    found[atOnce] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const [processor, clock] = [process.cpuUsage(), performance.now()];
      const bytes = openAll(release, file, atOnce);
      const { user, system } = process.cpuUsage(processor);
      found[atOnce].push(bytes / (threads === 1 ? user + system : 1e3 * (performance.now() - clock)));
    }
  }
  return found;
}

if (!isMainThread) parentPort.postMessage(await measure(given));
else {
  const [path, key, threads = '1'] = process.argv.slice(2);
  if (!path || !key) throw new Error('usage: bench-release.mjs FILE.smsg KEY [THREADS]');
  const workerData = { path, key, threads: Number(threads) };
  const started = Array.from({ length: Number(threads) }, () => new Worker(fileURLToPath(import.meta.url), { workerData }));
  const found = await Promise.all(started.map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))));
  console.log(`${threads} thread(s) of ${cpus().length} core(s), Node ${process.version}`);
  for (const atOnce of AT_ONCE) {
    const warm = found.map((each) => Math.max(...each[atOnce].slice(1)));
    const cold = found.map((each) => each[atOnce][0]);
    const sum = (list) => Math.round(list.reduce((a, b) => a + b, 0));
    console.log(`${atOnce} chunk(s) a call: first run ${sum(cold)}, warm ${sum(warm)} MB/s`);
  }
}
