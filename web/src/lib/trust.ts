/** Which tracks were found out: the player refuses them wherever they are listed. */

import { createSignal } from "solid-js";

const [refused, setRefused] = createSignal<ReadonlySet<string>>(new Set());

/** Whether a track must not be played (reactive). */
export const isRefused = (key: string): boolean => refused().has(key);

/** Remembers that a track did not verify. */
export function refuse(key: string): void {
  setRefused((before) => new Set(before).add(key));
}
