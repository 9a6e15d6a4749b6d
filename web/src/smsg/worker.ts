/** The Worker: the modules on a thread of their own. */

import moduleUrl from "../wasm-older/osp_wasm_bg.wasm?url";
import releaseUrl from "../wasm/osp_wasm_bg.wasm?url";
import { load, loadRelease } from "./module";
import type { Port } from "./protocol";
import { serve } from "./serve";

serve(globalThis as unknown as Port, {
  older: () => load(new URL(moduleUrl, import.meta.url)),
  release: () => loadRelease(new URL(releaseUrl, import.meta.url)),
});
