/** Time as the eye and as the ear want it. */

/** `68` is `1:08`, `3668` is `1:01:08`. Unknown lengths are `-:--`. */
export function clock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "-:--";
  const whole = Math.floor(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** `68` is `1 minute 8 seconds`: what a screen reader says of a slider. */
export function spoken(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "unknown";
  const whole = Math.floor(seconds);
  const parts = [
    count(Math.floor(whole / 3600), "hour"),
    count(Math.floor(whole / 60) % 60, "minute"),
    count(whole % 60, "second"),
  ].filter((part) => part !== "");
  return parts.length > 0 ? parts.join(" ") : "0 seconds";
}

/** `1 minute 8 seconds of 4 minutes`. */
export function spokenProgress(position: number, duration: number): string {
  return Number.isFinite(duration) ? `${spoken(position)} of ${spoken(duration)}` : spoken(position);
}

function count(n: number, unit: string): string {
  if (n === 0) return "";
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}
