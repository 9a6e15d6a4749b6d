/**
 * The texts of the player in the listener's language: the one they chose, else the first of the browser's that there is.
 * English is in the script; the others are loaded when they are wanted.
 */

import { createSignal } from "solid-js";
import { recall, store } from "../settings";
import { en, type Messages } from "./en";

/** Languages there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof LANGUAGES;

const SETTING = "language";
const loaders: Record<Language, () => Promise<Messages>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
};

const [messages, setMessages] = createSignal<Messages>(en);

/** The texts (reactive). */
export const t = messages;

/** The language of the texts (reactive). */
export const language = (): Language => messages().code as Language;

/** Which language to begin with. */
export function preferred(chosen: string | null, browser: readonly string[]): Language {
  const wanted = [chosen ?? undefined, ...browser.map((code) => code.toLowerCase().split("-")[0])];
  return wanted.find(isLanguage) ?? "en";
}

const isLanguage = (code: string | undefined): code is Language => code !== undefined && Object.hasOwn(LANGUAGES, code);

async function load(code: Language): Promise<void> {
  try {
    const texts = await loaders[code]();
    setMessages(() => texts);
  } catch {
    // The script did not arrive: what is there is understood, too.
  }
}

/** Begins with the listener's language. */
export function startLanguage(): void {
  const code = preferred(recall(SETTING), navigator.languages ?? []);
  if (code !== "en") void load(code);
}

/** Changes it, and remembers it. */
export async function setLanguage(code: Language): Promise<void> {
  store(SETTING, code);
  await load(code);
}
