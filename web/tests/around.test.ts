import { afterEach, expect, it } from "vitest";
import { takeWords } from "../src/lib/around";
import { choose, chosen } from "../src/lib/messages/choice";

const page = (lang: string, words: string) =>
  new DOMParser().parseFromString(
    `<html lang="${lang}"><body><a class="skip">${words}</a><form class="search"><label>${words}</label><input placeholder="${words}"></form>
     <main><p class="intro">${words}</p></main><footer><p class="site-words">${words} <a href="/fan">${words}</a></p></footer></body></html>`,
    "text/html",
  );

afterEach(() => {
  document.cookie = "lang=; path=/; max-age=0";
});

it("words around a page follow its language; what stands there stays", () => {
  document.documentElement.lang = "en";
  document.body.innerHTML = page("en", "old").body.innerHTML;
  const box = document.querySelector("input")!;
  box.value = "typed";
  takeWords(page("en", "same language"));
  expect(document.querySelector(".skip")?.textContent).toBe("old");
  takeWords(page("de", "neu"), [".intro"]);
  expect(document.documentElement.lang).toBe("de");
  for (const place of [".skip", "label", ".intro"]) expect(document.querySelector(place)?.textContent, place).toBe("neu");
  expect(document.querySelector(".site-words")?.innerHTML).toBe('neu <a href="/fan">neu</a>');
  expect([document.querySelector("input"), box.value, box.placeholder]).toEqual([box, "typed", "neu"]);
});

it("a choice is what the node reads, among whatever else is there", () => {
  expect(chosen()).toBeNull();
  document.cookie = "slang=en; path=/";
  expect(chosen()).toBeNull();
  choose("de");
  expect(chosen()).toBe("de");
  expect(document.cookie).toContain("lang=de");
});
