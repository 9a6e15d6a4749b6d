import { createHash } from "node:crypto";
import { build, type Plugin } from "vite";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

/**
 * Builds the service worker after everything else, with the list of what was built: those files it keeps for times without
 * a network. It is one classic script without imports (not every browser takes modules there), at a name that never changes.
 */
function serviceWorker(): Plugin {
  const files = new Set<string>();
  return {
    name: "service-worker",
    apply: "build",
    generateBundle(_, bundle) {
      for (const name of Object.keys(bundle)) {
        if (/^(assets|fan)\//.test(name)) files.add(`/${name}`);
      }
    },
    async closeBundle() {
      const shell = [...files].sort();
      const version = createHash("sha256").update(shell.join("\n")).digest("hex").slice(0, 16);
      await build({
        configFile: false,
        logLevel: "warn",
        define: { SHELL: JSON.stringify({ version, files: shell }) },
        build: {
          emptyOutDir: false,
          target: "es2022",
          rollupOptions: { input: "src/sw/main.ts", output: { format: "iife", entryFileNames: "fan/sw.js" } },
        },
      });
    },
  };
}

export default defineConfig({
  plugins: [solid(), serviceWorker()],
  build: {
    // osp-node reads this manifest to find the clients' scripts and style sheets.
    manifest: "manifest.json",
    rollupOptions: { input: ["src/main.ts", "src/fan.ts"] },
    // The pages' content security policy allows no data: scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    target: "es2022",
    // A polyfill would be an inline script in spirit; every browser that runs es2022 preloads modules.
    modulePreload: { polyfill: false },
  },
  worker: {
    format: "es",
    // Below /fan/, so that the service worker of that page hands them what they load when there is no network.
    rollupOptions: { output: { entryFileNames: "fan/[name]-[hash].js" } },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
  },
});
