import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { mountNetwork } from "../src/islands/network";
import { row } from "./fixtures";

/** The browser's, driven by hand. */
class Events extends EventTarget {
  static last: Events | undefined;
  closed = false;
  constructor(readonly url: string) {
    super();
    Events.last = this;
  }
  close() {
    this.closed = true;
  }
  tell(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

const page = (events: string) => `<div id="announcer"></div><main><section data-network="${events}">
  <p data-network-status><a href="/search?q=a&amp;network=1">Search the network</a></p>
  <ol data-network-rows></ol></section></main>`;
const idOf = (key: string) => `osp:track:${key}`;
const status = () => document.querySelector("[data-network-status]")!;
const keys = () => [...document.querySelectorAll<HTMLElement>("[data-network-rows] > li")].map((li) => li.dataset.track);

let adopted: (string | undefined)[] = [];

/** Mounts the page and gives its stream. */
function mounted(events = "/search/events?q=a"): Events {
  document.body.innerHTML = page(events);
  mountNetwork(document.querySelector("main")!, (li) => adopted.push(li.dataset.track));
  vi.runAllTimers();
  return Events.last!;
}

beforeEach(() => {
  adopted = [];
  Events.last = undefined;
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Events);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("puts rows where the server says, each once, and says the end once", () => {
  const events = mounted();
  expect(events.url).toBe("/search/events?q=a");
  expect(status().textContent).toBe("Searching…");
  events.tell("row", { id: idOf("b"), html: row("b", "Second"), before: null });
  events.tell("row", { id: idOf("a"), html: row("a", "First"), before: idOf("b") });
  events.tell("row", { id: idOf("a"), html: row("a", "First"), before: null });
  events.tell("row", { id: idOf("c"), html: row("c", "Third"), before: idOf("gone") });
  expect(keys()).toEqual(["a", "b", "c"]);
  expect(adopted).toEqual(["b", "a", "c"]);
  expect(document.querySelector("#announcer")!.textContent).toBe("");
  events.tell("gone", { id: idOf("b") });
  events.tell("done", { text: "2 tracks found in the network" });
  vi.runAllTimers();
  expect(keys()).toEqual(["a", "c"]);
  expect([events.closed, status().textContent]).toEqual([true, "2 tracks found in the network"]);
});

it("gives the link back when the stream breaks off", () => {
  const events = mounted();
  events.dispatchEvent(new Event("error"));
  expect(events.closed).toBe(true);
  expect(status().querySelector("a")?.getAttribute("href")).toBe("/search?q=a&network=1");
});

it("asks nobody while somebody types, and ends the search of the page before", () => {
  const before = mounted();
  document.body.innerHTML = `<input type="search">${page("/search/events?q=ab")}`;
  document.querySelector("input")!.focus();
  mountNetwork(document.querySelector("main")!, () => {});
  expect(before.closed).toBe(true);
  vi.advanceTimersByTime(500);
  expect(Events.last).toBe(before);
  vi.advanceTimersByTime(500);
  expect(Events.last!.url).toBe("/search/events?q=ab");
  document.body.innerHTML = "<main></main>";
  mountNetwork(document.querySelector("main")!, () => {});
  expect(Events.last!.closed).toBe(true);
});
