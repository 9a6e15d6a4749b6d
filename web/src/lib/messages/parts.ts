/**
 * Texts in the listener's language. A part is what one script says: English comes with the script, other languages are loaded when
 * they are wanted, and all parts change together.
 */

import { batch, createSignal } from "solid-js";

/** Languages there are, by their own names. */
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;

export type Language = keyof typeof LANGUAGES;

/** Loads the texts of one part in a language; what it gives puts them in place. */
type Follow = (code: Language) => Promise<() => void>;

const [language, setLanguage] = createSignal<Language>("en");
const parts: Follow[] = [];
let wanted: Language = "en";
let pending: Promise<void> = Promise.resolve();

/** The language of the texts (reactive). */
export { language };

/** The texts of a part (reactive), which have the members of the English ones. */
export function part<T>(english: T, others: Readonly<Record<Exclude<Language, "en">, () => Promise<T>>>): () => T {
  const [texts, setTexts] = createSignal<T>(english);
  const follow: Follow = async (code) => {
    const found = code === "en" ? english : await others[code]();
    return () => setTexts(() => found);
  };
  parts.push(follow);
  // It came into a page that speaks another language by now.
  if (wanted !== "en") pending = Promise.all([pending, load([follow])]).then(() => undefined);
  return texts;
}

/** Changes to a language, as soon as its texts are here. */
export function speak(code: Language): Promise<void> {
  wanted = code;
  pending = load(parts);
  return pending;
}

/** Resolves when no texts are on their way. */
export const settled = (): Promise<void> => pending;

async function load(some: readonly Follow[]): Promise<void> {
  const code = wanted;
  try {
    const ready = await Promise.all(some.map((follow) => follow(code)));
    // Whoever changed their mind meanwhile has the later word.
    if (code !== wanted) return;
    batch(() => {
      for (const put of ready) put();
      setLanguage(code);
    });
  } catch {
    // A script did not arrive: what is there is understood, too.
  }
}

/** Of what is wished for, in order, the first that there is. */
export function preferred(chosen: string | null, others: readonly string[]): Language {
  const codes = [chosen ?? undefined, ...others.map((code) => code.toLowerCase().split("-")[0])];
  return codes.find(isLanguage) ?? "en";
}

const isLanguage = (code: string | undefined): code is Language => code !== undefined && Object.hasOwn(LANGUAGES, code);

/** For dates and numbers: the browser's own variant of the language, if it has one. */
export function locale(): string {
  const code = language();
  return (navigator.languages ?? []).find((one) => one === code || one.startsWith(`${code}-`)) ?? code;
}
