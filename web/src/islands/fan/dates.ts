/** Dates as people say them. */

/** `3 May 2026` in the listener's own words; of a time that no calendar has, the number. */
export function day(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  if (Number.isNaN(date.getTime())) return String(unixSeconds);
  return date.toLocaleDateString(undefined, { day: "numeric", month: "long", year: "numeric" });
}

/** The same for programs (`datetime`); `undefined` of a time that no calendar has. */
export function isoDay(unixSeconds: number): string | undefined {
  const date = new Date(unixSeconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().slice(0, 10);
}

const LICENCES: Readonly<Record<string, string>> = {
  perpetual: "yours to keep",
  rental: "rented for a time",
  stream: "for streaming",
  streaming: "for streaming",
  preview: "a preview",
};

/** A manifest's `license_type` in plain words; unknown ones as they are written. */
export const licenceWords = (type: string): string => LICENCES[type.toLowerCase()] ?? type;
