/**
 * Moving between pages without leaving the document, so that music plays on: the next page is fetched as HTML
 * and its `<main>` put in place of this one's. Whatever goes wrong, the browser goes there the ordinary way.
 */

import { addresses } from "./addresses";
import { takeWords } from "./around";
import { holdBack, putBack } from "./by-screens";
import { announce, isPlainClick } from "./dom";
import { t } from "./messages";

type Ready = (part: HTMLElement) => void;

let ready: Ready = () => {};
let adopted: Ready = () => {};
let current: AbortController | undefined;
let shown = "";

/** Takes over links and the back button. `mounted` is called with every new `<main>`, `adopt` with each row that comes after it. */
export function takeOverNavigation(mounted: Ready, adopt: Ready): void {
  ready = mounted;
  adopted = adopt;
  shown = location.pathname + location.search;
  history.scrollRestoration = "manual";
  const before = (history.state as { scroll?: number } | null)?.scroll;
  if (before) window.scrollTo(0, before); // a page loaded anew, or come back to
  document.addEventListener("click", (event) => {
    const url = destination(event);
    if (!url) return;
    event.preventDefault();
    rememberScroll();
    void visit(url, { push: true });
  });
  window.addEventListener("popstate", (event: PopStateEvent) => {
    // A fragment on the same page: the browser scrolls by itself.
    if (location.pathname + location.search === shown) return;
    const scroll = (event.state as { scroll?: number } | null)?.scroll ?? 0;
    void visit(new URL(location.href), { push: false, scroll });
  });
  window.addEventListener("pagehide", rememberScroll);
}

function rememberScroll() {
  history.replaceState({ scroll: window.scrollY }, "");
}

/** Where a click leads, if it is a plain click on a link to one of our pages. */
export function destination(event: MouseEvent): URL | undefined {
  if (!isPlainClick(event)) return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download")) return undefined;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || !addresses.isPage(url.pathname)) return undefined;
  const samePage = url.pathname === location.pathname && url.search === location.search;
  return samePage && url.hash ? undefined : url;
}

/** How a page is shown. */
export interface VisitOptions {
  /** A new entry in the history, or the present one rewritten. */
  readonly push: boolean;
  /** Where to scroll; 0 for a page seen first. */
  readonly scroll?: number;
  /** Leaves focus where it is (typing in the search box). */
  readonly keepFocus?: boolean;
  /** Shows the first screen of long lists first: another page may be wanted in a moment. */
  readonly byScreens?: boolean;
}

/** Shows another page. Resolves to `false` when a newer visit took its place. */
export async function visit(url: URL, options: VisitOptions): Promise<boolean> {
  current?.abort();
  const mine = new AbortController();
  current = mine;
  try {
    const response = await fetch(url, { signal: mine.signal, headers: { Accept: "text/html" } });
    if (!response.headers.get("Content-Type")?.startsWith("text/html")) throw new Error("not a page");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const main = page.querySelector("main");
    const old = document.querySelector("main");
    if (!main || !old) throw new Error("not one of our pages");
    if (mine.signal.aborted) return false;
    takeWords(page);
    show(url, page.title, old, document.adoptNode(main), options);
    return true;
  } catch {
    if (mine.signal.aborted) return false;
    // Somebody who is typing stays where they are; everybody else sees what the browser has to say.
    if (options.keepFocus) announce(t().said.unreachable);
    else location.assign(url);
    return false;
  }
}

/** Shows this page once more, as it is now. Whoever does something on it is not disturbed. */
export const showAgain = (): Promise<boolean> => visit(new URL(location.href), { push: false, keepFocus: true });

function show(url: URL, title: string, old: HTMLElement, main: HTMLElement, options: VisitOptions) {
  if (options.push) history.pushState({ scroll: 0 }, "", url);
  else if (options.keepFocus) history.replaceState({ scroll: 0 }, "", url);
  shown = location.pathname + location.search;
  const rest = options.byScreens ? holdBack(main) : [];
  old.replaceWith(main);
  document.title = title;
  ready(main);
  void putBack(rest, adopted);
  if (options.keepFocus) return;
  const anchor = url.hash ? document.getElementById(decodeURIComponent(url.hash.slice(1))) : null;
  if (anchor) anchor.scrollIntoView();
  else window.scrollTo(0, options.scroll ?? 0);
  const heading = main.querySelector<HTMLElement>("h1");
  if (heading) {
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }
  announce(title);
}
