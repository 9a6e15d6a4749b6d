/** The pages that show what is on this device: their script is loaded when one of them is. */

import { t } from "../../lib/messages";
import type { Player } from "../../lib/player";

let dispose: (() => void) | undefined;

/** Brings `/library` to life, if this page is it. */
export function mountLibrary(player: Player, main: HTMLElement): void {
  dispose?.();
  dispose = undefined;
  const place = main.querySelector<HTMLElement>("[data-island=library], [data-island=offline]");
  if (!place) return;
  let gone = false;
  dispose = () => {
    gone = true;
  };
  import("./index").then(
    ({ mount }) => {
      if (!gone) dispose = mount(player, main, place);
    },
    () => {
      place.textContent = t().bar.late;
    },
  );
}
