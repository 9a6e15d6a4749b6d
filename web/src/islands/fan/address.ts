/** What the page's own address asks for: `/fan#url=...&artist=DID&k=...&l=...`. A key counts only behind `#`, which browsers send nowhere. */

import { addresses } from "../../lib/addresses";

export interface Asked {
  readonly url?: string;
  readonly key?: string;
  readonly fingerprint?: string;
  /** The licence that goes with the key, as it stands in a link. */
  readonly licence?: string;
  /** The DID of who signed the record that led here. */
  readonly artist?: string;
  /** The id of a release on the shelf. */
  readonly shelf?: string;
}

/** A path stands for a file of the page's own site: so its pages lead here. */
function whole(url: string | undefined, origin: string | undefined): string | undefined {
  if (url === undefined || origin === undefined || url.startsWith("//")) return url;
  // Plain files say it as seen from their root.
  if (!url.startsWith("/") && !(addresses.isFiles && /^audio\/[^/]+$/.test(url))) return url;
  if (!URL.canParse(addresses.root, origin)) return url;
  const root = new URL(addresses.root, origin);
  return URL.canParse(url, root) ? new URL(url, root).href : url;
}

export function asked(address: Pick<Location, "search" | "hash"> & Partial<Pick<Location, "origin">>): Asked {
  const query = new URLSearchParams(address.search);
  const fragment = new URLSearchParams(address.hash.replace(/^#/, ""));
  // What stood in the query was sent to a server already: nothing in it opens a file.
  const url = whole(fragment.get("url") ?? query.get("url")?.replace(/#.*/, ""), address.origin);
  const key = fragment.get("k");
  const fingerprint = fragment.get("f");
  const licence = fragment.get("l");
  const artist = fragment.get("artist");
  const shelf = fragment.get("shelf");
  return {
    ...(url && { url }),
    ...(key && { key }),
    ...(fingerprint && { fingerprint }),
    ...(licence && { licence }),
    ...(artist && { artist }),
    ...(shelf && { shelf }),
  };
}

/** An address with its key, as a shop sends it (`https://.../release.smsg#k=...&l=...`): where the file is, and what opens it. */
export function askedByLink(link: URL): Asked {
  const bare = new URL(link);
  bare.hash = "";
  const { url: _, ...rest } = asked({ search: "", hash: link.hash });
  return { url: bare.href, ...rest };
}
