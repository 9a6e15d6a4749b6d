/**
 * The newest table beside each sealed file that this browser saw, so that an older one is refused afterwards (`spec/SMSG.md` 19.7).
 * What is kept is the file's id, which is a hash, and a number; nothing of keys, titles or addresses. Who clears the storage begins
 * anew.
 */

import { recall, store } from "../lib/settings";

const name = (file: string): string => `table-seen.${file}`;

/** 0: none. */
export function tableSeen(file: string): number {
  const number = Number(recall(name(file)) ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/** Notes a table; an older one changes nothing. */
export function noteTable(file: string, number: number): void {
  if (number > tableSeen(file)) store(name(file), String(number));
}
