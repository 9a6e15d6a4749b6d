/** `/library`: the room that is used, the tracks and sealed releases that are here, likes and playlists. */

import { createEffect, createRoot } from "solid-js";
import { render } from "solid-js/web";
import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";
import { sweep } from "../offline/keeping";
import { Device } from "./Device";

/** Gives what lets go of it. */
export function mount(player: Player, main: HTMLElement, place: HTMLElement): () => void {
  const isOffline = place.dataset.island === "offline";
  place.textContent = "";
  place.className = "device";
  void sweep();
  const end = render(() => <Device player={player} isOffline={isOffline} />, place);
  const heading = main.querySelector("h1");
  const watch = createRoot((dispose) => {
    createEffect(() => {
      const title = isOffline ? t().device.offlineTitle : t().device.title;
      if (heading) Object.assign(heading, { textContent: title, lang: t().code });
      place.lang = t().code;
      document.title = `${title} · OpenSound`;
    });
    return dispose;
  });
  return () => {
    watch();
    end();
  };
}
