/** `borg-smsg.js` and `borg-smsg.wasm`: the drop-in for pages of the original, under names that stay. */

import { copyFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const module = new URL("src/wasm/osp_wasm_bg.wasm", import.meta.url);

/** The generated loader's own idea of where the module is would be inlined by a library build; ours is always told. */
const withoutDefaultAddress: Plugin = {
  name: "without-default-address",
  // Before Vite looks for addresses of assets.
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("/osp_wasm.js")) return undefined;
    const changed = code.replace("new URL('osp_wasm_bg.wasm', import.meta.url)", "undefined");
    if (changed === code) this.error("the generated loader changed: there is no default address to take out");
    return { code: changed, map: null };
  },
};

const moduleBeside: Plugin = {
  name: "module-beside",
  writeBundle({ dir }) {
    copyFileSync(module, `${dir}/borg-smsg.wasm`);
  },
};

export default defineConfig({
  plugins: [withoutDefaultAddress, moduleBeside],
  publicDir: false,
  build: {
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/smsg/borg/index.ts", formats: ["iife"], name: "borgSmsg", fileName: () => "borg-smsg.js" },
  },
});
