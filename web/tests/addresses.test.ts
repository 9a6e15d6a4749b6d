import { describe, expect, test } from "vitest";
import { addressesOf } from "../src/lib/addresses";
import { find } from "../src/lib/site-search";
import { placeOf } from "../src/sw/place";

describe("where things live", () => {
  test("on a node they are at its routes", () => {
    const node = addressesOf(undefined, "https://n.example/track/bafk");
    expect(node.record("bafk")).toBe("/api/v1/tracks/bafk");
    expect(node.isPage("/artist/did:key:z6Mk/album/One")).toBe(true);
    expect(node.isPage("/track/bafk/feed.xml")).toBe(false);
  });

  test("of plain files they are in the folder that the page says", () => {
    const files = addressesOf("../", "https://max.example/music/track/bafk.html?t=8s");
    expect(files.root).toBe("/music/");
    expect(files.page("bafy")).toBe("/music/track/bafy.html");
    expect(files.record("bafy")).toBe("/music/track/bafy.json");
    expect(files.audio({ key: "bafy", audio: "/music/audio/c.opus" })).toBe("/music/audio/c.opus");
    expect(files.fan).toEqual({ page: "/music/fan.html", script: "/music/fan-sw.js", scope: "/music/fan", media: "/music/fan/media/" });
    for (const page of ["", "index.html", "page-2.html", "track/bafk.html", "artist/did-key-z/album/one-1a.html"]) {
      expect(files.isPage(`/music/${page}`), page).toBe(true);
    }
    // The page that opens sealed files is a document of its own, and others' folders are others'.
    for (const other of ["/music/fan.html", "/music/embed/bafk-card.html", "/other/index.html", "/music/track/bafk.json"]) {
      expect(files.isPage(other), other).toBe(false);
    }
  });

  test("a page in the root says nothing before its name", () => {
    expect(addressesOf("", "https://max.example/music/").root).toBe("/music/");
    expect(addressesOf("", "https://max.example/index.html").root).toBe("/");
  });

  test("the worker finds its page by its own name", () => {
    expect(placeOf("/fan/sw.js")).toMatchObject({ root: "/", page: "/fan", pages: ["/fan", "/fan/frame"], media: "/fan/media/" });
    expect(placeOf("/music/fan-sw.js")).toMatchObject({ root: "/music/", page: "/music/fan.html", media: "/music/fan/media/" });
  });
});

describe("search of plain files", () => {
  const texts = ["Awakening\nMax McCracken\nOne\nelectronic", "Second Sun\nÉlan Vital\nAwakenings", "東京\nMax\n"];

  test("every word must begin one of the texts'; titles come before the rest", () => {
    expect(find(texts, "awak")).toEqual([0, 1]);
    expect(find(texts, "max awak")).toEqual([0]);
    expect(find(texts, "elan")).toEqual([1]);
    expect(find(texts, "東")).toEqual([2]);
    expect(find(texts, "kening")).toEqual([]);
  });

  test("nothing asked for is everything, the newest first", () => {
    expect(find(texts, " ")).toEqual([2, 1, 0]);
  });
});
