/** What every page is made of, kept so that pages open without a network, and so that a page of an older build goes on. */

import { isHashed } from "../shell";

/** Pages that are the same for everybody. */
const PAGES = ["/library", "/offline"] as const;
/** Files under names that do not change. */
const FIXED = ["/favicon.svg", "/manifest.webmanifest", "/icons/192.png"] as const;
/** Builds of which the files are kept: this one, and those that an open page may still be of. */
const BUILDS = 3;
/** Files of other builds and of what is loaded by agreement only. */
const LOOSE = "site-loose";

export class SiteShell {
  /** The cache of this build. */
  readonly name: string;

  /** `files`: paths that a build made; `version` names the build. */
  constructor(
    private readonly caches: CacheStorage,
    version: string,
    private readonly files: readonly string[],
  ) {
    this.name = `site-${version}`;
  }

  /** All or nothing: a build that cannot be kept whole does not take the place of the one before. */
  async keep(): Promise<void> {
    const cache = await this.caches.open(this.name);
    await cache.addAll([...this.files]);
    await cache.addAll([...PAGES, ...FIXED].map((path) => new Request(path, { cache: "no-cache" })));
  }

  /** Removes what much earlier builds kept; the list is in the order in which they came. */
  async tidy(): Promise<void> {
    const builds = (await this.caches.keys()).filter((name) => name.startsWith("site-") && name !== LOOSE && name !== this.name);
    await Promise.all(builds.slice(0, -(BUILDS - 1)).map((name) => this.caches.delete(name)));
  }

  has = (path: string): boolean => (FIXED as readonly string[]).includes(path);

  /** A kept file; else the network's, kept if its name says that it never changes. */
  async file(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const kept = await this.caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    const response = await fetch(request);
    if (response.ok && isHashed(path)) {
      const copy = response.clone();
      await this.caches.open(LOOSE).then((cache) => cache.put(path, copy)).catch(() => undefined);
    }
    return response;
  }
}
