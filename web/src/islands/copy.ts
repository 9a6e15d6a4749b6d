/** Buttons that copy a long identifier: `<button data-copy="did:key:…" hidden>`. */

import { all, announce } from "../lib/dom";

export function mountCopyButtons(root: HTMLElement): void {
  if (!navigator.clipboard) return; // plain http elsewhere than localhost: no clipboard
  for (const button of all<HTMLButtonElement>(root, "[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => void copy(button));
  }
}

async function copy(button: HTMLButtonElement) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.textContent = "Copied";
    announce("Copied");
  } catch {
    button.textContent = "Not allowed";
  }
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}
