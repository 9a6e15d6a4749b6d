/** What a licence asks about time. Keys cannot enforce it, so it is asked for, and said to be a request. */

import { SealedError, type Beside, type Release, type Terms } from "../../smsg";

/** What came with a key as a file: a licence (`.smsgl`), or a table of newer keys (`.smsgk`), which may still be at its address. */
export type KeyFile = { readonly name: string } & ({ readonly bytes: Uint8Array } | { readonly table: Blob | string });

/** A file with the ending that says which of both it is. */
export async function keyFileOf(name: string, body: Blob): Promise<KeyFile> {
  return name.endsWith(".smsgk") ? { name, table: body } : { name, bytes: new Uint8Array(await body.arrayBuffer()) };
}

/** What was found beside the sealed file, as if it had been given. */
export const foundBeside = (beside: Beside): KeyFile =>
  "licence" in beside ? { name: "licence.smsgl", bytes: beside.licence } : { name: "keys.smsgk", table: beside.table };

/** Play; wait until; it is over since. Unix seconds. */
export type Wished = { readonly state: "play" } | { readonly state: "wait" | "over"; readonly at: number };

/** What the artist asks at `now`; a period counts from `first`. */
export function wishedAt({ notBefore, notAfter, period }: Terms, now: number, first: number): Wished {
  const ends = [notAfter, period === undefined ? undefined : first + period].filter((end) => end !== undefined);
  if (notBefore !== undefined && now < notBefore) return { state: "wait", at: notBefore };
  const end = Math.min(...ends);
  return now > end ? { state: "over", at: end } : { state: "play" };
}

/** Throws, and closes the release, when the artist asks that it is not played now. */
export function checkAsked(release: Release, file: string | undefined): void {
  const terms = release.terms!;
  const now = Math.floor(Date.now() / 1000);
  const wished = wishedAt(terms, now, terms.period === undefined ? now : firstUse(`${file ?? ""} ${terms.sale ?? terms.issued ?? ""}`, now));
  if (wished.state === "play") return;
  release.close();
  throw new SealedError(wished.state === "over" ? "licence_over" : "licence_not_begun", "the artist asks that this is not played now", wished.at);
}

/** When this browser first opened it; kept for nothing else, and only for licences whose period begins then. */
function firstUse(name: string, now: number): number {
  const key = `fan-first-use ${name}`;
  try {
    const known = Number(localStorage.getItem(key) ?? Number.NaN);
    if (Number.isFinite(known)) return known;
    localStorage.setItem(key, String(now));
  } catch {
    // No storage here: every use is the first.
  }
  return now;
}
