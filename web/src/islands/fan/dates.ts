/** Dates as people say them. */

import { locale } from "../../lib/messages";
import { f } from "../../lib/messages/fan";

/** `3 May 2026` in the listener's own words; of a time that no calendar has, the number. */
export function day(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  if (Number.isNaN(date.getTime())) return String(unixSeconds);
  return date.toLocaleDateString(locale(), { day: "numeric", month: "long", year: "numeric" });
}

/** The same for programs (`datetime`); `undefined` of a time that no calendar has. */
export function isoDay(unixSeconds: number): string | undefined {
  const date = new Date(unixSeconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

/** A manifest's `license_type` in plain words; unknown ones as they are written. */
export function licenceWords(type: string): string {
  const { kinds } = f().licence;
  const name = type.toLowerCase();
  return Object.hasOwn(kinds, name) ? (kinds[name] ?? type) : type;
}
