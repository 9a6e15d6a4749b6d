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

const RUNS = 5;
/** Chunks that are opened by one call, as a run of the page hands them over. */
const AT_ONCE = [1, 16];

const folder = new URL('../../web/src/wasm-release/', import.meta.url);

async function open(file, key) {
  const wasm = await import(new URL('osp_wasm.js', folder).href);
  wasm.initSync({ module: readFileSync(new URL('osp_wasm_bg.wasm', folder)) });
  const feed = (asks) => {
    for (let wanted = asks.needs(); wanted; wanted = asks.needs()) asks.take(file.subarray(wanted[0], wanted[1]));
  };
  const front = new wasm.ReleaseFront(undefined);
  feed(front);
  const release = front.finish();
  const lookup = release.lookUp(key);
  feed(lookup);
  const keys = lookup.finish();
  for (const { part, from, to } of JSON.parse(keys.stretches())) keys.plan(part, from, to);
  feed(keys);
  let chunks = 0;
  while (keys.place(chunks).length > 0) chunks += 1;
  return { keys, chunks };
}

/** Seconds and bytes of each run, one size of call after the other. */
async function measure({ path, key, threads }) {
  const file = new Uint8Array(readFileSync(path));
  const { keys, chunks } = await open(file, key);
  const found = {};
  for (const atOnce of AT_ONCE) {
    found[atOnce] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const [processor, clock] = [process.cpuUsage(), performance.now()];
      let bytes = 0;
      for (let first = 0; first < chunks; first += atOnce) {
        const last = Math.min(first + atOnce, chunks) - 1;
        bytes += keys.open(first, file.subarray(keys.place(first)[0], keys.place(last)[1])).length;
      }
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
