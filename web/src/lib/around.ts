/** What stands around `<main>`, in another language: it stays where it is when pages take each other's places, music and focus with it. */

/** Elements whose words are taken over; there is one of each at most. */
const WORDS = [".skip", ".header-link", ".search label", ".search button", ".site-words"] as const;

/** Takes over the words of a page that is in another language. `more`: elements beside the usual ones. */
export function takeWords(page: Document, more: readonly string[] = []): void {
  const root = document.documentElement;
  if (page.documentElement.lang === root.lang) return;
  root.lang = page.documentElement.lang;
  for (const selector of [...WORDS, ...more]) {
    const [old, other] = [document.querySelector(selector), page.querySelector(selector)];
    if (old && other) old.replaceChildren(...[...other.childNodes].map((node) => document.adoptNode(node)));
  }
  const [box, other] = [document, page].map((each) => each.querySelector<HTMLInputElement>(".search input"));
  if (box && other) box.placeholder = other.placeholder;
}
