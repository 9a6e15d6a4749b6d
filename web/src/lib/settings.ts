/** What the page remembers on this device. Storage may be off or full: then it forgets. */

const PREFIX = "opensound.";

/** A remembered text. */
export function recall(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function store(name: string, text: string): void {
  try {
    localStorage.setItem(PREFIX + name, text);
  } catch {
    // Forgetting is all right.
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // It is not there then, either.
  }
}

/** A remembered number between 0 and 1. */
export function remembered(name: string, otherwise: number): number {
  const text = recall(name);
  const value = text === null ? Number.NaN : Number(text);
  return value >= 0 && value <= 1 ? value : otherwise;
}

export const remember = (name: string, value: number): void => store(name, String(value));

/** Something that a listener has agreed to; without a word, not. */
export const isAgreed = (name: string): boolean => remembered(name, 0) === 1;

export const rememberAgreed = (name: string, agreed: boolean): void => remember(name, agreed ? 1 : 0);
