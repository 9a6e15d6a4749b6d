/** What is on this device, for everything that shows it (reactive). Changed by `keep.ts` and `shelf.ts`, in any tab. */

import { createMemo, createRoot, createSignal } from "solid-js";
import { change, onChange, read } from "../library/shelf";
import { recall, store } from "../settings";
import { keptList, shelfList, takenBy, type Kept, type Shelved } from "./index-of";
import { setHere } from "./road";
import { allowedOf, usedBytes } from "./room";

const SETTING = "offline-room";

const [kept, setKept] = createSignal<readonly Kept[]>([]);
const [shelf, setShelf] = createSignal<readonly Shelved[]>([]);
const [allowed, setAllowedHere] = createSignal(allowedOf(recall(SETTING)));
const keys = createRoot(() => createMemo(() => new Set(kept().map(({ track }) => track.key))));

export { allowed, kept, shelf };

/** Whether a track is on this device (reactive). */
export const isKept = (key: string): boolean => keys().has(key);

/** Bytes that tracks and sealed releases take together (reactive). */
export const used = createRoot(() => createMemo(() => usedBytes(takenBy(kept(), shelf()))));

/** Sets how many bytes may be kept. What is there stays. */
export function setAllowed(bytes: number): void {
  store(SETTING, String(bytes));
  setAllowedHere(bytes);
}

const show = {
  kept(value: unknown) {
    const list = keptList(value);
    setHere(new Set(list.map(({ track }) => track.key)));
    setKept(list);
  },
  sealed: (value: unknown) => setShelf(shelfList(value)),
};

/** Reads what there is, and again what other tabs change. Without storage there is nothing. */
export async function openKept(): Promise<void> {
  onChange((name) => (name === "kept" || name === "sealed" ? void load(name) : undefined));
  await lookAgain();
}

/** Reads what there is now: word of another tab may still be on its way. */
export async function lookAgain(): Promise<void> {
  await Promise.all([load("kept"), load("sealed")]);
}

async function load(name: "kept" | "sealed"): Promise<void> {
  try {
    show[name](await read(name));
  } catch {
    // As `library/index.ts` says to the listener.
  }
}

/** Changes the index of tracks; rejects where nothing can be stored. */
export async function changeKept(alter: (before: readonly Kept[]) => readonly Kept[]): Promise<void> {
  show.kept(await change("kept", (before) => alter(keptList(before))));
}

export async function changeShelf(alter: (before: readonly Shelved[]) => readonly Shelved[]): Promise<void> {
  show.sealed(await change("sealed", (before) => alter(shelfList(before))));
}
