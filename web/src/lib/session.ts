/**
 * What was played when the browser was closed: the queue, and the second. It stays on this device. The place is kept apart
 * from the queue, because it is written often and the queue may be long.
 */

import type { Queue, Repeat } from "./queue";
import { forget, recall, store } from "./settings";
import { isTrack, type Track } from "./tracks";

/** What is kept. */
export interface Session {
  readonly queue: Queue;
  readonly repeat: Repeat;
  /** Seconds into the current track. */
  readonly position: number;
}

/** Most tracks that are kept, those around the current one. */
const MOST = 1000;

/** Keeps queue and repeat. */
export function keepQueue(queue: Queue, repeat: Repeat): void {
  const from = Math.max(0, Math.min(queue.index - MOST / 2, queue.tracks.length - MOST));
  const tracks = queue.tracks.slice(from, from + MOST);
  // The order before shuffling, as places in the list.
  const places = new Map(tracks.map((track, at) => [track, at]));
  const before = queue.before?.map((track) => places.get(track)).filter((at) => at !== undefined);
  store("queue", JSON.stringify({ tracks, index: queue.index - from, before, repeat }));
}

/** Keeps the second of a track. */
export function keepPlace(key: string, position: number): void {
  store("place", JSON.stringify({ key, position }));
}

export function forgetSession(): void {
  forget("queue");
  forget("place");
}

/** What was kept; `undefined` if nothing was, or something else is there. */
export function recallSession(): Session | undefined {
  const kept = parsed(recall("queue"));
  const tracks: unknown = kept?.tracks;
  const index: unknown = kept?.index;
  if (!Array.isArray(tracks) || tracks.length > MOST || !tracks.every(isTrack) || typeof index !== "number") return undefined;
  const list = tracks as readonly Track[];
  const current = list[index];
  if (!current) return undefined;
  const order = Array.isArray(kept?.before) ? (kept.before as unknown[]).map((at) => list[Number(at)]) : undefined;
  const whole = order?.length === list.length && new Set(order).size === list.length && !order.includes(undefined);
  const place = parsed(recall("place"));
  const position = place?.key === current.key && typeof place.position === "number" ? Math.max(0, place.position) : 0;
  const repeat = kept?.repeat === "all" || kept?.repeat === "one" ? kept.repeat : "off";
  return { queue: { tracks: list, index, ...(whole && { before: order as readonly Track[] }) }, repeat, position };
}

function parsed(text: string | null): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
