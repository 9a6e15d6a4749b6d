/** Typing errors in licence keys, in words. */

import type { KeyCheck } from "../../smsg";

/** What to look at; `undefined` when nothing is known to be wrong. */
export function typoSentence(check: KeyCheck): string | undefined {
  if (check.state !== "typo") return undefined;
  if (check.word !== undefined) {
    const word = check.found ? `Word ${check.word} (${check.found})` : `Word ${check.word}`;
    return check.suggestion ? `${word} looks mistyped. Did you mean ${check.suggestion}?` : `${word} looks mistyped.`;
  }
  const groups = check.groups ?? [];
  if (groups.length === 0) return check.message;
  if (groups.length === 1 && groups[0] === 0) return "The letters before the first hyphen look mistyped.";
  if (groups.length === 1) return `Group ${groups[0]} looks mistyped${check.found ? `: there is no “${check.found}” in a key` : ""}.`;
  return `Groups ${groups.slice(0, -1).join(", ")} or ${groups.at(-1)} look mistyped.`;
}
