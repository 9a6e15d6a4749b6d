/** The page that opens sealed files: everything on it happens here, in the browser. */

import { render } from "solid-js/web";
import { asked, withoutSecrets } from "./address";
import { createFan } from "./fan";
import { FanPage } from "./FanPage";
import { takeDropsAndPastes } from "./intake";

/** Puts the page into its place and does what its address asks for. */
export function mountFan(place: HTMLElement): void {
  const fan = createFan();
  const wish = asked(location);
  place.textContent = "";
  render(() => <FanPage fan={fan} wish={wish} />, place);
  takeDropsAndPastes(fan);
  const bare = withoutSecrets(location.hash);
  if (bare !== location.hash) history.replaceState(null, "", location.pathname + location.search + bare);
  if (wish.url !== undefined) void fan.chooseText(wish.url, wish);
}
