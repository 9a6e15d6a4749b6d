/**
 * Search as you type: the server's own result page is fetched and shown, so there is one renderer of tracks.
 * Without JavaScript the same form is an ordinary GET.
 */

import { addresses } from "../lib/addresses";
import { announce } from "../lib/dom";
import { visit } from "../lib/navigate";

/** Milliseconds without a key press before a screen reader is told what was found: it would speak into the typing. */
const QUIET = 600;

export function mountSearch(): void {
  const form = document.querySelector<HTMLFormElement>("[data-island=search]");
  const box = form?.querySelector<HTMLInputElement>("input[name=q]");
  if (!form || !box) return;
  let asked = box.value.trim();
  let running = false;
  let saying: ReturnType<typeof setTimeout> | undefined;

  const show = async (words: string, keepFocus: boolean): Promise<boolean> => {
    clearTimeout(saying);
    asked = words;
    const url = resultsOf(form.action, words);
    // The whole of one search is one step in the history.
    const push = location.pathname !== url.pathname || !keepFocus;
    const shown = await visit(url, { push, keepFocus, byScreens: keepFocus });
    // Plain files say it themselves when they have looked.
    if (shown && !addresses.isFiles) saying = setTimeout(say, keepFocus ? QUIET : 0);
    return shown;
  };
  /** Asks at once. What is typed while the node answers is asked when it has, so there is one question at a time. */
  const typed = async () => {
    if (running) return;
    running = true;
    // Whoever went elsewhere meanwhile is not fetched back.
    while (box.value.trim() !== asked && (await show(box.value.trim(), true)));
    running = false;
  };

  box.addEventListener("input", (event) => {
    if (event instanceof InputEvent && event.isComposing) return; // half a word in Chinese or Japanese
    void typed();
  });
  box.addEventListener("compositionend", () => void typed());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void show(box.value.trim(), false);
  });
  window.addEventListener("popstate", () => {
    box.value = new URL(location.href).searchParams.get("q") ?? "";
    asked = box.value.trim();
  });
}

/** Tells screen readers what was found. */
function say() {
  announce(document.querySelector("[data-results]")?.textContent ?? "");
}

/** The result page for these words. */
export function resultsOf(action: string, words: string): URL {
  const url = new URL(action, location.href);
  url.search = words ? new URLSearchParams({ q: words }).toString() : "";
  return url;
}
