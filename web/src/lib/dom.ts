/** Small helpers on the document. */

/** The elements below (and including) `root` that match. */
export function all<T extends HTMLElement>(root: ParentNode, selector: string): T[] {
  const own = root instanceof HTMLElement && root.matches(selector) ? [root as unknown as T] : [];
  return [...own, ...root.querySelectorAll<T>(selector)];
}

/** Text as HTML shows it: runs of white space are one space, NUL does not exist. */
export const tidy = (text: string): string => text.replaceAll("\0", "").replace(/\s+/g, " ").trim();

/** The visible text of an element. */
export function textOf(element: Element | null | undefined): string | undefined {
  return element ? tidy(element.textContent ?? "") : undefined;
}

/** Whether keys typed at this element belong to it and not to the page. */
export function takesKeys(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=range]), textarea, select"))
  );
}

/** Whether a click means what is clicked on, and not a new tab or a download. */
export function isPlainClick(event: MouseEvent): boolean {
  return !event.defaultPrevented && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
}

/** Says something to screen readers without moving focus. The region is in the page from the start. */
export function announce(text: string): void {
  // What is outside an open sheet is not there for screen readers, the page's own region included.
  const region = document.querySelector<HTMLElement>("dialog[open] [role=status]") ?? document.getElementById("announcer");
  if (!region) return;
  // A region whose text is set to what it already says is not read again.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
