/** Play buttons in lists and on track pages: rendered by the server, hidden until this runs. */

import { createEffect, createRoot } from "solid-js";
import { all } from "../../lib/dom";
import { t } from "../../lib/messages";
import { named, type Player } from "../../lib/player";
import { readTrack, readTracks } from "../../lib/tracks";
import { isRefused } from "../../lib/trust";
import { addRowActions } from "./rows";

/** Milliseconds of staying on a button that are taken for a wish; a pointer on its way passes faster. */
const DWELL_MS = 60;

let disposePage: (() => void)[] = [];

/** Wires the buttons of a page; those of the page before are let go. */
export function connectPlayButtons(player: Player, root: HTMLElement): void {
  for (const release of disposePage) release();
  disposePage = [];
  connectMoreButtons(player, root, root);
}

/** Wires the buttons below `part`, which came into the page `root` just now. */
export function connectMoreButtons(player: Player, part: HTMLElement, root: HTMLElement): void {
  const release = createRoot((dispose) => {
    for (const button of all<HTMLButtonElement>(part, "button[data-play]")) {
      const element = button.closest<HTMLElement>("[data-track]");
      const track = element ? readTrack(element) : undefined;
      if (!track) continue;
      const isCurrent = () => player.track()?.key === track.key;
      createEffect(() => {
        const playing = isCurrent() && player.state.playing;
        button.disabled = isRefused(track.key);
        button.toggleAttribute("data-playing", playing);
        button.setAttribute("aria-label", playing ? t().bar.pause(named(track)) : t().bar.play(named(track)));
      });
      createEffect(() => {
        element?.toggleAttribute("data-current", isCurrent());
      });
      button.addEventListener("click", () => {
        if (isCurrent()) player.toggle();
        else player.start(track, readTracks(root));
      });
      onApproach(button, () => player.expect(track));
      if (element?.matches("li")) addRowActions(player, element, track);
      button.hidden = false;
    }
    return dispose;
  });
  disposePage.push(release);
}

/** Calls back when somebody stays on a button or presses it, some time before it is a click. */
function onApproach(button: HTMLButtonElement, approached: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const leave = () => clearTimeout(timer);
  const stay = () => {
    leave();
    timer = setTimeout(approached, DWELL_MS);
  };
  for (const event of ["pointerenter", "focus"]) button.addEventListener(event, stay);
  for (const event of ["pointerleave", "blur"]) button.addEventListener(event, leave);
  button.addEventListener("pointerdown", approached);
}
