/** Keys that steer the player from anywhere on the page. */

import { takesKeys } from "./dom";

/** What a key asks for. */
export type Command = "toggle" | "back" | "forward" | "mute" | "next" | "previous";

/** The command of a key press; `undefined` when the key belongs to something else. */
export function commandOf(event: KeyboardEvent): Command | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const target = event.target;
  if (takesKeys(target)) return undefined;
  const on = (selector: string) => target instanceof HTMLElement && target.closest(selector) !== null;
  switch (event.key) {
    case " ":
      // Space presses buttons and opens details; it scrolls only where nothing has focus, and plays there instead.
      return on("a, button, summary, input, audio") ? undefined : "toggle";
    case "k":
      return "toggle";
    case "ArrowLeft":
      return on("input, audio") ? undefined : "back";
    case "ArrowRight":
      return on("input, audio") ? undefined : "forward";
    case "m":
      return "mute";
    case "N":
      return event.shiftKey ? "next" : undefined;
    case "P":
      return event.shiftKey ? "previous" : undefined;
    default:
      return undefined;
  }
}
