import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [solid()],
  build: {
    // osp-node reads this manifest to find the entry's script and style sheets.
    manifest: "manifest.json",
    rollupOptions: { input: "src/main.ts" },
    // The pages' content security policy allows no data: scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    target: "es2022",
    // A polyfill would be an inline script in spirit; every browser that runs es2022 preloads modules.
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
  },
});
