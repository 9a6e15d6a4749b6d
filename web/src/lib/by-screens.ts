/**
 * Long lists, a screen at a time. What is seen first is laid out, brought to life and painted first; what is below it follows
 * a moment later, or when somebody reaches for it. Whoever types a search sees each answer for as long as a key takes.
 */

import { all } from "./dom";

/** Rows of a list that are to follow. */
export interface Rest {
  readonly list: HTMLElement;
  readonly rows: readonly HTMLElement[];
}

/** Pixels that a row of a list takes at least (`.track` in tracks.css), and what is above the first of them. */
const ROW_PX = 57;
const HEAD_PX = 120;
/** Rows that follow at once: none of these steps may be felt by whoever types. */
const STEP = 12;
/** Milliseconds before the first of them: the next key may be on its way. */
const PAUSE = 350;

/** What says that somebody wants more than what is on the screen. */
const WISHES = ["pointerdown", "focusin", "wheel", "touchstart"] as const;

/** Takes what nobody sees at first out of the lists of tracks in a page, before the browser lays it out. */
export function holdBack(main: HTMLElement): Rest[] {
  const seen = Math.max(1, Math.ceil((window.innerHeight - HEAD_PX) / ROW_PX));
  return all(main, "ol.tracks").flatMap((list) => {
    const rows = [...list.querySelectorAll<HTMLElement>(":scope > li")].slice(seen);
    for (const row of rows) row.remove();
    return rows.length > 0 ? [{ list, rows }] : [];
  });
}

/**
 * Puts it back, as long as its list is shown; `adopt` is called with each row when it is in its place. Whoever reaches for the page
 * meanwhile has all of it at once: what is played from here goes on with the whole list.
 */
export async function putBack(rest: readonly Rest[], adopt: (row: HTMLElement) => void): Promise<void> {
  const steps = rest.flatMap(({ list, rows }) =>
    Array.from({ length: Math.ceil(rows.length / STEP) }, (_, at) => () => {
      if (!list.isConnected) return;
      const next = rows.slice(at * STEP, (at + 1) * STEP);
      list.append(...next);
      for (const row of next) adopt(row);
    }),
  );
  const allAtOnce = () => {
    for (const step of steps.splice(0)) step();
  };
  const page = rest[0]?.list.closest("main");
  for (const wish of WISHES) page?.addEventListener(wish, allAtOnce, { capture: true, once: true, passive: true });
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  while (steps.length > 0) {
    await painted();
    steps.shift()?.();
  }
}

/** When the browser has painted. */
const painted = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
