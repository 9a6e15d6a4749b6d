/** What plays next: the tracks of the list a listener started from. */

import type { Track } from "./tracks";

/** A list with a place in it. */
export interface Queue {
  readonly tracks: readonly Track[];
  readonly index: number;
}

/** The queue that starts at `track` in `list`; a list without it becomes the track alone. */
export function queueFrom(list: readonly Track[], track: Track): Queue {
  const index = list.findIndex((other) => other.key === track.key);
  return index < 0 ? { tracks: [track], index: 0 } : { tracks: list, index };
}

/** The place `step` away that may be played, skipping what `skip` names; `undefined` at the end of the list. */
export function neighbour(queue: Queue, step: 1 | -1, skip: (key: string) => boolean): number | undefined {
  for (let i = queue.index + step; i >= 0 && i < queue.tracks.length; i += step) {
    const track = queue.tracks[i];
    if (track && !skip(track.key)) return i;
  }
  return undefined;
}
