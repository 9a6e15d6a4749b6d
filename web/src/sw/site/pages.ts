/** Pages: the network's while there is one, else the one that was seen last. */

/** Pages that were visited. */
const VISITED = "pages";
/** So many of them are kept; those seen longest ago go. */
const MOST = 150;
/** Milliseconds after which a page that is kept is shown instead of one that does not come. */
const PATIENCE_MS = 4000;

/** Paths of pages of the site. */
const PAGES = /^\/($|track\/[^/]+$|artist\/[^/]+(\/album\/[^/]+)?$|genres$|genre\/[^/]+$|search$|library$|offline$)/;

/** What a page is made of, as the node writes it. */
const LINKS = /<link rel="stylesheet" href="[^"]*\/assets\/[^"]+">|<script type="module" src="[^"]*\/assets\/[^"]+"><\/script>/g;

export const isPage = (path: string): boolean => PAGES.test(path);

export class Pages {
  constructor(
    private readonly caches: CacheStorage,
    /** Where the pages of kept tracks are. */
    private readonly beside: string,
    /** Where the files of this build are. */
    private readonly shell: string,
  ) {}

  async answer(request: Request, url: URL): Promise<Response> {
    const kept = await this.kept(url);
    try {
      const response = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
      if (response.status >= 500 && kept) return await this.onThisBuild(kept);
      if (response.ok && !response.redirected && isOf(response)) await this.visited(url, response.clone());
      // What was withdrawn is not shown later, either.
      else if (response.status === 404 || response.status === 410) await this.forget(url);
      return response;
    } catch {
      if (kept) return this.onThisBuild(kept);
    }
    // Who types in the search box stays where they are.
    if (url.pathname === "/search" && request.mode !== "navigate") return Response.error();
    return (await this.own("/offline")) ?? Response.error();
  }

  private async kept(url: URL): Promise<Response | undefined> {
    const own = await this.match(url.pathname + url.search);
    if (own || url.search === "") return own;
    // A place in a track is on the track's page; a search is nobody else's.
    return url.pathname === "/search" ? undefined : this.match(url.pathname);
  }

  /**
   * A page may have been kept when another build made it, whose files are gone by now: it is made of this one's then. Without
   * that it would be bare.
   */
  private async onThisBuild(page: Response): Promise<Response> {
    const links = ((await (await this.own("/offline"))?.text()) ?? "").match(LINKS) ?? [];
    const text = await page.text();
    const isOwn = links.every((link) => text.includes(link));
    const body = isOwn ? text : text.replace(LINKS, "").replace("</head>", () => `${links.join("")}</head>`);
    const headers = new Headers(page.headers);
    for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
    return new Response(body, { headers });
  }

  private async match(path: string): Promise<Response | undefined> {
    const visited = await this.caches.match(path, { cacheName: VISITED, ignoreVary: true });
    return visited ?? (await this.caches.match(path, { cacheName: this.beside, ignoreVary: true })) ?? this.own(path);
  }

  /** A page that every build keeps for itself. */
  private own = (path: string) => this.caches.match(path, { cacheName: this.shell, ignoreVary: true });

  private async forget({ pathname, search }: URL): Promise<void> {
    await (await this.caches.open(VISITED)).delete(pathname + search, { ignoreVary: true });
  }

  /** That there is no room for a page is no reason not to show it. */
  private async visited({ pathname, search }: URL, response: Response): Promise<void> {
    if (pathname === "/search" || pathname === "/offline") return;
    try {
      const cache = await this.caches.open(VISITED);
      await cache.put(pathname + search, response);
      const all = await cache.keys();
      await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map((old) => cache.delete(old)));
    } catch {
      // It is asked for anew next time.
    }
  }
}

const isOf = (response: Response): boolean => (response.headers.get("Content-Type") ?? "").startsWith("text/html");
