/**
 * Search of a site that is nothing but files: an index of texts, and the rows that the pages' own templates made.
 *
 * ```text
 *  search/index.json   {"rows": 50, "texts": ["title\nartist\nalbum\ngenres", …]}   the oldest track first
 *  search/rows-0.json  ["<li data-track=…>…</li>", …]                              rows 0 to 49, and so on
 * ```
 */

import { addresses } from "./addresses";
import { holdBack, putBack } from "./by-screens";
import { all, announce } from "./dom";
import { t } from "./messages";
import { rowsOf } from "./tracks";

/** Rows that are shown. */
const MOST = 48;

interface Index {
  /** Rows in a file. */
  readonly rows: number;
  readonly texts: readonly string[];
}

let loading: Promise<Index> | undefined;
const files = new Map<number, Promise<readonly string[]>>();

/** Fills the result page for what its address asks. */
export async function showFound(place: HTMLElement, adopt: (row: HTMLElement) => void): Promise<void> {
  const words = new URL(location.href).searchParams.get("q") ?? "";
  const [line, list] = [place.querySelector("[data-results]"), place.querySelector("ol")];
  const heading = place.querySelector("h1");
  if (!line || !list) return;
  if (heading && words) heading.textContent = words;
  try {
    loading ??= fetched<Index>("index");
    const index = await loading;
    const found = find(index.texts, words);
    const rows = await Promise.all(found.slice(0, MOST).map((at) => rowAt(index, at)));
    if (!place.isConnected) return;
    list.append(...rowsOf(rows.join("")));
    const rest = holdBack(place);
    for (const row of all(list, "li")) adopt(row);
    void putBack(rest, adopt);
    line.textContent = t().search.found(found.length, MOST);
  } catch {
    loading = undefined;
    files.clear();
    line.textContent = t().search.failed;
  }
  announce(line.textContent ?? "");
}

/** As people compare: without marks and capitals. */
const folded = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Which texts have every word at the beginning of one of theirs: those with all of them in the title first, then the newest
 * first. Without words: the newest.
 */
export function find(texts: readonly string[], words: string): number[] {
  let lines = folds.get(texts);
  if (!lines) folds.set(texts, (lines = texts.map(foldedLines)));
  const asked = wordsOf(words).map((word) => ` ${word}`);
  const hasAll = (line: string) => asked.every((word) => line.includes(word));
  const found: { readonly at: number; readonly inTitle: boolean }[] = [];
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const { whole, title } = lines[at]!;
    if (hasAll(whole)) found.push({ at, inTitle: hasAll(title) });
  }
  return [...found.filter((one) => one.inTitle), ...found.filter((one) => !one.inTitle)].map((one) => one.at);
}

/** The words of a text, each with a space before it, so that one can be looked for by its beginning. */
interface Folded {
  readonly whole: string;
  readonly title: string;
}

/** Made once for an index: each key that is pressed looks through all of it. */
const folds = new WeakMap<readonly string[], readonly Folded[]>();

const foldedLines = (text: string): Folded => ({ whole: lineOf(text), title: lineOf(text.split("\n", 1)[0] ?? "") });

const lineOf = (text: string): string => wordsOf(text).map((word) => ` ${word}`).join("");

const wordsOf = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];

async function rowAt({ rows }: Index, at: number): Promise<string> {
  const number = Math.floor(at / rows);
  let file = files.get(number);
  if (!file) files.set(number, (file = fetched<readonly string[]>(`rows-${number}`)));
  return (await file)[at % rows] ?? "";
}

async function fetched<T>(name: string): Promise<T> {
  const response = await fetch(`${addresses.root}search/${name}.json`);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()) as T;
}
