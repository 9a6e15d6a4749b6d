/** The system's own controls: lock screen, headset buttons, media keys. Absent in some browsers and web views. */

import { createEffect } from "solid-js";
import type { Player } from "./player";

/** Seconds that the system's skip buttons move. */
const SKIP = 10;

/** Keeps the system's controls in step with the player; call it inside a reactive root. */
export function connectMediaSession(player: Player): void {
  if (typeof navigator === "undefined" || !("mediaSession" in navigator)) return;
  const session = navigator.mediaSession;

  const handle = (action: MediaSessionAction, run: MediaSessionActionHandler) => {
    try {
      session.setActionHandler(action, run);
    } catch {
      // This browser does not know the action.
    }
  };
  handle("play", () => void player.play());
  handle("pause", () => player.pause());
  handle("stop", () => player.pause());
  handle("previoustrack", () => player.previous());
  handle("nexttrack", () => player.next());
  handle("seekbackward", (d) => player.seek(player.state.position - (d.seekOffset ?? SKIP)));
  handle("seekforward", (d) => player.seek(player.state.position + (d.seekOffset ?? SKIP)));
  handle("seekto", (d) => {
    if (d.seekTime !== undefined) player.seek(d.seekTime);
  });

  createEffect(() => {
    const track = player.track();
    if (!track || !("MediaMetadata" in globalThis)) return;
    session.metadata = new MediaMetadata({
      title: track.title,
      artist: track.artist,
      album: track.album,
      artwork: track.cover ? [{ src: new URL(track.cover, location.href).href }] : [],
    });
  });
  createEffect(() => {
    if (player.track()) session.playbackState = player.state.playing ? "playing" : "paused";
  });
  createEffect(() => {
    const { duration, position, rate } = player.state;
    if (!("setPositionState" in session) || !Number.isFinite(duration) || duration <= 0) return;
    session.setPositionState({ duration, position: Math.min(position, duration), playbackRate: rate });
  });
}
