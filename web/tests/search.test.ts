import { afterEach, expect, test, vi } from "vitest";
import { mountSearch } from "../src/islands/search";

/** Answers by hand, in order of the questions. */
function node() {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  vi.stubGlobal("fetch", (url: URL, { signal }: RequestInit) => {
    const words = url.searchParams.get("q") ?? "";
    asked.push(words);
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      const html = `<title>t</title><main><h1>Search</h1><p data-results>${words}</p></main>`;
      answers.push(() => resolve(new Response(html, { headers: { "Content-Type": "text/html" } })));
    });
  });
  return { asked, answers };
}

function type(text: string) {
  const box = document.querySelector("input");
  if (!box) throw new Error("no box");
  box.value = text;
  box.dispatchEvent(new InputEvent("input"));
}

const found = () => document.querySelector("[data-results]")?.textContent;

function mount() {
  document.body.innerHTML = `<form data-island="search" action="/search"><input name="q" type="search"></form><main></main>`;
  mountSearch();
}

afterEach(() => vi.unstubAllGlobals());

test("a key press is asked at once; what is typed meanwhile is asked together, and last", async () => {
  const { asked, answers } = node();
  mount();
  type("a");
  expect(asked).toEqual(["a"]);
  type("aw");
  type("awa");
  expect(asked).toEqual(["a"]);
  answers[0]?.();
  await vi.waitFor(() => expect(asked).toEqual(["a", "awa"]));
  expect(found()).toBe("a");
  answers[1]?.();
  await vi.waitFor(() => expect(found()).toBe("awa"));
  type("awa ");
  expect(asked).toHaveLength(2);
});

test("the form asks anew, whatever is under way", async () => {
  const { asked, answers } = node();
  mount();
  type("a");
  type("ab");
  document.querySelector("form")?.dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  expect(asked).toEqual(["a", "ab"]);
  answers[1]?.();
  await vi.waitFor(() => expect(found()).toBe("ab"));
  expect(asked).toHaveLength(2);
});
