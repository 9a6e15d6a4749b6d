/** Pages: the network's while there is one, else the one that was seen last. */

import type { Addresses } from "../../lib/addresses";

/** Pages that were visited. */
const VISITED = "pages";
/** So many of them are kept; those seen longest ago go. */
const MOST = 150;
/** Milliseconds after which a page that is kept is shown instead of one that does not come. */
const PATIENCE_MS = 4000;

/** What a page is made of, as it is written; the names of the files are the same wherever it lies. */
const LINKS = /(<link rel="stylesheet" href="|<script type="module" src=")(?:[^"]*\/)?(assets\/[^"]+)("><\/script>|">)/g;

export class Pages {
  constructor(
    private readonly caches: CacheStorage,
    /** Where the pages of kept tracks are. */
    private readonly beside: string,
    /** Where the files of this build are. */
    private readonly shell: string,
    private readonly place: Pick<Addresses, "root" | "search" | "offline">,
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
    if (url.pathname === this.place.search && request.mode !== "navigate") return Response.error();
    return (await this.own(this.place.offline)) ?? Response.error();
  }

  private async kept(url: URL): Promise<Response | undefined> {
    const own = await this.match(url.pathname + url.search);
    if (own || url.search === "") return own;
    // A place in a track is on the track's page; a search is nobody else's.
    return url.pathname === this.place.search ? undefined : this.match(url.pathname);
  }

  /**
   * A page may have been kept when another build made it, whose files are gone by now: it is made of this one's then. Without
   * that it would be bare.
   */
  private async onThisBuild(page: Response): Promise<Response> {
    const own = (await (await this.own(this.place.offline))?.text()) ?? "";
    const links = [...own.matchAll(LINKS)].map(([, before = "", file = "", after = ""]) => ({ file, link: `${before}${this.place.root}${file}${after}` }));
    const text = await page.text();
    const isOwn = links.every(({ file }) => text.includes(file));
    const body = isOwn ? text : text.replace(LINKS, "").replace("</head>", () => `${links.map(({ link }) => link).join("")}</head>`);
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
    if (pathname === this.place.search || pathname === this.place.offline) return;
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
