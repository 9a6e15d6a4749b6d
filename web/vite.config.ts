import { createHash } from "node:crypto";
import { build, type Plugin } from "vite";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

/**
 * Builds the service workers after everything else, each with the list of what its pages are made of: those files it keeps for
 * times without a network. Each is one classic script without imports (not every browser takes modules there), at a name that
 * never changes.
 */
function serviceWorkers(): Plugin {
  const fan = new Set<string>();
  const site = new Set<string>();
  return {
    name: "service-workers",
    apply: "build",
    generateBundle(_, bundle) {
      for (const [name, file] of Object.entries(bundle)) {
        if (!/^(assets|fan)\//.test(name)) continue;
        // What is loaded only by agreement, for a passphrase or by another page is no part of a page that works alone.
        const together = file.type === "chunk" && file.facadeModuleId?.includes("/src/swarm/");
        const rare = /osp_(swarm|stretch)_wasm|stretch-worker|^assets\/embed-/.test(name);
        if (together || rare) continue;
        const facade = (file.type === "chunk" && file.facadeModuleId) || "";
        // What only the player on the other pages shows.
        if (!/\/src\/(main\.ts|islands\/(player|library|offline)\/|lib\/site-search)/.test(facade) && !/^assets\/remux-worker/.test(name)) fan.add(name);
        // Opening sealed files has a page of its own, and the module of the older formats goes with it.
        if (!/^fan\/|^assets\/fan-/.test(name) && !isOlderModule(file)) site.add(name);
      }
    },
    async closeBundle() {
      await script("src/sw/main.ts", "fan/sw.js", { SHELL: JSON.stringify(shellOf(fan)) });
      await script("src/sw/site/main.ts", "sw.js", { SHELL: JSON.stringify(shellOf(site)) });
    },
  };
}

/** The module of sealed files of the older formats, or what speaks with it. */
function isOlderModule(file: { type: string; originalFileNames?: string[]; facadeModuleId?: string | null }): boolean {
  const sources = [...(file.originalFileNames ?? []), file.facadeModuleId ?? ""];
  return sources.some((source) => source.includes("wasm-older"));
}

function shellOf(names: ReadonlySet<string>) {
  const files = [...names].sort();
  return { version: createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16), files };
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
  // What was built works in any folder of any host: its files name each other as seen from themselves.
  base: "./",
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
