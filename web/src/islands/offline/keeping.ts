/** What the listener says to "keep on this device", and what is told of it. Everything heavy is loaded then. */

import { createSignal } from "solid-js";
import { addresses } from "../../lib/addresses";
import { announce } from "../../lib/dom";
import { t } from "../../lib/messages";
import type { Job, Outcome } from "../../lib/offline/keep";
import { reasonOf } from "../../lib/offline/words";
import { named } from "../../lib/player";
import type { Track } from "../../lib/tracks";
import { showNote } from "./note";

const [running, setRunning] = createSignal<() => Job | undefined>();

/** What is being kept now (reactive). */
export const job = (): Job | undefined => running()?.();

/** For people; 0 while it is not known. */
export const percentOf = (progress: number): number => (progress >= 0 ? Math.min(100, Math.round(progress * 100)) : 0);

async function module() {
  const loaded = await import("../../lib/offline/keep");
  if (!running()) setRunning(() => loaded.job);
  return loaded;
}

/** Keeps tracks, and says what came of it. */
export async function keepTracks(tracks: readonly Track[]): Promise<void> {
  try {
    announce(t().device.begins(t().queue.count(tracks.length)));
    tell(await (await module()).keep(tracks), tracks);
  } catch {
    showNote({ text: t().bar.late });
  }
}

export async function removeTracks(tracks: readonly Track[]): Promise<void> {
  await (await module()).letGo(tracks.map(({ key }) => key));
  announce(tracks[0] && tracks.length === 1 ? t().device.removed(named(tracks[0])) : t().device.removedAll);
}

export async function stopKeeping(): Promise<void> {
  (await module()).stopKeeping();
}

/** Entries without bytes and bytes without entries go. */
export async function sweep(): Promise<void> {
  await (await module()).sweep();
}

function tell({ count, stopped, refused }: Outcome, tracks: readonly Track[]) {
  if (refused) {
    const text = t().device.notKept(refused.track.title, reasonOf(refused));
    const action = refused.why === "full" ? { label: t().device.title, href: addresses.library } : undefined;
    showNote({ text, ...(action && { action }) });
  } else if (stopped) announce(t().device.stopped);
  else if (tracks[0] && count === 1) announce(t().device.keptOne(named(tracks[0])));
  else if (count > 1) announce(t().device.keptMany(t().queue.count(count)));
}
