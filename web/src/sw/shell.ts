/** Keeps the page and everything it is made of, so that it opens without a network. */

import type { Place } from "./place";

/** Milliseconds after which a network that does not answer counts as gone. */
const PATIENCE_MS = 4000;

/** Files whose names contain a hash of their content. */
export const isHashed = (path: string, root = "/"): boolean =>
  path.startsWith(root) && /^(assets|fan|swarm)\/[^/]+-[\w-]{8}\.\w+$/.test(path.slice(root.length));

export class Shell {
  private readonly name: string;
  private readonly family: string;

  /** `files`: what a build made, by paths from the root; `version` names the build. */
  constructor(
    private readonly caches: CacheStorage,
    version: string,
    private readonly files: readonly string[],
    private readonly place: Place,
  ) {
    // One host may have several sites, each in a folder of its own.
    this.family = `fan-${place.root === "/" ? "" : place.root}`;
    this.name = `${this.family}${version}`;
  }

  /** All or nothing: a build that cannot be kept whole does not take the place of the one before. */
  async keep(): Promise<void> {
    const cache = await this.caches.open(this.name);
    const { root, page } = this.place;
    await cache.addAll([...this.files, "favicon.svg"].map((file) => root + file));
    await cache.add(new Request(page, { cache: "no-cache" }));
  }

  /** Removes what earlier builds kept. No page of theirs is open any more when this build becomes active. */
  async tidy(): Promise<void> {
    const old = (await this.caches.keys()).filter((name) => this.isOwn(name) && name !== this.name);
    await Promise.all(old.map((name) => this.caches.delete(name)));
  }

  /** Whether a cache is of this site: behind the name of its family stands nothing but a version. */
  private isOwn(name: string): boolean {
    return name.startsWith(this.family) && /^[0-9a-f]+$/.test(name.slice(this.family.length));
  }

  /** The network's page, kept for next time; else the kept one. */
  async page(request: Request): Promise<Response> {
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (response.status < 500) {
        if (response.ok && !response.redirected) await (await this.caches.open(this.name)).put(this.place.page, response.clone());
        return response;
      }
    } catch {
      // No network; below.
    }
    return (await this.caches.match(this.place.page, { ignoreVary: true })) ?? Response.error();
  }

  /** A kept file; else the network's, kept if its name says that it never changes. */
  async file(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const kept = await this.caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    const response = await fetch(request);
    if (response.ok && isHashed(path, this.place.root)) await (await this.caches.open(this.name)).put(path, response.clone());
    return response;
  }
}
