/** Places in a recording: the manifest's tracks, in order. They are free text, so they are tidied before use. */

import { f } from "../../lib/messages/fan";
import type { ManifestTrack, Stretch } from "../../smsg";

export interface Mark {
  readonly title: string;
  /** Seconds. */
  readonly start: number;
  /** Kind of mix, in the artist's words. */
  readonly mix?: string;
  /** Loop points, seconds. */
  readonly loop?: readonly [number, number];
}

export function marksOf(tracks: readonly ManifestTrack[] | undefined): Mark[] {
  return (tracks ?? [])
    .filter(({ start }) => Number.isFinite(start) && start >= 0)
    .map(({ title, start }, index) => ({ title: title.trim() === "" ? f().player.unnamed(index + 1) : title, start }))
    .toSorted((a, b) => a.start - b.start);
}

/**
 * What a media element calls the beginning and the end of a stretch: frames that say when they play keep to it, others begin
 * with 0. `duration`: as the element has it.
 */
export function clockOf({ whole, start, end }: Stretch, duration: number): { readonly begin: number; readonly end: number } {
  const length = end === undefined ? Number.NaN : end - start;
  if (whole || start === 0) return { begin: 0, end: Number.isFinite(length) ? Math.min(duration, length) : duration };
  const keepsTime = end === undefined ? duration > start : Math.abs(duration - length) > Math.abs(duration - end);
  if (!keepsTime) return { begin: 0, end: duration };
  return { begin: start, end: end === undefined ? duration : Math.min(duration, end) };
}

/** The marks in one stretch of a release; its first frame plays at `begin`. */
export function marksIn(stretch: Stretch, tracks: readonly ManifestTrack[] | undefined, begin = 0): Mark[] {
  const end = stretch.end ?? Number.POSITIVE_INFINITY;
  return stretch.tracks.flatMap((index): Mark[] => {
    const track = tracks?.[index];
    if (!track || track.start >= end || (track.end ?? end) <= stretch.start) return [];
    const shifted = (seconds: number) => begin + Math.max(0, seconds - stretch.start);
    const loop = track.loop && track.loop[0] >= stretch.start && track.loop[1] <= end ? track.loop : undefined;
    return [
      {
        title: track.title.trim() === "" ? f().player.unnamed(index + 1) : track.title,
        start: shifted(track.start),
        ...(track.type && { mix: track.type }),
        ...(loop && { loop: [shifted(loop[0]), shifted(loop[1])] as const }),
      },
    ];
  });
}

/** The mark that a time lies in. */
export const markAt = (marks: readonly Mark[], seconds: number): Mark | undefined =>
  marks.findLast((mark) => mark.start <= seconds + 0.05);
