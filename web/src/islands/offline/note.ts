/** A calm line above the player: something the listener may act on, or put away. One at a time. */

import { announce } from "../../lib/dom";
import { language, t } from "../../lib/messages";

export interface Note {
  readonly text: string;
  /** A link, or something to do. */
  readonly action?: { readonly label: string; readonly href: string } | { readonly label: string; readonly run: () => void };
}

let shown: HTMLElement | undefined;

export function showNote({ text, action }: Note): HTMLElement {
  shown?.remove();
  const note = document.createElement("aside");
  note.className = "note-line";
  note.lang = language();
  const words = document.createElement("p");
  words.textContent = text;
  note.append(words);
  if (action) note.append("href" in action ? linkOf(action) : buttonOf(action.label, action.run));
  note.append(buttonOf(t().bar.close, () => note.remove()));
  document.body.append(note);
  shown = note;
  announce(text);
  return note;
}

function linkOf({ label, href }: { readonly label: string; readonly href: string }): HTMLElement {
  const link = document.createElement("a");
  link.className = "button";
  link.href = href;
  link.textContent = label;
  link.addEventListener("click", () => shown?.remove());
  return link;
}

function buttonOf(label: string, run: () => void): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = label;
  button.addEventListener("click", run);
  return button;
}
