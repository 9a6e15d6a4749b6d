/**
 * Sealed releases open where they stand: below the link to the page that opens them, that page is framed.
 *
 * Framed it keeps what it needs to itself: it has its own service worker, and a policy that lets it ask other servers for a file,
 * which the pages around it may not. A key that stands in the address of the track's page (`/track/…#k=…`) opens it at once.
 */

import { all, isPlainClick, textOf } from "../lib/dom";
import { t } from "../lib/messages";
import { secretsOf, withoutSecrets } from "../lib/secrets";

/** Wires the links of one `<main>` that lead to the page that opens sealed files. */
export function mountUnlocking(main: HTMLElement): void {
  const secrets = secretsOf(location.hash);
  for (const link of all<HTMLAnchorElement>(main, "a[data-unlock]")) {
    link.addEventListener("click", (event) => {
      // Without a network there is only the page for files, which is kept for that.
      if (!isPlainClick(event) || !navigator.onLine) return;
      event.preventDefault();
      unlock(link, "");
    });
    if (secrets !== "" && link.closest("[data-cue]")) unlock(link, `&${secrets}`);
  }
  // It must not stay in the history, or be copied along.
  if (secrets !== "") history.replaceState(history.state, "", location.pathname + location.search + withoutSecrets(location.hash));
}

/** Puts the frame below the buttons; the link has done its work then. */
function unlock(link: HTMLAnchorElement, rest: string) {
  const place = link.closest(".listen") ?? link;
  const track = link.closest("[data-track]");
  const frame = document.createElement("iframe");
  frame.className = "unlock";
  frame.title = t().unlock.frame(textOf(track?.querySelector('[data-shows="title"]')) ?? "");
  frame.allow = "autoplay; fullscreen";
  // Where a host forbids all frames, or the node is away, the page for files is gone to, with what opens the file.
  frame.addEventListener("load", () => fit(frame) || location.assign(link.href + rest));
  frame.src = new URL((link.dataset.unlock ?? "") + rest, location.href).href;
  place.after(frame);
  link.remove();
}

/** Makes the frame as high as what is in it, now and whenever that changes; `false` if our page is not in it. */
function fit(frame: HTMLIFrameElement): boolean {
  const content = frame.contentDocument?.querySelector("main");
  if (!content) return false;
  new ResizeObserver(() => {
    const { bottom } = content.getBoundingClientRect();
    frame.style.height = `${Math.ceil(bottom + (frame.contentWindow?.scrollY ?? 0))}px`;
  }).observe(content);
  return true;
}
