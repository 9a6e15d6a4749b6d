/** What the page's own address asks for: `/fan#url=...&k=...`. A key counts only behind `#`, which browsers send nowhere. */

export interface Asked {
  readonly url?: string;
  readonly key?: string;
  readonly fingerprint?: string;
}

export function asked(address: Pick<Location, "search" | "hash">): Asked {
  const query = new URLSearchParams(address.search);
  const fragment = new URLSearchParams(address.hash.replace(/^#/, ""));
  const url = fragment.get("url") ?? query.get("url");
  const key = fragment.get("k");
  const fingerprint = fragment.get("f");
  return { ...(url && { url }), ...(key && { key }), ...(fingerprint && { fingerprint }) };
}

/** The fragment without what is secret, so that it does not stay in the history or get copied along. */
export function withoutSecrets(hash: string): string {
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  fragment.delete("k");
  fragment.delete("f");
  const rest = fragment.toString();
  return rest === "" ? "" : `#${rest}`;
}
