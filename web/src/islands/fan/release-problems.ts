/** What goes wrong with files of version 3.0 alone. */

import { day } from "./dates";
import type { Problem, Trouble } from "./problems";

const ELSEWHERE = "Download it again, best from elsewhere. If that does not help, ask the artist.";

/** Of a problem that files of version 3.0 have; `isRelease`: the file is one. */
export function releaseTrouble({ problem, message, detail }: Problem, isRelease: boolean): Trouble | undefined {
  switch (problem) {
    case "typing_error":
      return { sentence: "There is a mistake in the key.", ...(message && { hint: `${capital(message)}.` }), aboutKey: true };
    case "not_a_key":
      return { sentence: "This is not a licence key.", hint: "A key has the artist's letters, then groups of four. Copy it as you were given it.", aboutKey: true };
    case "wrong_file":
      return { sentence: "This licence is for another file.", hint: "Choose the licence that was sold with this one.", aboutKey: true };
    case "bad_licence":
      return { sentence: "The licence in the link is damaged.", hint: "Copy the whole link again: parts of it were lost." };
    case "bad_grant":
      return { sentence: "The key is right, but what it leads to is not.", hint: "The file or the licence was made wrongly. Ask who sold it to you." };
    case "licence_over":
      return {
        sentence: `The artist let this licence end on ${day(Number(detail))}.`,
        hint: "The date is a request of the artist, not a lock: your key still opens it. The artist asks you to renew instead.",
        mayIgnoreExpiry: true,
      };
    case "licence_not_begun":
      return {
        sentence: `The artist asks you to wait with this until ${day(Number(detail))}.`,
        hint: "The date is a request of the artist, not a lock. Look at the date of your device, too.",
        mayIgnoreExpiry: true,
      };
    case "bad_signature":
      return { sentence: "The artist's signature does not fit what is in the file.", hint: `Somebody changed it, or it is damaged. ${ELSEWHERE}` };
    case "wrong_artist":
      return {
        sentence: "This was signed by somebody else than the track's record, so it is not opened.",
        hint: "Anybody can seal bought music anew under a name of their own. Get the file from the artist you mean.",
      };
    case "artist_unknown":
      return { sentence: "Who signed this file could not be found out.", ...(message && { hint: `${capital(message)}. Try again later.` }) };
    case "bad_digest":
    case "commitment":
      return { sentence: "Part of this file is not what the artist signed, so it is not played.", hint: ELSEWHERE };
    case "not_licensed":
      return { sentence: "Your licence does not open this part." };
    case "trailing_bytes":
    case "not_canonical":
    case "bad_member":
    case "bad_table":
    case "table_rollback":
    case "bad_artist":
      return { sentence: "The file is damaged, or was made wrongly.", hint: ELSEWHERE };
    case "unknown_critical":
      return { sentence: "This file needs something that this page does not know yet.", hint: "Load this page anew while online, then try again." };
    case "work_factor":
      return { sentence: "This file asks for an absurd amount of work to try a passphrase, so it was not tried.", hint: "It was made wrongly, or to do harm." };
    case "out_of_memory":
      return { sentence: "There is not enough memory to try the passphrase.", hint: "Close other pages, then try again." };
    case "no_valid_key":
      return isRelease
        ? {
            sentence: "This key does not open this file.",
            hint: "Look whether key and file belong together. If a licence file (.smsgl) came with the key, choose that, too.",
            aboutKey: true,
          }
        : undefined;
    case "decryption_failed":
      return isRelease ? { sentence: "Part of this file is damaged, so it is not played.", hint: ELSEWHERE } : undefined;
    default:
      return undefined;
  }
}

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1);
