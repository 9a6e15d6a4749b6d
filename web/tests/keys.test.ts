import { beforeEach, expect, it } from "vitest";
import { commandOf, type Command } from "../src/lib/keys";

function press(selector: string, key: string, init: KeyboardEventInit = {}, signs = true): Command | undefined {
  let command: Command | undefined;
  const listen = (event: KeyboardEvent) => {
    command = commandOf(event, signs);
  };
  document.addEventListener("keydown", listen);
  document.querySelector(selector)?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...init }));
  document.removeEventListener("keydown", listen);
  return command;
}

beforeEach(() => {
  document.body.innerHTML =
    '<main><a href="/">x</a><button>y</button><input name="q"><input type="range"></main><dialog open><b>z</b></dialog>';
});

it("steers the player from the page", () => {
  const pressed = [" ", "k", "ArrowLeft", "ArrowRight", "m", "j", "l", "n", "p", "s", "r", "?", "/"].map((key) => press("main", key));
  expect(pressed).toEqual([
    "toggle", "toggle", "back", "forward", "mute", "far-back", "far-forward", "next", "previous", "shuffle", "repeat", "help",
    "search",
  ]);
  expect(press("main", "N", { shiftKey: true })).toBe("next");
  expect(press("main", "x")).toBeUndefined();
});

it("leaves keys to what has focus", () => {
  for (const key of [" ", "k", "m", "ArrowLeft"]) expect(press("input[name=q]", key)).toBeUndefined();
  expect(press("button", " ")).toBeUndefined();
  expect(press("a", " ")).toBeUndefined();
  expect(press("input[type=range]", "ArrowLeft")).toBeUndefined();
  expect(press("input[type=range]", "k")).toBe("toggle");
  expect(press("dialog b", "n")).toBeUndefined();
});

it("leaves the browser its own shortcuts", () => {
  expect(press("main", "k", { ctrlKey: true })).toBeUndefined();
  expect(press("main", "ArrowLeft", { altKey: true })).toBeUndefined();
});

it("lets printed signs be switched off, for those whose words would press them", () => {
  expect(press("main", "n", {}, false)).toBeUndefined();
  expect(press("main", " ", {}, false)).toBe("toggle");
});
