/** `borg-smsg.js` and `borg-smsg.wasm`: the drop-in for pages of the original, under names that stay. */

import { copyFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

const module = new URL("src/wasm-older/osp_wasm_bg.wasm", import.meta.url);

const moduleBeside: Plugin = {
  name: "module-beside",
  writeBundle({ dir }) {
    copyFileSync(module, `${dir}/borg-smsg.wasm`);
  },
};

export default defineConfig({
  plugins: [moduleBeside],
  publicDir: false,
  build: {
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/smsg/borg/index.ts", formats: ["iife"], name: "borgSmsg", fileName: () => "borg-smsg.js" },
  },
});
