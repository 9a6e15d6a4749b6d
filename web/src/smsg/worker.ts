/** The Worker: the module on a thread of its own. */

import moduleUrl from "../wasm/osp_wasm_bg.wasm?url";
import { load } from "./module";
import type { Port } from "./protocol";
import { serve } from "./serve";

serve(globalThis as unknown as Port, load(new URL(moduleUrl, import.meta.url)));
