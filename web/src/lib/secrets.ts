/** What opens a sealed file and stands in an address: behind `#`, which browsers send nowhere, and not for longer than it takes to read it. */

/** A key, a fingerprint, a licence. */
const SECRETS = ["k", "f", "l"] as const;

/** The secrets of a fragment, as a query that can stand in another one; empty where there are none. */
export function secretsOf(hash: string): string {
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  const secrets = new URLSearchParams();
  if (!fragment.has("k")) return "";
  for (const name of SECRETS) {
    const value = fragment.get(name);
    if (value !== null) secrets.set(name, value);
  }
  return secrets.toString();
}

/** The fragment without what is secret, so that it does not stay in the history or get copied along. */
export function withoutSecrets(hash: string): string {
  const fragment = new URLSearchParams(hash.replace(/^#/, ""));
  for (const name of SECRETS) fragment.delete(name);
  // An address that brought its own key along.
  const url = fragment.get("url");
  if (url?.includes("#")) fragment.set("url", url.replace(/#.*/, ""));
  const rest = fragment.toString();
  return rest === "" ? "" : `#${rest}`;
}
