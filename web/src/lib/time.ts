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
  if (!Number.isFinite(seconds) || seconds < 0) return t().bar.unknownTime;
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => count(n, unit));
  return said.length > 0 ? said.join(" ") : count(0, "second");
}

/** `1 minute 8 seconds of 4 minutes`. */
export function spokenProgress(position: number, duration: number): string {
  return Number.isFinite(duration) ? t().bar.progress(spoken(position), spoken(duration)) : spoken(position);
}

const count = (n: number, unit: "hour" | "minute" | "second"): string =>
  new Intl.NumberFormat(t().code, { style: "unit", unit, unitDisplay: "long" }).format(n);
