/** Places in a recording: the manifest's tracks, in order. They are free text, so they are tidied before use. */

import type { ManifestTrack } from "../../smsg";

export interface Mark {
  readonly title: string;
  /** Seconds. */
  readonly start: number;
}

export function marksOf(tracks: readonly ManifestTrack[] | undefined): Mark[] {
  return (tracks ?? [])
    .filter(({ start }) => Number.isFinite(start) && start >= 0)
    .map(({ title, start }, index) => ({ title: title.trim() === "" ? `Track ${index + 1}` : title, start }))
    .toSorted((a, b) => a.start - b.start);
}

/** The mark that a time lies in. */
export const markAt = (marks: readonly Mark[], seconds: number): Mark | undefined =>
  marks.findLast((mark) => mark.start <= seconds + 0.05);
