// The original's browser module and our drop-in for it, both in Node, as a page would start them.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = here('../../target/interop/smsg-original.wasm');

/** The original's module, and the script that Go brings to start it: `cargo xtask interop` builds the one and finds the other. */
export const original = {
  wasm: process.env.SMSG_ORIGINAL_WASM ?? built,
  script: process.env.SMSG_ORIGINAL_WASM_EXEC,
};
export const originalIsThere = existsSync(original.wasm) && Boolean(original.script);

/** Our drop-in as it is shipped: `cargo xtask web` builds it. */
export const dropIn = { script: here('../../web/dist/borg-smsg.js'), wasm: here('../../web/dist/borg-smsg.wasm') };

const RealDate = Date;

/** Sets the clock of both modules, Unix seconds; `undefined` lets it run. */
export function setClock(unix) {
  if (unix === undefined) {
    globalThis.Date = RealDate;
    return;
  }
  globalThis.Date = class extends RealDate {
    constructor(...args) {
      super(...(args.length === 0 ? [unix * 1000] : args));
    }
    static now() {
      return unix * 1000;
    }
  };
}

/** What a page has and Node has not. Gives the event's `detail` when the module says that it is ready. */
function page() {
  let heard;
  const event = new Promise((resolve) => (heard = resolve));
  globalThis.document = {
    currentScript: { src: 'http://page.example/borg-smsg.js' },
    readyState: 'complete',
    baseURI: 'http://page.example/',
    dispatchEvent: (happened) => heard(happened.detail),
  };
  return event;
}

/** Milliseconds until the calls work, and the calls. */
export async function startOriginal() {
  const event = page();
  const bytes = readFileSync(original.wasm);
  runInThisContext(readFileSync(original.script, 'utf8'), { filename: original.script });
  const begin = performance.now();
  const go = new globalThis.Go();
  const { instance } = await WebAssembly.instantiate(bytes, go.importObject);
  void go.run(instance);
  const detail = await event;
  const borg = globalThis.BorgSMSG;
  return { borg, detail, ready: performance.now() - begin };
}

/** The same for ours. */
export async function startOurs() {
  const event = page();
  const [script, bytes] = [readFileSync(dropIn.script, 'utf8'), readFileSync(dropIn.wasm)];
  const realFetch = globalThis.fetch;
  globalThis.fetch = async () => new Response(bytes, { headers: { 'Content-Type': 'application/wasm' } });
  const begin = performance.now();
  runInThisContext(script, { filename: dropIn.script });
  const detail = await event;
  const ready = performance.now() - begin;
  globalThis.fetch = realFetch;
  return { borg: globalThis.BorgSMSG, detail, ready };
}
