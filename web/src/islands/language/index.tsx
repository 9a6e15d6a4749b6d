/** The choice of a language in the footer, where it is found before anything plays. */

import { render } from "solid-js/web";
import { LanguageChoice } from "./LanguageChoice";

export function mountLanguage(again: () => Promise<unknown>): void {
  const place = document.querySelector<HTMLElement>("[data-island=language]");
  if (!place) return;
  render(() => <LanguageChoice again={again} />, place);
  place.hidden = false;
}
