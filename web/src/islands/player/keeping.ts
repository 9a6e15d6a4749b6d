/** What the player keeps for the next visit: queue, second, what was played. */

import { createEffect, createRoot, on } from "solid-js";
import { rememberPlayed } from "../../lib/library";
import type { Player } from "../../lib/player";
import { keepPlace, keepQueue, recallSession } from "../../lib/session";
import type { Track } from "../../lib/tracks";

/** Seconds of music after which the place is written again. */
const EVERY = 5;
/** Seconds before the end that count as heard to the end. */
const NEARLY = 5;

/** Goes back to where the listener was, and keeps up from now on. */
export function keepSession(player: Player): void {
  const session = recallSession();
  if (session) player.restore(session);

  let kept = Number.NaN;
  const place = () => {
    const track = player.track();
    if (!track || !player.begun()) return;
    kept = player.state.position;
    keepPlace(track.key, kept);
  };
  /** What was under the needle, with the second it was at. */
  let last: { readonly track: Track; position: number; duration: number } | undefined;
  const leave = () => {
    if (!last) return;
    const ended = Number.isFinite(last.duration) && last.position >= last.duration - NEARLY;
    void rememberPlayed(last.track, ended ? 0 : last.position);
  };

  createRoot(() => {
    createEffect(() => {
      const queue = player.queue();
      if (queue && player.begun()) keepQueue(queue, player.state.repeat);
    });
    createEffect(() => {
      const { position, duration } = player.state;
      if (last && last.track === player.track()) Object.assign(last, { position, duration });
      if (Math.abs(position - kept) >= EVERY || Number.isNaN(kept)) place();
    });
    createEffect(
      on(
        () => [player.track(), player.state.playing] as const,
        ([track, playing]) => {
          if (track && playing) {
            if (last?.track !== track) {
              leave();
              last = { track, position: player.state.position, duration: player.state.duration };
              leave();
            }
          } else {
            leave();
            place();
          }
        },
      ),
    );
  });
  window.addEventListener("pagehide", () => {
    place();
    leave();
  });
}
