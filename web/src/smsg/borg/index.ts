/**
 * `borg-smsg.js`: one classic script in place of the original's `wasm_exec.js` and `stmf.wasm`. It sets `window.BorgSMSG`
 * with every call of the original, `Go` for pages that start the original themselves, and dispatches `borgstmf:ready`.
 * The module, `borg-smsg.wasm`, is loaded from beside the script. `BorgSTMF` (form encryption) is not part of it.
 */

import { load } from "../module";
import { calls } from "./calls";
import { installGo } from "./go";

/** The version of the original whose calls these are, and whose they are. */
const VERSION = "1.6.0+osp";

const script = document.currentScript as HTMLScriptElement | null;
const loading = load(new URL("borg-smsg.wasm", script?.src || document.baseURI));

const borg = Object.assign(calls(loading) as Record<string, unknown>, { version: VERSION, ready: false });
(globalThis as { BorgSMSG?: unknown }).BorgSMSG = borg;

const announce = () => document.dispatchEvent(new CustomEvent("borgstmf:ready", { detail: { version: VERSION } }));

// A page that starts the program itself hears the event when it has done so, any other one when it has loaded.
const go = installGo({ ready: loading, onRun: () => void loading.then(announce, () => {}) });
const loaded = new Promise<void>((resolve) => {
  if (document.readyState === "complete") resolve();
  else addEventListener("load", () => resolve(), { once: true });
});

loading.then(
  async () => {
    borg.ready = true;
    await loaded;
    if (!go.used()) announce();
  },
  // Every call says why.
  () => {},
);
