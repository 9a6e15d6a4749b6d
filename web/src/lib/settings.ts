/** What the page remembers on this device. Storage may be off or full: then it forgets. */

const PREFIX = "opensound.";

/** A remembered number between 0 and 1. */
export function remembered(name: string, otherwise: number): number {
  try {
    const text = localStorage.getItem(PREFIX + name);
    const value = text === null ? Number.NaN : Number(text);
    return value >= 0 && value <= 1 ? value : otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: number): void {
  try {
    localStorage.setItem(PREFIX + name, String(value));
  } catch {
    // Forgetting is all right.
  }
}
