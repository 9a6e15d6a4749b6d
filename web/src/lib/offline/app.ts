/** The site as an app: its service worker, new versions of it, and a place on the listener's device. */

import { createSignal } from "solid-js";
import { addresses } from "../addresses";

/** Milliseconds between looks for a new version, for pages that stay open for long. */
const LOOK_MS = 60 * 60 * 1000;
/** Milliseconds in which a newer worker takes over when nothing is in its way. */
const PATIENCE_MS = 2000;

const [isNewer, setNewer] = createSignal(false);
const [offer, setOffer] = createSignal<InstallOffer>();

/** Whether a newer version is here and waits (reactive). */
export { isNewer };

/** Whether the browser would install the app (reactive). */
export const canInstall = (): boolean => offer() !== undefined;

/** What Chromium says when a page may be installed; not in TypeScript's types. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

let registration: ServiceWorkerRegistration | undefined;

/** Starts all of it when the page has come to rest: nothing here may delay the first sound. */
export function startApp(): void {
  addEventListener("beforeinstallprompt", (event) => {
    // The browser's own banner would come at a moment of its choice.
    event.preventDefault();
    setOffer(event as InstallOffer);
  });
  addEventListener("appinstalled", () => setOffer(undefined));
  if (typeof navigator === "undefined" || !("serviceWorker" in navigator) || !isSecureContext) return;
  if (document.readyState === "complete") setTimeout(register);
  else addEventListener("load", () => setTimeout(register), { once: true });
}

async function register(): Promise<void> {
  let mine: ServiceWorkerRegistration;
  try {
    mine = await navigator.serviceWorker.register(addresses.worker.script, { scope: addresses.worker.scope, updateViaCache: "none" });
  } catch {
    // Private windows of some browsers: the site works, with a network.
    return;
  }
  registration = mine;
  // This page was made by the newer build already. If no other is open, nobody needs the older worker.
  if (mine.waiting) {
    tell(mine.waiting, "alone");
    setTimeout(() => watch(mine.waiting), PATIENCE_MS);
  }
  watch(mine.installing);
  mine.addEventListener("updatefound", () => watch(mine.installing));
  setInterval(() => void mine.update().catch(() => undefined), LOOK_MS);
}

/** Tells of a worker that is ready while another one has the page. */
function watch(worker: ServiceWorker | null) {
  const look = () => setNewer(worker?.state === "installed" && navigator.serviceWorker.controller !== null);
  if (!worker) return;
  look();
  worker.addEventListener("statechange", look);
}

const loadAnew = () => location.reload();

/** Goes over to the newer version, and loads the page anew. Only ever done when the listener asks for it. */
export function takeNewer(): void {
  const { waiting } = registration ?? {};
  if (!waiting) return loadAnew();
  navigator.serviceWorker.addEventListener("controllerchange", loadAnew, { once: true });
  tell(waiting, "now");
}

function tell(worker: ServiceWorker, update: "now" | "alone") {
  // A worker is of one origin; the rule thinks of windows.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  worker.postMessage({ update });
}

/** Asks the browser to install the app. */
export async function install(): Promise<void> {
  const asked = offer();
  setOffer(undefined);
  await asked?.prompt();
}
