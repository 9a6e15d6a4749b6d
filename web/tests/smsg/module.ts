/** The built module in Node, and a "Worker" that is none: the same messages, over a channel within the process. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { MessageChannel } from "node:worker_threads";
import { Connection, type Thread } from "../../src/smsg/connection";
import type { Port } from "../../src/smsg/protocol";
import { serve } from "../../src/smsg/serve";
import * as wasm from "../../src/wasm-older/osp_wasm.js";
import * as releaseWasm from "../../src/wasm/osp_wasm.js";

export function startModule(): typeof wasm {
  wasm.initSync({ module: readFileSync(new URL("../../src/wasm-older/osp_wasm_bg.wasm", import.meta.url)) });
  releaseWasm.initSync({ module: readFileSync(new URL("../../src/wasm/osp_wasm_bg.wasm", import.meta.url)) });
  return wasm;
}

export function connection(): Connection {
  return new Connection(() => {
    const { port1, port2 } = new MessageChannel();
    serve(port2 as unknown as Port, { older: async () => wasm, release: async () => releaseWasm });
    port2.start();
    port1.start();
    const thread = port1 as unknown as Thread;
    thread.terminate = () => port1.close();
    return thread;
  });
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
