/** Buttons that copy a long identifier: `<button data-copy="did:key:…" hidden>`. */

import { all, announce } from "../lib/dom";
import { t } from "../lib/messages";

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
    button.textContent = t().said.copied;
    announce(t().said.copied);
  } catch {
    button.textContent = t().said.notAllowed;
  }
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}
