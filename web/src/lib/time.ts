/** Time as the eye and as the ear want it. */

import { t } from "./messages";

/** `68` is `1:08`, `3668` is `1:01:08`. Unknown lengths are `-:--`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "-:--";
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `68` is `1 minute 8 seconds`: what a screen reader says of a slider, in the listener's language. */
export function spoken(seconds: number): string {
  const { hours, minutes, seconds: inSeconds, unknownTime } = t().bar;
  if (!Number.isFinite(seconds) || seconds < 0) return unknownTime;
  const whole = Math.floor(seconds);
  // Not by `Intl`: its tables of units take a slow phone a tenth of a second to load, before anything plays.
  const parts = [
    [Math.floor(whole / 3600), hours],
    [Math.floor(whole / 60) % 60, minutes],
    [whole % 60, inSeconds],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, say]) => say(n));
  return said.length > 0 ? said.join(" ") : inSeconds(0);
}

/** `1 minute 8 seconds of 4 minutes`. */
export function spokenProgress(position: number, duration: number): string {
  return Number.isFinite(duration) ? t().bar.progress(spoken(position), spoken(duration)) : spoken(position);
}
