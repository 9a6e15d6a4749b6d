/**
 * Search as you type: the server's own result page is fetched and shown, so there is one renderer of tracks.
 * Without JavaScript the same form is an ordinary GET.
 */

import { addresses } from "../lib/addresses";
import { announce } from "../lib/dom";
import { visit } from "../lib/navigate";

/** Milliseconds without a key press before the node is asked. */
const PAUSE = 180;

export function mountSearch(): void {
  const form = document.querySelector<HTMLFormElement>("[data-island=search]");
  const box = form?.querySelector<HTMLInputElement>("input[name=q]");
  if (!form || !box) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = box.value.trim();

  const search = async (keepFocus: boolean) => {
    clearTimeout(timer);
    const words = box.value.trim();
    if (keepFocus && words === asked) return;
    asked = words;
    const url = resultsOf(form.action, words);
    // The whole of one search is one step in the history.
    const push = location.pathname !== url.pathname || !keepFocus;
    // Plain files say it themselves when they have looked.
    if ((await visit(url, { push, keepFocus })) && !addresses.isFiles) {
      announce(document.querySelector("[data-results]")?.textContent ?? "");
    }
  };

  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (event instanceof InputEvent && event.isComposing) return; // half a word in Chinese or Japanese
    timer = setTimeout(() => void search(true), PAUSE);
  });
  box.addEventListener("compositionend", () => void search(true));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void search(false);
  });
  window.addEventListener("popstate", () => {
    box.value = new URL(location.href).searchParams.get("q") ?? "";
    asked = box.value.trim();
  });
}

/** The result page for these words. */
export function resultsOf(action: string, words: string): URL {
  const url = new URL(action, location.href);
  url.search = words ? new URLSearchParams({ q: words }).toString() : "";
  return url;
}
