/** Pages that are kept for times without a network, after the listener chose another language: none of them may be shown in the old one. */

/** Pages that were visited (`sw/site/pages.ts`): they are kept again when they are visited again. */
const VISITED = "pages";
/** What the node writes in the listener's language: pages, and what the app is called. */
const SPEAKS = /^(text\/html|application\/manifest\+json)/;
/** Milliseconds after which a node that says nothing counts as gone. */
const PATIENCE_MS = 4000;

/** Resolves when no visited page is left. Pages of kept tracks and of the shells are fetched anew behind that; without a network they stay. */
export async function pagesAnew(): Promise<void> {
  if (typeof caches === "undefined") return;
  try {
    await caches.delete(VISITED);
    const names = await caches.keys();
    void Promise.all(names.map(anew)).catch(() => undefined);
  } catch {
    // What cannot be read is not shown, either.
  }
}

async function anew(name: string): Promise<void> {
  const cache = await caches.open(name);
  for (const request of await cache.keys()) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (!SPEAKS.test(kept?.headers.get("Content-Type") ?? "")) continue;
    // Without asking for HTML it is not the service worker that answers, with what is kept.
    const asked = fetch(request.url, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE_MS) });
    const page = await asked.catch(() => undefined);
    if (!page?.ok) continue;
    await cache.delete(request, { ignoreVary: true });
    await cache.put(request.url, page);
  }
}
