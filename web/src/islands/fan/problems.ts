/** What went wrong, in words for somebody who bought music. */

import { f, type Told } from "../../lib/messages/fan";
import { day } from "./dates";
import { releaseTrouble } from "./release-problems";

/** One thing to tell, and what can be done about it here. */
export interface Trouble extends Told {
  /** The file opens if the listener insists. */
  readonly mayIgnoreExpiry?: boolean;
  /** The key is what to look at. */
  readonly aboutKey?: boolean;
}

/** As `SealedError`; whatever else was thrown has no `problem`. */
export interface Problem {
  readonly problem?: string;
  readonly message?: string;
  readonly detail?: unknown;
}

/** What is known of the file. */
export interface Known {
  readonly opensWith: "key" | "licence";
  /** Unix seconds: the end that the manifest asks for, if it is over and was not set aside. */
  readonly endedAt?: number | undefined;
  /** It is of version 3.0. */
  readonly isRelease?: boolean;
}

export function troubleOf(error: unknown, known: Known = { opensWith: "key" }): Trouble {
  const { opensWith, endedAt, isRelease } = known;
  const { problem, message, detail } = (error ?? {}) as Problem;
  const ofRelease = releaseTrouble((error ?? {}) as Problem, isRelease === true);
  if (ofRelease) return ofRelease;
  const texts = f().problems;
  const byKey = opensWith === "key";
  switch (problem) {
    case "decryption_failed":
      return { ...(byKey ? texts.wrongKey : texts.wrongId), aboutKey: true };
    case "no_valid_key":
      return { ...texts.wrongLicence, aboutKey: true };
    case "password_required":
    case "license_required":
      return { ...(byKey ? texts.needsKey : texts.needsId), aboutKey: true };
    case "not_v3":
      return { ...texts.notById, aboutKey: true };
    case "expired":
      return endedAt === undefined ? texts.copyOver : { ...texts.ended(day(endedAt)), mayIgnoreExpiry: true };
    case "not_yet_valid":
      return texts.copyNotBegun;
    case "truncated_container":
    case "attachment_truncated":
      return texts.truncated;
    case "bad_magic":
    case "nothing_embedded":
      return texts.notSealed;
    case "double_base64":
      return texts.textTwice;
    case "bad_base64":
      return texts.badText;
    case "bad_version":
    case "unsupported_version":
    case "unsupported_format":
    case "unsupported_algorithm":
    case "unsupported_compression":
    case "unsupported_key_method":
      return texts.otherKind;
    case "decompression_limit":
    case "over_limit":
    case "header_too_large":
      return texts.tooMuch;
    case "too_large":
    case "storage_full":
      return texts.noRoom;
    case "network":
      return typeof detail === "number" ? texts.serverRefused(detail) : texts.notFetched;
    case "changed":
      return texts.changed;
    case "checksum":
    case "header_not_json":
    case "invalid_payload":
    case "decompression_failed":
    case "chunk_out_of_bounds":
    case "wrong_type":
      return texts.damaged;
    case "aborted":
      return texts.stopped;
    default:
      return texts.unknown(message);
  }
}
