/** Keeps the page and everything it is made of, so that it opens without a network. */

/** The page's address; what stands behind `?` and `#` is for the page alone. */
export const PAGE = "/fan";
/** The same inside other people's pages. It is not kept for times without a network. */
export const FRAME = "/fan/frame";

/** Milliseconds after which a network that does not answer counts as gone. */
const PATIENCE_MS = 4000;

/** Files whose names contain a hash of their content. */
export const isHashed = (path: string): boolean => /^\/(assets|fan|swarm)\/[^/]+-[\w-]{8}\.\w+$/.test(path);

export class Shell {
  private readonly name: string;

  /** `files`: paths that a build made; `version` names the build. */
  constructor(
    private readonly caches: CacheStorage,
    version: string,
    private readonly files: readonly string[],
  ) {
    this.name = `fan-${version}`;
  }

  /** All or nothing: a build that cannot be kept whole does not take the place of the one before. */
  async keep(): Promise<void> {
    const cache = await this.caches.open(this.name);
    await cache.addAll([...this.files, "/favicon.svg"]);
    await cache.add(new Request(PAGE, { cache: "no-cache" }));
  }

  /** Removes what earlier builds kept. No page of theirs is open any more when this build becomes active. */
  async tidy(): Promise<void> {
    const old = (await this.caches.keys()).filter((name) => name.startsWith("fan-") && name !== this.name);
    await Promise.all(old.map((name) => this.caches.delete(name)));
  }

  /** The network's page, kept for next time; else the kept one. */
  async page(request: Request): Promise<Response> {
    try {
      const response = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
      if (response.status < 500) {
        if (response.ok && !response.redirected) await (await this.caches.open(this.name)).put(PAGE, response.clone());
        return response;
      }
    } catch {
      // No network; below.
    }
    return (await this.caches.match(PAGE, { ignoreVary: true })) ?? Response.error();
  }

  /** A kept file; else the network's, kept if its name says that it never changes. */
  async file(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const kept = await this.caches.match(path, { ignoreVary: true });
    if (kept) return kept;
    const response = await fetch(request);
    if (response.ok && isHashed(path)) await (await this.caches.open(this.name)).put(path, response.clone());
    return response;
  }
}
