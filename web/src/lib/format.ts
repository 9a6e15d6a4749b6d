/** Sizes for people. */

import { t } from "./messages";

/** `1.4 MB`: decimal units, as shops and phones count. */
export function bytes(n: number): string {
  const units = [t().bytes, "kB", "MB", "GB", "TB"];
  let value = n;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const tenths = unit === 0 || value >= 100 ? 0 : 1;
  const text = value.toLocaleString(t().code, { minimumFractionDigits: tenths, maximumFractionDigits: tenths, useGrouping: false });
  return `${text} ${units[unit]}`;
}
