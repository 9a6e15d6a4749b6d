/** The page that opens sealed files: everything on it happens here, in the browser. */

import { createEffect, createRoot } from "solid-js";
import { render } from "solid-js/web";
import { oneTabPlays } from "../../lib/one-tab";
import { withoutSecrets } from "../../lib/secrets";
import { asked } from "./address";
import { createFan } from "./fan";
import { FanPage } from "./FanPage";
import { announce } from "../../lib/dom";
import { settled, startLanguage, t } from "../../lib/messages";
import { openKept, shelf } from "../../lib/offline/kept";
import { takeDropsAndPastes } from "./intake";

/** Whether it is framed in a page of this site: where a release is unlocked in its own page. */
const isInPage = top === parent && parent !== window && isOwn(parent);
/** In somebody else's page nothing is kept: whoever frames it could make a visitor misuse what is. */
const hasShelf = top === window || isInPage;

function isOwn(other: Window): boolean {
  try {
    return other.location.origin === location.origin;
  } catch {
    // A page of another origin does not say where it is.
    return false;
  }
}

/** Puts the page into its place and does what its address asks for. */
export function mountFan(place: HTMLElement): void {
  const fan = createFan();
  const wish = asked(location);
  document.documentElement.toggleAttribute("data-in-page", isInPage);
  letOnePlay();
  // Nothing is said in one language first and then in another.
  void startLanguage(!hasShelf)
    .then(settled)
    .then(() => {
      place.textContent = "";
      render(() => <FanPage fan={fan} wish={wish} hasShelf={hasShelf} />, place);
      createRoot(() => createEffect(() => place.setAttribute("lang", t().code)));
    });
  takeDropsAndPastes(fan);
  if (hasShelf) void openShelf(wish.shelf);
  async function openShelf(id: string | undefined) {
    await openKept();
    const wanted = shelf().find((entry) => entry.id === id);
    if (wanted) await fan.openShelved(wanted);
  }
  const bare = withoutSecrets(location.hash);
  if (bare !== location.hash) history.replaceState(null, "", location.pathname + location.search + bare);
  if (wish.url !== undefined) void fan.chooseText(wish.url, wish);
}

/** Music in one place at a time: the site's player pauses for what begins here, and this for it. */
function letOnePlay() {
  const begins = oneTabPlays(() => {
    for (const media of document.querySelectorAll<HTMLMediaElement>("video, audio")) {
      if (media.paused) continue;
      media.pause();
      announce(t().said.otherTab);
    }
  });
  // Events of media do not bubble.
  document.addEventListener("play", begins, true);
}
