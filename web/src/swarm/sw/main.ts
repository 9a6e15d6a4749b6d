/**
 * The service worker of listeners who play together, on every page with the player (`/fan` has one of its own). It answers
 * for the audio of tracks, and for nothing else.
 */

import type { Wish } from "../../lib/media/protocol";
import type { FetchEvent, Lasting, Scope } from "../../sw/scope";
import { isTogether } from "../road";
import { audio, beginning } from "./audio";

/** Routes that need no worker; Chromium knows them since 123, and then does not start the worker for other requests. */
interface Install extends Lasting {
  addRoutes?(routes: readonly object[]): Promise<void>;
}

const scope = globalThis as unknown as Scope;

scope.addEventListener("install", (event: Install) => {
  const rest = { condition: { not: { urlPattern: { pathname: "/api/v1/tracks/*/audio" } } }, source: "network" };
  // Some browsers know routes, but not this condition.
  event.waitUntil(Promise.resolve(event.addRoutes?.([rest])).catch(() => undefined));
  event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));

scope.addEventListener("message", (event) => {
  // "stay" needs no answer: an event is what keeps a worker awake while it streams.
  if ((event.data as Wish | null)?.media === "claim") event.waitUntil(scope.clients.claim());
});

scope.addEventListener("fetch", (event: FetchEvent) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== scope.location.origin || !isTogether(url)) return;
  const start = beginning(request.headers.get("Range"));
  if (event.clientId === "" || start === undefined) return;
  event.respondWith(audio(event, scope.clients, url.pathname, start));
});
