/** Files dropped anywhere on the page, and text or files pasted anywhere but into a field. */

import { takesKeys } from "../../lib/dom";
import type { Fan } from "./fan";

export function takeDropsAndPastes(fan: Pick<Fan, "choose" | "chooseText">): void {
  const root = document.documentElement;
  let depth = 0;
  const mark = (change: number) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    root.toggleAttribute("data-dropping", depth > 0);
  };

  document.addEventListener("dragenter", (event) => {
    if (carries(event)) mark(1);
  });
  document.addEventListener("dragleave", (event) => {
    if (carries(event)) mark(-1);
  });
  document.addEventListener("dragover", (event) => {
    if (!carries(event) || takesKeys(event.target)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("drop", (event) => {
    mark(0);
    const data = event.dataTransfer;
    if (!data || takesKeys(event.target)) return;
    event.preventDefault();
    take(fan, data);
  });
  document.addEventListener("paste", (event) => {
    const data = event.clipboardData;
    if (!data || takesKeys(event.target)) return;
    if (take(fan, data)) event.preventDefault();
  });
}

const carries = (event: DragEvent) => ["Files", "text/uri-list", "text/plain"].some((type) => event.dataTransfer?.types.includes(type));

/** The first file, else the text. */
export function take(fan: Pick<Fan, "choose" | "chooseText">, data: DataTransfer): boolean {
  const file = data.files[0];
  if (file) {
    void fan.choose(file, file.name);
    return true;
  }
  const text = data.getData("text/uri-list") || data.getData("text/plain");
  if (text.trim() === "") return false;
  void fan.chooseText(text);
  return true;
}
