import { createHash } from "node:crypto";
import { build, type Plugin } from "vite";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

/**
 * Builds the service workers after everything else. That of `/fan` gets the list of what was built: those files it keeps for
 * times without a network. Each is one classic script without imports (not every browser takes modules there), at a name that
 * never changes.
 */
function serviceWorkers(): Plugin {
  const files = new Set<string>();
  return {
    name: "service-workers",
    apply: "build",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        // What is loaded only by agreement, for a passphrase or by another page is no part of a page that works alone.
        const together = file.type === "chunk" && file.facadeModuleId?.includes("/src/swarm/");
        const rare = /osp_(swarm|stretch|remux)_wasm|(stretch|remux)-worker|^assets\/embed-/.test(name);
        // What only the player on the other pages shows.
        const elsewhere = file.type === "chunk" && /\/src\/(main\.ts|islands\/player\/|lib\/messages\/)/.test(file.facadeModuleId ?? "");
        if (/^(assets|fan)\//.test(name) && !together && !elsewhere && !rare) files.add(`/${name}`);
      }
    },
    async closeBundle() {
      const shell = [...files].sort();
      const version = createHash("sha256").update(shell.join("\n")).digest("hex").slice(0, 16);
      await script("src/sw/main.ts", "fan/sw.js", { SHELL: JSON.stringify({ version, files: shell }) });
      await script("src/swarm/sw/main.ts", "swarm/sw.js", {});
    },
  };
}

function script(input: string, output: string, define: Record<string, string>) {
  return build({
    configFile: false,
    logLevel: "warn",
    define,
    build: {
      emptyOutDir: false,
      target: "es2022",
      rollupOptions: { input, output: { format: "iife", entryFileNames: output } },
    },
  });
}

/** Of a worker, by its module. */
function folderOf(module: string): string {
  if (module.includes("/swarm/")) return "swarm";
  return module.includes("/gapless/") ? "assets" : "fan";
}

export default defineConfig({
  plugins: [solid(), serviceWorkers()],
  build: {
    // osp-node reads this manifest to find the clients' scripts and style sheets.
    manifest: "manifest.json",
    rollupOptions: { input: ["src/main.ts", "src/fan.ts", "src/embed.ts"] },
    // The pages' content security policy allows no data: scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    target: "es2022",
    // A polyfill would be an inline script in spirit; every browser that runs es2022 preloads modules.
    modulePreload: { polyfill: false },
  },
  worker: {
    format: "es",
    // Below /fan/, so that the service worker of that page hands them what they load when there is no network; the one of
    // listening together below /swarm/, where workers may speak with trackers and mirrors; that of gapless playback among the rest.
    rollupOptions: {
      output: {
        entryFileNames: ({ facadeModuleId }) => `${folderOf(facadeModuleId ?? "")}/[name]-[hash].js`,
      },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.{ts,tsx}"],
  },
});
