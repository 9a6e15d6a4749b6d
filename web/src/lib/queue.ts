/** What plays next: the list a listener started from, and what they made of it. Every function gives a new queue. */

import type { Track } from "./tracks";

/** A list with a place in it. Entries are told apart by identity: the same track may be there twice. */
export interface Queue {
  readonly tracks: readonly Track[];
  readonly index: number;
  /** The order before it was shuffled; absent while it is not. */
  readonly before?: readonly Track[];
}

/** What follows the last track, or the one that plays. */
export type Repeat = "off" | "all" | "one";

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

/** As `neighbour`, going round from the end to the beginning. */
export function neighbourAround(queue: Queue, step: 1 | -1, skip: (key: string) => boolean): number | undefined {
  const outside = step === 1 ? -1 : queue.tracks.length;
  return neighbour(queue, step, skip) ?? neighbour({ ...queue, index: outside }, step, skip);
}

/** The queue with tracks behind the current one (`next`), or at its end. */
export function withAdded(queue: Queue, added: readonly Track[], where: "next" | "last"): Queue {
  // Copies: an entry that is there already would be the same one.
  const fresh = added.map((track) => ({ ...track }));
  const current = queue.tracks[queue.index];
  const put = (list: readonly Track[]) => {
    const at = where === "next" && current ? list.indexOf(current) + 1 : list.length;
    return [...list.slice(0, at), ...fresh, ...list.slice(at)];
  };
  return { ...queue, tracks: put(queue.tracks), ...(queue.before && { before: put(queue.before) }) };
}

/** The queue without the entry at a place that is not the current one. */
export function without(queue: Queue, at: number): Queue {
  const gone = queue.tracks[at];
  if (!gone || at === queue.index) return queue;
  const kept = (list: readonly Track[]) => list.filter((track) => track !== gone);
  const index = at < queue.index ? queue.index - 1 : queue.index;
  return { tracks: kept(queue.tracks), index, ...(queue.before && { before: kept(queue.before) }) };
}

/** The queue with the entry at `from` at place `to`. */
export function moved(queue: Queue, from: number, to: number): Queue {
  const entry = queue.tracks[from];
  const current = queue.tracks[queue.index];
  if (!entry || !current || to < 0 || to >= queue.tracks.length) return queue;
  const tracks = queue.tracks.filter((track) => track !== entry);
  tracks.splice(to, 0, entry);
  return { ...queue, tracks, index: tracks.indexOf(current) };
}

/** Only what plays now. */
export function cleared(queue: Queue): Queue {
  const current = queue.tracks[queue.index];
  return { tracks: current ? [current] : [], index: 0 };
}

/** The current track first, the others in an order of chance (`random`: 0 to below 1). */
export function shuffled(queue: Queue, random: () => number = Math.random): Queue {
  const current = queue.tracks[queue.index];
  if (!current || queue.before) return queue;
  const others = queue.tracks.filter((track) => track !== current);
  for (let i = others.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [others[i], others[j]] = [others[j]!, others[i]!];
  }
  return { tracks: [current, ...others], index: 0, before: queue.tracks };
}

/** The order there was before, the current track where it is in it. */
export function unshuffled({ tracks, index, before }: Queue): Queue {
  if (!before) return { tracks, index };
  const current = tracks[index];
  return { tracks: before, index: current ? Math.max(0, before.indexOf(current)) : 0 };
}
