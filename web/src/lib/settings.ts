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

/** Something that a listener has agreed to; without a word, not. */
export const isAgreed = (name: string): boolean => remembered(name, 0) === 1;

export const rememberAgreed = (name: string, agreed: boolean): void => remember(name, agreed ? 1 : 0);
