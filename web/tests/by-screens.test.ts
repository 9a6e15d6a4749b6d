import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { holdBack, putBack } from "../src/lib/by-screens";

const keys = Array.from({ length: 40 }, (_, at) => `t${at}`);
const shown = (main: HTMLElement) => [...main.querySelectorAll("li")].map((row) => row.id);

function results(): HTMLElement {
  const main = document.createElement("main");
  main.innerHTML = `<ol class="tracks">${keys.map((key) => `<li id="${key}"></li>`).join("")}</ol><ol class="tracks"><li id="other"></li></ol>`;
  return main;
}

beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "requestAnimationFrame"] }));
afterEach(() => {
  vi.useRealTimers();
  document.body.innerHTML = "";
});

it("shows a screen of rows first and the rest in its order, each brought to life in its place", async () => {
  const main = results();
  const rest = holdBack(main);
  const first = shown(main);
  expect(first.length).toBeGreaterThan(5);
  expect(first.length).toBeLessThan(20);
  expect(first).toEqual([...keys.slice(0, first.length - 1), "other"]);
  document.body.append(main);
  const adopted: string[] = [];
  const all = putBack(rest, (row) => adopted.push(`${row.id} ${row.isConnected}`));
  await vi.runAllTimersAsync();
  await all;
  expect(shown(main)).toEqual([...keys, "other"]);
  expect(adopted).toEqual(keys.slice(first.length - 1).map((key) => `${key} true`));
});

it("is not gone on with when the next results have taken the place", async () => {
  const main = results();
  const rest = holdBack(main);
  document.body.append(main);
  const adopt = vi.fn();
  const all = putBack(rest, adopt);
  main.remove();
  await vi.runAllTimersAsync();
  await all;
  expect(adopt).not.toHaveBeenCalled();
});

it("is there at once for whoever reaches for the page", async () => {
  const main = results();
  const rest = holdBack(main);
  document.body.append(main);
  const adopt = vi.fn();
  const all = putBack(rest, adopt);
  main.querySelector("li")?.dispatchEvent(new Event("pointerdown", { bubbles: true }));
  expect(shown(main)).toEqual([...keys, "other"]);
  const times = adopt.mock.calls.length;
  await vi.runAllTimersAsync();
  await all;
  expect(shown(main)).toEqual([...keys, "other"]);
  expect(adopt).toHaveBeenCalledTimes(times);
});
