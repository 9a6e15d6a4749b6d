/**
 * Where things live. Behind a page there is a node, with its routes; or only files beside each other in some folder of some
 * host, which the page says in its head with the way to the folder's root:
 *
 *     <meta name="osp-files" content="../">
 *
 * Templates in osp-node (pages/addresses.rs) put the same addresses into the pages.
 */

/** The addresses of one site, as paths. */
export interface Addresses {
  /** Whether there is no node to ask: what is not a file is not there. */
  readonly isFiles: boolean;
  /** With a slash at its end. */
  readonly root: string;
  /** A track's page, by its key. */
  page(key: string): string;
  /** A track's signed record. */
  record(key: string): string;
  /** A track's bytes. Of plain files the page that shows a track says where they are. */
  audio(track: { readonly key: string; readonly audio?: string }): string;
  /** A player for other people's pages; `size` as it is named there. */
  embed(key: string, size: string): string;
  /** Whether a path is that of a page of ours (the rest are files and data). */
  isPage(path: string): boolean;
  /** The results of searches. */
  readonly search: string;
  /** What is kept on this device. */
  readonly library: string;
  /** What is shown where there is no connection. */
  readonly offline: string;
  /** The service worker of all pages but the next. */
  readonly worker: { readonly script: string; readonly scope: string };
  /** The page that opens sealed files, and its service worker. */
  readonly fan: { readonly page: string; readonly script: string; readonly scope: string; readonly media: string };
}

const NODE_PAGES = /^\/($|track\/[^/]+$|artist\/[^/]+(\/album\/[^/]+)?$|genres$|genre\/[^/]+$|search$|library$|offline$)/;
const FILE_PAGES = /^($|(track|genre|artist|artist\/[^/]+\/album)\/[^/]+\.html$|(index|genres|search|library|offline|page-\d+)\.html$)/;

const ofNode: Addresses = {
  isFiles: false,
  root: "/",
  page: (key) => `/track/${encodeURIComponent(key)}`,
  record: (key) => `/api/v1/tracks/${encodeURIComponent(key)}`,
  audio: ({ key }) => `/api/v1/tracks/${encodeURIComponent(key)}/audio`,
  embed: (key, size) => `/embed/${encodeURIComponent(key)}?size=${size}`,
  isPage: (path) => NODE_PAGES.test(path),
  search: "/search",
  library: "/library",
  offline: "/offline",
  worker: { script: "/sw.js", scope: "/" },
  fan: { page: "/fan", script: "/fan/sw.js", scope: "/fan", media: "/fan/media/" },
};

/** Of plain files whose root is at this path. */
function ofFiles(root: string): Addresses {
  const file = (folder: string, key: string, rest: string) => `${root}${folder}/${encodeURIComponent(key)}${rest}`;
  return {
    isFiles: true,
    root,
    page: (key) => file("track", key, ".html"),
    record: (key) => file("track", key, ".json"),
    audio: ({ audio }) => audio ?? "",
    embed: (key, size) => file("embed", key, `-${size}.html`),
    isPage: (path) => path.startsWith(root) && FILE_PAGES.test(path.slice(root.length)),
    search: `${root}search.html`,
    library: `${root}library.html`,
    offline: `${root}offline.html`,
    worker: { script: `${root}site-sw.js`, scope: root },
    // A worker reaches no further than the folder that it is in, unless a header says so.
    fan: { page: `${root}fan.html`, script: `${root}fan-sw.js`, scope: `${root}fan`, media: `${root}fan/media/` },
  };
}

/** `root`: the way to the root of plain files, seen from the page; `undefined` where there is a node. */
export function addressesOf(root: string | undefined, page: string): Addresses {
  return root === undefined ? ofNode : ofFiles(new URL(root || "./", page).pathname);
}

/** Where the bytes of a track are that some page of this origin kept: on a node, or in any folder of plain files. */
export const bytesOf = (track: { readonly key: string; readonly audio?: string }): string => track.audio ?? ofNode.audio(track);

function said(): string | undefined {
  if (typeof document === "undefined") return undefined;
  return document.querySelector<HTMLMetaElement>('meta[name="osp-files"]')?.content;
}

/** Those of this page. They are settled when it is loaded: moving between pages changes what relative ones mean. */
export const addresses: Addresses = addressesOf(said(), typeof location === "undefined" ? "" : location.href);

/** A path of this origin, as the page shown now says it. */
export const pathOf = (address: string): string =>
  address === "" || address.startsWith("/") ? address : new URL(address, location.href).pathname;

/** Makes addresses whole that stay when the page changes: those around `<main>`. */
export function settleLinks(): void {
  if (!addresses.isFiles) return;
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    if (!link.closest("main") && !link.getAttribute("href")?.startsWith("#")) link.setAttribute("href", link.href);
  }
  // Browsers look for these again when the address changes.
  const lasting = "link[rel=icon], link[rel=manifest], link[rel=apple-touch-icon]";
  for (const link of document.querySelectorAll<HTMLLinkElement>(lasting)) link.setAttribute("href", link.href);
  for (const form of document.querySelectorAll("form")) form.setAttribute("action", form.action);
}
