/** Typing errors in licence keys, in words. */

import { f } from "../../lib/messages/fan";
import type { KeyCheck } from "../../smsg";

/** What to look at; `undefined` when nothing is known to be wrong. */
export function typoSentence(check: KeyCheck): string | undefined {
  if (check.state !== "typo") return undefined;
  const texts = f().typo;
  if (check.word !== undefined) {
    const word = texts.word(check.word, check.found);
    return check.suggestion ? `${word} ${texts.meant(check.suggestion)}` : word;
  }
  const groups = check.groups ?? [];
  if (groups.length === 0) return texts.other(check.message);
  if (groups.length === 1) return groups[0] === 0 ? texts.prefix : texts.group(groups[0]!, check.found);
  return texts.groups(groups);
}
