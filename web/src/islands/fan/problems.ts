/** What went wrong, in words for somebody who bought music. */

import { day } from "./dates";
import { releaseTrouble } from "./release-problems";

/** One thing to tell, and what can be done about it here. */
export interface Trouble {
  readonly sentence: string;
  readonly hint?: string;
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
  const key = opensWith === "key" ? "licence key" : "licence id or fingerprint";
  switch (problem) {
    case "decryption_failed":
      return {
        sentence: `The ${key} does not open this file, or the file is damaged.`,
        hint: "Every letter, capital and hyphen counts. If the key is right, download the file again.",
        aboutKey: true,
      };
    case "no_valid_key":
      return {
        sentence: "This licence does not open this file.",
        hint: "Check the licence id and the fingerprint letter by letter.",
        aboutKey: true,
      };
    case "password_required":
    case "license_required":
      return { sentence: `Type the ${opensWith === "key" ? "licence key" : "licence id"} first.`, aboutKey: true };
    case "not_v3":
      return { sentence: "This file is opened with a licence key, not with a licence id.", aboutKey: true };
    case "expired":
      return endedAt !== undefined
        ? {
            sentence: `The artist let this licence end on ${day(endedAt)}.`,
            hint: "The date is a request written into the file, not a lock: your key still opens it. The artist asks you to renew instead.",
            mayIgnoreExpiry: true,
          }
        : {
            sentence: "The time this copy was made for is over.",
            hint: "It carries keys for certain days only. Ask where you got it for a copy of today, or look at the date of your device.",
          };
    case "not_yet_valid":
      return {
        sentence: "The time this copy was made for has not begun.",
        hint: "Look at the date of your device. If it is right, come back later.",
      };
    case "truncated_container":
    case "attachment_truncated":
      return { sentence: "The file ends too early: part of it is missing.", hint: "The download probably broke off. Download it again." };
    case "bad_magic":
    case "nothing_embedded":
      return { sentence: "This is not a sealed file.", hint: "Choose the file you were given; its name often ends in .smsg." };
    case "double_base64":
      return {
        sentence: "This file was turned into text twice.",
        hint: "The shop or mail program that sent it made a mistake. Ask for it as a plain .smsg file.",
      };
    case "bad_base64":
      return {
        sentence: "This looks like a sealed file that was turned into text, but the text is damaged.",
        hint: "Letters are missing or were changed, as mail programs do. Ask for it as a plain .smsg file.",
      };
    case "bad_version":
    case "unsupported_version":
    case "unsupported_format":
    case "unsupported_algorithm":
    case "unsupported_compression":
    case "unsupported_key_method":
      return { sentence: "This file is of a newer or other kind than this page can open.", hint: "Load this page anew while online, then try again." };
    case "decompression_limit":
    case "over_limit":
    case "header_too_large":
      return { sentence: "This file unpacks to more than this page is willing to take.", hint: "It may be a trap, or very large. The program can be told to take more: osp unseal." };
    case "too_large":
    case "storage_full":
      return { sentence: "This browser has no room for what is in the file.", hint: "Free some space, leave private browsing, or use the program: osp unseal." };
    case "network":
      return typeof detail === "number"
        ? { sentence: `The server does not give out the file (it answered ${detail}).`, hint: "Check the address, or ask who gave it to you." }
        : {
            sentence: "The file could not be fetched from this address.",
            hint: "You may be offline, the address may be wrong, or its server does not let other pages read it (CORS). Download the file and open it here.",
          };
    case "changed":
      return { sentence: "The file changed while it was being read.", hint: "Choose it again." };
    case "checksum":
    case "header_not_json":
    case "invalid_payload":
    case "decompression_failed":
    case "chunk_out_of_bounds":
    case "wrong_type":
      return { sentence: "The file is damaged, or was made wrongly.", hint: "Download it again. If that does not help, ask the artist for another copy." };
    case "aborted":
      return { sentence: "Stopped." };
    default:
      return { sentence: "The file could not be opened.", ...(message && { hint: message }) };
  }
}
