/** What lies beside kept tracks: covers, waveforms, lyrics, records, pages. In the browser's cache, where the service worker finds it, too. */

import type { Taken } from "./room";

/** The cache of it. */
export const BESIDE = "beside";
/** Largest thing that is kept beside a track, bytes. */
const MOST = 4 << 20;
/** Milliseconds that one thing may take: the track itself is here already. */
const PATIENCE_MS = 20_000;

/** As `fetch`, for what lies beside tracks: without a network it comes from this device. */
export async function fetchOrKept(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    const there = typeof caches === "undefined" ? undefined : await caches.match(path, { cacheName: BESIDE, ignoreVary: true });
    if (there) return there;
    throw error;
  }
}

/** Keeps what is at a path. What cannot be had is left out; that there is no room is told. */
export async function keepBeside(path: string, signal: AbortSignal, headers?: HeadersInit): Promise<Taken | undefined> {
  let response: Response;
  let body: Blob;
  try {
    response = await fetch(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]), ...(headers && { headers }) });
    if (!response.ok) return undefined;
    body = await response.blob();
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  if (body.size > MOST) return undefined;
  // It is the answer to every request for the path, whatever else such a request says.
  const kept = new Headers(response.headers);
  kept.delete("Vary");
  await (await caches.open(BESIDE)).put(path, new Response(body, { headers: kept }));
  return { name: path, size: body.size };
}

export async function dropBeside(paths: Iterable<string>): Promise<void> {
  const cache = await caches.open(BESIDE);
  await Promise.all([...paths].map((path) => cache.delete(path, { ignoreVary: true })));
}
