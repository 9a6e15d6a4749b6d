/**
 * The language that the listener chose. On a node it is in a cookie, because the node writes its pages in it
 * (`osp-node::pages::language`); plain files have nobody to tell, and keep it with the other settings.
 */

import { addresses } from "../addresses";
import { recall, store } from "../settings";
import type { Language } from "./parts";

const SETTING = "language";
const COOKIE = "lang";
/** Seconds that it is remembered: a year. */
const AGE = 31_536_000;

/** The code as it was stored; `null` when nothing was chosen. */
export function chosen(): string | null {
  if (addresses.isFiles) return recall(SETTING);
  return /(?:^|; *)lang=([^;]+)/.exec(document.cookie)?.[1] ?? null;
}

export function choose(code: Language): void {
  if (addresses.isFiles) return store(SETTING, code);
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${COOKIE}=${code}; path=/; max-age=${AGE}; samesite=lax${secure}`;
}
