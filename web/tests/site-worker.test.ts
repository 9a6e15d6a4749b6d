import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Pages } from "../src/sw/site/pages";
import { pictures } from "../src/sw/site/pictures";
import { placeOf } from "../src/sw/site/place";
import { SiteShell } from "../src/sw/site/shell";

/** What the browser's caches do, as far as the worker asks it of them: by path, in the order in which things came. */
class FakeCaches {
  readonly all = new Map<string, Map<string, Response>>();

  async open(name: string) {
    const entries = this.all.get(name) ?? new Map<string, Response>();
    this.all.set(name, entries);
    const path = (key: string | Request) => (typeof key === "string" ? key : new URL(key.url).pathname);
    return {
      put: async (key: string, response: Response) => {
        entries.delete(key);
        entries.set(key, response);
      },
      keys: async () => [...entries.keys()],
      delete: async (key: string) => entries.delete(key),
      addAll: async (list: (string | Request)[]) => {
        for (const one of list) entries.set(path(one), await fetch(one));
      },
    };
  }

  async match(key: string, { cacheName }: { cacheName?: string } = {}) {
    const caches = cacheName === undefined ? [...this.all.values()] : [this.all.get(cacheName)];
    return caches.map((entries) => entries?.get(key)?.clone()).find(Boolean);
  }

  keys = async () => [...this.all.keys()];
  delete = async (name: string) => this.all.delete(name);
}

const place = placeOf("http://node/sw.js");
const html = (text: string) => new Response(text, { headers: { "Content-Type": "text/html; charset=utf-8" } });
const offline = () => Promise.reject(new TypeError("no network"));
const node = vi.fn<typeof fetch>();
let fake: FakeCaches;
let caches: CacheStorage;

beforeEach(() => {
  fake = new FakeCaches();
  caches = fake as unknown as CacheStorage;
  vi.stubGlobal("fetch", node);
});
afterEach(() => vi.unstubAllGlobals());

describe("a page", () => {
  const ask = async (path: string, mode = "navigate") => {
    const url = new URL(path, "http://node");
    const response = await new Pages(caches, "beside", "site-1", place).answer({ url: url.href, mode } as Request, url);
    return response.type === "error" ? "error" : response.text();
  };
  beforeEach(async () => {
    await (await fake.open("site-1")).put("/offline", html("no connection"));
    await (await fake.open("beside")).put("/track/kept", html("kept with its track"));
  });

  it("is the network's first, and the one that was seen last without it", async () => {
    node.mockImplementation(async () => html("new"));
    expect(await ask("/track/a")).toBe("new");
    node.mockImplementation(offline);
    expect(await ask("/track/a")).toBe("new");
    expect(await ask("/track/a?t=1m08s"), "a place in it").toBe("new");
    expect(await ask("/track/kept")).toBe("kept with its track");
    expect(await ask("/track/never")).toBe("no connection");
  });

  it("that the node cannot make is the one that was seen last", async () => {
    node.mockImplementation(async () => html("new"));
    await ask("/genres");
    node.mockImplementation(async () => new Response("broken", { status: 500 }));
    expect(await ask("/genres")).toBe("new");
    expect(await ask("/track/never")).toBe("broken");
    node.mockImplementation(async () => new Response("gone", { status: 410 }));
    expect(await ask("/genres"), "what was withdrawn is withdrawn").toBe("gone");
    node.mockImplementation(offline);
    expect(await ask("/genres")).toBe("no connection");
  });

  it("of a search is not kept, and who types stays where they are", async () => {
    node.mockImplementation(async () => html("results"));
    expect(await ask("/search?q=a", "cors")).toBe("results");
    node.mockImplementation(offline);
    expect(await ask("/search?q=a", "cors")).toBe("error");
    expect(await ask("/search?q=a")).toBe("no connection");
  });

  it("of another build is made of this one's files", async () => {
    const made = (build: string, words: string) => html(`<head><link rel="stylesheet" href="/assets/a-${build}.css"><title>$&</title><script type="module" src="/assets/main-${build}.js"></script></head>${words}`);
    node.mockImplementation(async () => made("old", "music"));
    await ask("/track/a");
    await (await fake.open("site-1")).put("/offline", made("new", "none"));
    node.mockImplementation(offline);
    const page = await ask("/track/a");
    expect(page).toContain("music");
    expect(page).toContain("<title>$&</title>");
    expect(page.match(/assets\/[^"]+/g)).toEqual(["assets/a-new.css", "assets/main-new.js"]);
    // A page below another folder, and its root's page, say the same files in other words.
    const files = placeOf("http://node/music/site-sw.js");
    await (await fake.open("site-f")).put("/music/offline.html", html('<head><script type="module" src="assets/main-new.js"></script></head>'));
    await (await fake.open("beside")).put("/music/track/a.html", html('<head><script type="module" src="../assets/main-old.js"></script></head>'));
    const url = new URL("http://node/music/track/a.html");
    const response = await new Pages(caches, "beside", "site-f", files).answer({ url: url.href, mode: "navigate" } as Request, url);
    expect(await response.text()).toBe('<head><script type="module" src="/music/assets/main-new.js"></script></head>');
  });

  it("goes when many others were seen since", async () => {
    node.mockImplementation(async () => html("page"));
    for (let i = 0; i < 160; i += 1) await ask(`/track/${i}`);
    node.mockImplementation(offline);
    expect(await ask("/track/0")).toBe("no connection");
    expect(await ask("/track/159")).toBe("page");
  });
});

describe("what pages are made of", () => {
  it("stays for pages of the builds before, and not for ever", async () => {
    node.mockImplementation(async (input) => new Response(String(input instanceof Request ? input.url : input)));
    for (const version of ["a", "b", "c", "d"]) {
      const shell = new SiteShell(caches, version, [`assets/main-${version}2345678.js`], place);
      await shell.keep();
      await shell.tidy();
    }
    expect(await fake.keys()).toEqual(["site-b", "site-c", "site-d"]);
    node.mockImplementation(async () => new Response("gone", { status: 404 }));
    const file = (name: string) => new SiteShell(caches, "d", [], place).file({ url: `http://node/assets/main-${name}2345678.js` } as Request);
    expect((await file("b")).status).toBe(200);
    expect((await file("a")).status).toBe(404);
    const other = new SiteShell(caches, "e", [], placeOf("http://node/music/site-sw.js"));
    await other.keep();
    await other.tidy();
    expect(await fake.keys(), "another site of the same host").toEqual(["site-b", "site-c", "site-d", "site-/music/e"]);
    expect([...fake.all.get("site-/music/e")!.keys()]).toContain("/music/offline.html");
  });
});

it("a large picture is shown and not kept, a small one is", async () => {
  const seen = async (path: string, length: number) => {
    const work: Promise<void>[] = [];
    const shown = () => pictures({ url: `http://node${path}` } as Request, caches, "beside", (more) => work.push(more));
    node.mockImplementation(async () => new Response("x", { headers: { "Content-Length": String(length) } }));
    await shown();
    await Promise.all(work);
    node.mockImplementation(offline);
    return (await shown()).type !== "error";
  };
  expect(await seen("/ipfs/small", 5000)).toBe(true);
  expect(await seen("/ipfs/large", 5_000_000)).toBe(false);
});
