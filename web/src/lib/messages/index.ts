/** The texts of the player and of everything that every page has. Other scripts have parts of their own beside this one. */

import { addresses } from "../addresses";
import { choose, chosen } from "./choice";
import { en, type Messages } from "./en";
import { part, preferred, speak, type Language } from "./parts";

export { LANGUAGES, language, locale, preferred, settled, type Language } from "./parts";

/** The texts (reactive). */
export const t = part<Messages>(en, { de: async () => (await import("./de")).de });

/**
 * Begins with the listener's language: the one they chose, else the page's, which the node has found with the browser. Who wrote
 * plain files did not know who would read them, so there the browser is asked. In a frame (`isApart`) there are no choices.
 */
export function startLanguage(isApart = false): Promise<void> {
  const others = addresses.isFiles ? (navigator.languages ?? []) : [document.documentElement.lang];
  const code = preferred(isApart ? null : chosen(), others);
  return code === "en" ? Promise.resolve() : speak(code);
}

/** Changes the language of the texts, and remembers it. */
export function setLanguage(code: Language): Promise<void> {
  choose(code);
  return speak(code);
}
