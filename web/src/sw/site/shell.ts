/** What every page is made of, kept so that pages open without a network, and so that a page of an older build goes on. */

import type { Addresses } from "../../lib/addresses";
import { isHashed } from "../shell";

/** Files under names that do not change. */
const FIXED = ["favicon.svg", "manifest.webmanifest", "icons/192.png"] as const;
/** Builds of which the files are kept: this one, and those that an open page may still be of. */
const BUILDS = 3;
/** Files of other builds and of what is loaded by agreement only. */
const LOOSE = "site-loose";

export class SiteShell {
  /** The cache of this build. */
  readonly name: string;
  private readonly family: string;
  private readonly fixed: readonly string[];

  /** `files`: what a build made, by paths from the root; `version` names the build. */
  constructor(
    private readonly caches: CacheStorage,
    version: string,
    private readonly files: readonly string[],
    private readonly place: Pick<Addresses, "root" | "library" | "offline">,
  ) {
    // One host may have several sites, each in a folder of its own.
    this.family = `site-${place.root === "/" ? "" : place.root}`;
    this.name = `${this.family}${version}`;
    this.fixed = FIXED.map((file) => place.root + file);
  }

  /** All or nothing: a build that cannot be kept whole does not take the place of the one before. */
  async keep(): Promise<void> {
    const cache = await this.caches.open(this.name);
    const { root, library, offline } = this.place;
    // Pages that are the same for everybody.
    await cache.addAll(this.files.map((file) => root + file));
    await cache.addAll([library, offline, ...this.fixed].map((path) => new Request(path, { cache: "no-cache" })));
  }

  /** Removes what much earlier builds kept; the list is in the order in which they came. */
  async tidy(): Promise<void> {
    const builds = (await this.caches.keys()).filter((name) => this.isOwn(name) && name !== this.name);
    await Promise.all(builds.slice(0, -(BUILDS - 1)).map((name) => this.caches.delete(name)));
  }

  /** Whether a cache is of this site: behind the name of its family stands nothing but a version. */
  private isOwn = (name: string): boolean => name.startsWith(this.family) && /^[0-9a-f]+$/.test(name.slice(this.family.length));

  has = (path: string): boolean => this.fixed.includes(path);

  /** A kept file; else the network's, kept if its name says that it never changes. */
  async file(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const kept = await this.caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    const response = await fetch(request);
    if (response.ok && isHashed(path, this.place.root)) {
      const copy = response.clone();
      await this.caches.open(LOOSE).then((cache) => cache.put(path, copy)).catch(() => undefined);
    }
    return response;
  }
}
