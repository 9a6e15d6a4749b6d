/**
 * The service worker of `/fan`, and of nothing else: it keeps the page for times without a network, and turns opened
 * attachments into addresses that a media element can seek in and a browser can save from.
 */

import type { Wish } from "../lib/media/protocol";
import { answer, missing, type MediaFile } from "./media";
import { findFile } from "./pages";
import type { FetchEvent, Scope } from "./scope";
import { placeOf } from "./place";
import { isHashed, Shell } from "./shell";

/** What Vite built, put in by `vite.config.ts`. */
declare const SHELL: { readonly version: string; readonly files: readonly string[] };

const scope = globalThis as unknown as Scope;
const place = placeOf(scope.location.pathname);
const shell = new Shell(caches, SHELL.version, SHELL.files, place);

scope.addEventListener("install", (event) => event.waitUntil(shell.keep()));

scope.addEventListener("activate", (event) => {
  event.waitUntil(shell.tidy().then(() => scope.clients.claim()));
});

scope.addEventListener("message", (event) => {
  // "stay" needs no answer: an event is what keeps a worker awake while it streams.
  if ((event.data as Wish | null)?.media === "claim") event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== scope.location.origin || request.method !== "GET") return;
  if (url.pathname.startsWith(place.media)) event.respondWith(media(event, url));
  else if (request.mode === "navigate") {
    if (url.pathname === place.page) event.respondWith(shell.page(request));
  } else if (isHashed(url.pathname, place.root) || url.pathname === `${place.root}favicon.svg`) event.respondWith(shell.file(request));
});

/** A file that somebody navigates to is saved: it is never a page of its own. */
async function media(event: FetchEvent, url: URL): Promise<Response> {
  const { request } = event;
  const file = await findFile(scope.clients, event.clientId, url.pathname, place.pages);
  if (!file) return missing();
  const saves = request.mode === "navigate" || url.searchParams.has("save");
  return answer(lasting(file, event), request.headers.get("Range"), saves);
}

/** The file, with the event kept open until it has been read. */
function lasting(file: MediaFile, event: FetchEvent): MediaFile {
  let finish: (() => void) | undefined;
  event.waitUntil(
    new Promise<void>((resolve) => {
      finish = resolve;
    }),
  );
  return {
    ...file,
    close() {
      file.close();
      finish?.();
    },
  };
}
