/** Words of a song: plain text, or LRC with the second at which each line begins (spec section 4.15). */

/** One line. */
export interface Line {
  readonly text: string;
  /** Seconds from the beginning of the track; absent in plain text. */
  readonly at?: number;
}

/** Most bytes that are read. */
export const MAX_LYRICS_BYTES = 131_072;

const TAG = /^\s*\[(\d{1,3}):(\d\d)(?:[.:](\d{1,3}))?\]/;

/** The lines as they are shown: in the order in which they are sung. */
export function linesOf(text: string): readonly Line[] {
  const raw = text.replace(/^\uFEFF/, "").split(/\r\n|\r|\n/);
  if (!raw.some((line) => TAG.test(line))) return trimmed(raw).map((line) => ({ text: line }));
  const offset = Number(/^\s*\[offset:\s*([+-]?\d{1,9})\s*\]/im.exec(text)?.[1] ?? 0) / 1000;
  const lines: Required<Line>[] = [];
  for (const line of raw) {
    const times: number[] = [];
    let rest = line;
    for (let tag = TAG.exec(rest); tag; tag = TAG.exec(rest)) {
      times.push(Number(tag[1]) * 60 + Number(tag[2]) + Number(`0.${tag[3] ?? 0}`));
      rest = rest.slice(tag[0].length);
    }
    for (const at of times) lines.push({ text: rest.trim(), at: Math.max(0, at - offset) });
  }
  return lines.toSorted((a, b) => a.at - b.at);
}

/** The line that is sung at a second; -1 before the first, and in plain text. */
export function lineAt(lines: readonly Line[], seconds: number): number {
  let found = -1;
  for (const [index, { at }] of lines.entries()) {
    if (at === undefined || at > seconds) break;
    found = index;
  }
  return found;
}

/** Without empty lines at either end. */
function trimmed(lines: readonly string[]): readonly string[] {
  const filled = lines.map((line) => line.trim() !== "");
  const [first, last] = [filled.indexOf(true), filled.lastIndexOf(true)];
  return first < 0 ? [] : lines.slice(first, last + 1);
}
