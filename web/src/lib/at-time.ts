/** A place in a track as an address says it: `?t=1m08s`. */

/** Longest time that is taken from an address. */
const MAX_SECONDS = 360_000;

/** `68`, `68.5`, `1:08`, `1:01:08`, `1m08s`, `1h1m8s`, `90s` in seconds; `undefined` for anything else. */
export function secondsOf(text: string | null): number | undefined {
  if (text === null || text.length > 20) return undefined;
  const units = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$/.exec(text);
  const colons = /^(?:(\d+):)?(\d+):(\d\d(?:\.\d+)?)$/.exec(text);
  const [, h, m, s] = units ?? colons ?? [];
  if (h === undefined && m === undefined && s === undefined) return undefined;
  const seconds = Number(h ?? 0) * 3600 + Number(m ?? 0) * 60 + Number(s ?? 0);
  return seconds <= MAX_SECONDS ? seconds : undefined;
}

const two = (n: number) => String(n).padStart(2, "0");

/** 68 is `1m08s`, 8 is `8s`. */
export function textOfSeconds(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (h > 0) return `${h}h${two(m)}m${two(s)}s`;
  return m > 0 ? `${m}m${two(s)}s` : `${s}s`;
}
