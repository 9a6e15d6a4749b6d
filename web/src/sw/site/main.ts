/**
 * The service worker of the site: every page but `/fan`, which has one of its own with the longer scope.
 *
 *     search as somebody types          is none of its business; of plain files a page as others
 *     page                              network first; the kept one; what is kept of its track; "no connection"
 *     /assets/…-hash.js                 what is kept, whichever build made it; else the network
 *     picture                           the network, then what is kept; drawn covers of a node: what is kept, then the network
 *     /api/…/audio?kept, audio/…?kept   a private file of this device, by ranges
 *     /api/…/audio?together             the page that listens together with others, else the node
 *     anything else                     is none of its business
 *
 * A new build waits until nobody uses the old one, or until the listener asks for it: nothing changes under music that plays.
 */

import { BESIDE } from "../../lib/offline/beside";
import { isKeptAt } from "../../lib/offline/road";
import type { Wish } from "../../lib/media/protocol";
import { isTogether } from "../../swarm/road";
import { audio, beginning } from "../../swarm/sw/audio";
import type { FetchEvent, Lasting, Scope } from "../scope";
import { isHashed } from "../shell";
import { keptAudio } from "./kept-audio";
import { Pages } from "./pages";
import { isPicture, pictures } from "./pictures";
import { placeOf } from "./place";
import { SiteShell } from "./shell";

/** What Vite built, put in by `vite.config.ts`. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] };

const scope = globalThis as unknown as Scope;
const place = placeOf(scope.location.href);
const shell = new SiteShell(caches, SHELL.version, SHELL.files, place);
const pages = new Pages(caches, BESIDE, shell.name, place);

/** Routes that need no worker; Chromium knows them since 123. A worker that sleeps takes longer to wake than a track to begin. */
interface Install extends Lasting {
  addRoutes?(routes: readonly object[]): Promise<void>;
}

scope.addEventListener("install", (event: Install) => {
  const rest = { condition: { urlPattern: { pathname: "/api/*", search: "" } }, source: "network" };
  // Each key that is typed into a node's search box, and links to results.
  const typed = { condition: { urlPattern: { pathname: place.search }, requestMode: "cors" }, source: "network" };
  // What a node draws never changes, and the browser may keep it for ever: a list of results shows a screen of covers at once.
  const drawn = { condition: { urlPattern: { pathname: "/cover/*" } }, source: { cacheName: BESIDE } };
  const routes = place.isFiles ? [rest] : [rest, drawn, typed];
  event.waitUntil(Promise.resolve(event.addRoutes?.(routes)).catch(() => undefined));
  event.waitUntil(shell.keep());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(shell.tidy().then(() => scope.clients.claim()));
});

scope.addEventListener("message", (event) => {
  const wish = event.data as Wish | { readonly update: "now" | "alone" } | null;
  if (wish && "update" in wish) event.waitUntil(takeOver(wish.update));
  // "stay" needs no answer: an event is what keeps a worker awake while it streams.
  else if (wish?.media === "claim") event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.location.origin || request.method !== "GET") return;
  if (isKeptAt(url)) event.respondWith(keptAudio(url.pathname, request));
  else if (isTogether(url)) together(event, url);
  else if (isTyped(url, request)) return;
  else if (place.isPage(url.pathname) && wantsPage(request)) event.respondWith(pages.answer(request, url));
  else if (isHashed(url.pathname, place.root) || shell.has(url.pathname)) event.respondWith(shell.file(request));
  else if (isPicture(request, url, place.root)) event.respondWith(pictures(request, caches, BESIDE, (work) => event.waitUntil(work)));
});

/** Takes the place of the worker before; `alone`: unless another page may still need that one. */
async function takeOver(when: "now" | "alone"): Promise<void> {
  const windows = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  // The page for sealed files is not ours.
  const ours = windows.filter(({ url }) => place.isPage(new URL(url).pathname));
  if (when === "now" || ours.length <= 1) await scope.skipWaiting();
}

function together(event: FetchEvent, url: URL) {
  const start = beginning(event.request.headers.get("Range"));
  if (event.clientId === "" || start === undefined) return;
  event.respondWith(audio(event, scope.clients, url.pathname, start));
}

/** A search that is asked as somebody types, or follows a link: what was found before is no answer to it. */
const isTyped = ({ pathname }: URL, request: Request): boolean => !place.isFiles && pathname === place.search && request.mode !== "navigate";

/** A page that is gone to, or that the page there is fetches to show it in its own place. */
const wantsPage = (request: Request): boolean =>
  request.mode === "navigate" || (request.destination === "" && (request.headers.get("Accept") ?? "").startsWith("text/html"));
