/** The system's own controls (lock screen, headset, media keys) for the element that plays a sealed file. */

import { createEffect, createRoot } from "solid-js";

/** Seconds that the system's skip buttons move. */
const SKIP = 10;

interface Playing {
  title(): string;
  artist(): string | undefined;
  album(): string | undefined;
  /** Seconds. */
  position(): number;
  /** Seconds of what plays, where the element's clock is another; NaN while unknown. */
  length(): number | undefined;
  step(by: 1 | -1): void;
  seek(seconds: number): void;
}

/** Keeps the system told; returns what ends it. */
export function tellSystem(media: HTMLMediaElement, playing: Playing): () => void {
  if (!("mediaSession" in navigator)) return () => {};
  const session = navigator.mediaSession;
  const actions: [MediaSessionAction, MediaSessionActionHandler][] = [
    ["play", () => void media.play().catch(() => {})],
    ["pause", () => media.pause()],
    ["previoustrack", () => playing.step(-1)],
    ["nexttrack", () => playing.step(1)],
    ["seekbackward", ({ seekOffset }) => playing.seek(playing.position() - (seekOffset ?? SKIP))],
    ["seekforward", ({ seekOffset }) => playing.seek(playing.position() + (seekOffset ?? SKIP))],
    ["seekto", ({ seekTime }) => seekTime !== undefined && playing.seek(seekTime)],
  ];
  const handle = (action: MediaSessionAction, run: MediaSessionActionHandler | null) => {
    try {
      session.setActionHandler(action, run);
    } catch {
      // This browser does not know the action.
    }
  };
  for (const [action, run] of actions) handle(action, run);
  const state = () => {
    session.playbackState = media.paused ? "paused" : "playing";
  };
  media.addEventListener("play", state);
  media.addEventListener("pause", state);
  const dispose = createRoot((end) => {
    createEffect(() => {
      const [title, artist, album] = [playing.title(), playing.artist() ?? "", playing.album() ?? ""];
      if ("MediaMetadata" in globalThis) session.metadata = new MediaMetadata({ title, artist, album });
    });
    createEffect(() => {
      const [position, duration] = [playing.position(), playing.length()];
      if (!("setPositionState" in session)) return;
      if (duration === undefined || !(duration > 0)) session.setPositionState();
      else session.setPositionState({ duration, position: Math.min(position, duration), playbackRate: media.playbackRate || 1 });
    });
    return end;
  });
  return () => {
    dispose();
    media.removeEventListener("play", state);
    media.removeEventListener("pause", state);
    for (const [action] of actions) handle(action, null);
    session.metadata = null;
    session.playbackState = "none";
  };
}
