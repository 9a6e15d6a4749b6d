/** Covers: what lies beside kept tracks at once, for it never changes; others from the network, or as they were seen last. */

const SEEN = "pictures";
/** So many are kept, each of at most so many bytes. */
const MOST = 120;
const MOST_BYTES = 300_000;

/** `root`: the site's. Plain files have their pictures under another name. */
export const isPicture = (request: Request, { pathname }: URL, root: string): boolean =>
  request.destination === "image" && pathname.startsWith(root) && /^(ipfs|content|cover)\/[^/]+$/.test(pathname.slice(root.length));

/** `later` is given what goes on when the picture is on its way to the page. */
export async function pictures(request: Request, caches: CacheStorage, beside: string, later: (work: Promise<void>) => void): Promise<Response> {
  const path = new URL(request.url).pathname;
  const kept = await caches.match(path, { cacheName: beside, ignoreVary: true });
  if (kept) return kept;
  try {
    const response = await fetch(request);
    if (response.ok) later(seen(path, response.clone(), caches));
    return response;
  } catch {
    return (await caches.match(path, { cacheName: SEEN, ignoreVary: true })) ?? Response.error();
  }
}

async function seen(path: string, response: Response, caches: CacheStorage): Promise<void> {
  if (!(Number(response.headers.get("Content-Length") ?? Number.NaN) <= MOST_BYTES)) return void response.body?.cancel();
  try {
    const cache = await caches.open(SEEN);
    await cache.put(path, response);
    const all = await cache.keys();
    await Promise.all(all.slice(0, Math.max(0, all.length - MOST)).map((old) => cache.delete(old)));
  } catch {
    // No room: it is shown all the same.
  }
}
