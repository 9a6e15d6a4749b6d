/** Keys that steer the player from anywhere on the page. */

import { takesKeys } from "./dom";

/** What a key asks for. */
export type Command =
  | "toggle"
  | "back"
  | "forward"
  | "far-back"
  | "far-forward"
  | "mute"
  | "next"
  | "previous"
  | "shuffle"
  | "repeat"
  | "slower"
  | "faster"
  | "queue"
  | "like"
  | "search"
  | "help";

/** Those that are one key with a printed sign, which a listener may switch off (they get in the way of speech input). */
const SIGNS: Readonly<Record<string, Command>> = {
  k: "toggle",
  j: "far-back",
  l: "far-forward",
  m: "mute",
  n: "next",
  N: "next",
  p: "previous",
  P: "previous",
  s: "shuffle",
  r: "repeat",
  "<": "slower",
  ">": "faster",
  q: "queue",
  f: "like",
  "/": "search",
  "?": "help",
};

/** The command of a key press; `undefined` when the key belongs to something else. `signs`: whether printed signs count. */
export function commandOf(event: KeyboardEvent, signs = true): Command | undefined {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const target = event.target;
  if (takesKeys(target)) return undefined;
  const on = (selector: string) => target instanceof HTMLElement && target.closest(selector) !== null;
  // A sheet in front of the page, and a menu, have keys of their own.
  if (on("dialog, [role=menu]")) return undefined;
  switch (event.key) {
    case " ":
      // Space presses buttons and opens details; it scrolls only where nothing has focus, and plays there instead.
      return on("a, button, summary, input, audio") ? undefined : "toggle";
    case "ArrowLeft":
      return on("input, audio") ? undefined : "back";
    case "ArrowRight":
      return on("input, audio") ? undefined : "forward";
    default:
      return signs ? SIGNS[event.key] : undefined;
  }
}
