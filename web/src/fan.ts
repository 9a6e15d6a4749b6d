/** The page that opens sealed files. It works alone: no player of the site, no moving between pages without loading them. */

import "./styles/main.css";
import "./styles/fan.css";
import { mountFan } from "./islands/fan";
import { mountLanguage } from "./islands/language";
import { takeWords } from "./lib/around";

const place = document.querySelector<HTMLElement>("[data-island=fan]");
if (place) mountFan(place);
mountLanguage(wordsAgain);

/** The words around what is open, which stays. */
async function wordsAgain(): Promise<void> {
  const response = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => undefined);
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  takeWords(page, [".intro", ".fan-words"]);
  document.title = page.title;
}
