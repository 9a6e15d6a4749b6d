/** What goes wrong with files of version 3.0 alone. */

import { f } from "../../lib/messages/fan";
import { day } from "./dates";
import type { Problem, Trouble } from "./problems";

/** Of a problem that files of version 3.0 have; `isRelease`: the file is one. */
export function releaseTrouble({ problem, message, detail }: Problem, isRelease: boolean): Trouble | undefined {
  const texts = f().problems;
  switch (problem) {
    case "typing_error":
      return { ...texts.typing(message), aboutKey: true };
    case "not_a_key":
      return { ...texts.notAKey, aboutKey: true };
    case "wrong_file":
      return { ...texts.otherFile, aboutKey: true };
    case "bad_licence":
      return texts.badLicence;
    case "bad_grant":
      return texts.badGrant;
    case "licence_over":
      return { ...texts.licenceOver(day(Number(detail))), mayIgnoreExpiry: true };
    case "licence_not_begun":
      return { ...texts.licenceNotBegun(day(Number(detail))), mayIgnoreExpiry: true };
    case "bad_signature":
      return texts.badSignature;
    case "wrong_artist":
      return texts.otherArtist;
    case "artist_unknown":
      return texts.artistUnknown(message);
    case "bad_digest":
    case "commitment":
      return texts.notSigned;
    case "not_licensed":
      return texts.notLicensed;
    case "trailing_bytes":
    case "not_canonical":
    case "bad_member":
    case "bad_table":
    case "table_rollback":
    case "bad_artist":
      return texts.releaseDamaged;
    case "unknown_critical":
      return texts.needsMore;
    case "work_factor":
      return texts.absurdWork;
    case "out_of_memory":
      return texts.noMemory;
    case "no_valid_key":
      return isRelease ? { ...texts.keyOfOther, aboutKey: true } : undefined;
    case "decryption_failed":
      return isRelease ? texts.partDamaged : undefined;
    default:
      return undefined;
  }
}
