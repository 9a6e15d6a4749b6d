/** The page that opens sealed files: everything on it happens here, in the browser. */

import { render } from "solid-js/web";
import { asked, withoutSecrets } from "./address";
import { createFan } from "./fan";
import { FanPage } from "./FanPage";
import { startLanguage } from "../../lib/messages";
import { openKept, shelf } from "../../lib/offline/kept";
import { takeDropsAndPastes } from "./intake";

/** In somebody else's page nothing is kept: whoever frames it could make a visitor misuse what is. */
const hasShelf = top === window;

/** Puts the page into its place and does what its address asks for. */
export function mountFan(place: HTMLElement): void {
  const fan = createFan();
  const wish = asked(location);
  place.textContent = "";
  render(() => <FanPage fan={fan} wish={wish} hasShelf={hasShelf} />, place);
  takeDropsAndPastes(fan);
  if (hasShelf) {
    startLanguage();
    void openShelf(wish.shelf);
  }
  async function openShelf(id: string | undefined) {
    await openKept();
    const wanted = shelf().find((entry) => entry.id === id);
    if (wanted) await fan.openShelved(wanted);
  }
  const bare = withoutSecrets(location.hash);
  if (bare !== location.hash) history.replaceState(null, "", location.pathname + location.search + bare);
  if (wish.url !== undefined) void fan.chooseText(wish.url, wish);
}
