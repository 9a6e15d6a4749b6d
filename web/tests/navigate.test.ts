import { beforeEach, expect, it } from "vitest";
import { destination } from "../src/lib/navigate";
import { resultsOf } from "../src/islands/search";

const origin = location.origin;

beforeEach(() => {
  document.body.innerHTML = "";
});

function click(link: string, init: MouseEventInit = {}): string | undefined {
  document.body.innerHTML = link;
  let url: URL | undefined;
  const listen = (event: MouseEvent) => {
    url = destination(event);
    event.preventDefault();
  };
  document.addEventListener("click", listen);
  document.querySelector("a")?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...init }));
  document.removeEventListener("click", listen);
  return url?.href;
}

it("takes over plain clicks on pages", () => {
  expect(click(`<a href="${origin}/track/bafk">x</a>`)).toBe(`${origin}/track/bafk`);
  expect(click(`<a href="${origin}/search?q=a">x</a>`)).toBe(`${origin}/search?q=a`);
});

it("leaves files, other sites, new tabs and downloads to the browser", () => {
  expect(click(`<a href="${origin}/api/v1/tracks/bafk">x</a>`)).toBeUndefined();
  expect(click('<a href="https://example.org/track/bafk">x</a>')).toBeUndefined();
  expect(click('<a href="magnet:?xt=urn:btih:00">x</a>')).toBeUndefined();
  expect(click(`<a href="${origin}/track/bafk" download>x</a>`)).toBeUndefined();
  expect(click(`<a href="${origin}/track/bafk">x</a>`, { ctrlKey: true })).toBeUndefined();
});

it("makes addresses of searches that can be shared", () => {
  expect(resultsOf("/search", "drum & bass").href).toBe(`${origin}/search?q=drum+%26+bass`);
  expect(resultsOf("/search", "").href).toBe(`${origin}/search`);
});
