import { describe, expect, it, vi } from "vitest";
import { bytesOf } from "../src/lib/addresses";
import { keptList, shelfList, takenBy, type Kept, type Shelved } from "../src/lib/offline/index-of";
import { refusalOf, unlessSilent, unneeded } from "../src/lib/offline/keep";
import { isPlainRoad, isKeptAt, keptAt, roadOf, setHere } from "../src/lib/offline/road";
import { allowedOf, DEFAULT, freeBytes, isQuotaError, Full, shortage, usedBytes } from "../src/lib/offline/room";
import { answer } from "../src/sw/site/kept-audio";
import { placeOf } from "../src/sw/site/place";
import { audioOf } from "../src/lib/tracks";
import { track } from "./fixtures";

const kept = (key: string, size: number, beside: readonly [string, number][] = []): Kept => ({
  track: track(key),
  size,
  type: "audio/ogg",
  beside: beside.map(([name, bytes]) => ({ name, size: bytes })),
  since: 1,
});
const shelved = (id: string, size: number, cover = 0): Shelved => ({ id, size, title: id, artist: "", from: "x.smsg", cover, hasKey: false, since: 1 });

describe("room", () => {
  it("counts what several things share once", () => {
    const twice = { ...kept("b", 500), track: { ...track("b"), cid: "cid-a" } };
    const taken = takenBy([kept("a", 500, [["/ipfs/cover", 40]]), twice, kept("c", 7, [["/ipfs/cover", 40]])], [shelved("s", 100, 5)]);
    expect(usedBytes(taken)).toBe(500 + 40 + 7 + 100 + 5);
    expect(usedBytes([])).toBe(0);
  });

  it("ends where the listener's limit or the browser's does, whichever comes first", () => {
    expect(shortage(100, 0, 100, 100)).toBeUndefined();
    expect(shortage(101, 0, 100, 1000)).toEqual({ limit: "allowed", need: 101, left: 100 });
    expect(shortage(60, 50, 100, 1000)).toEqual({ limit: "allowed", need: 60, left: 50 });
    expect(shortage(60, 0, 100, 59)).toEqual({ limit: "device", need: 60, left: 59 });
    expect(shortage(1, 200, 100, 1000), "allowed less than is there").toEqual({ limit: "allowed", need: 1, left: 0 });
    expect(shortage(1e15, 0, 1e16, freeBytes({}))).toBeUndefined();
    expect(freeBytes({ usage: 90, quota: 50 })).toBe(0);
    expect(freeBytes({ usage: 1e6, quota: 2e6 })).toBeLessThan(1e6);
  });

  it("is the default where a setting is none", () => {
    for (const bad of [null, "", "x", "-1", "0", "1.5", "1e99"]) expect(allowedOf(bad), String(bad)).toBe(DEFAULT);
    expect(allowedOf("1000000")).toBe(1_000_000);
  });

  it("knows an error that says there is none", () => {
    expect(isQuotaError(new DOMException("full", "QuotaExceededError"))).toBe(true);
    expect(isQuotaError(new Full({ limit: "device", need: 2, left: 1 }))).toBe(true);
    for (const other of [new Error("full"), undefined, "QuotaExceededError"]) expect(isQuotaError(other)).toBe(false);
  });
});

describe("the index", () => {
  it("comes back as it was stored, and what is none is left out", () => {
    const entries = [kept("a", 5, [["/track/a", 3]])];
    expect(keptList(structuredClone(entries))).toEqual(entries);
    expect(keptList([{ ...kept("a", 5), size: "5" }, { ...kept("a", 5), track: { ...track("a"), cover: "//elsewhere/x" } }, null, 7])).toEqual([]);
    for (const bad of [undefined, null, {}, "x"]) expect([keptList(bad), shelfList(bad)]).toEqual([[], []]);
  });

  it("has no place for what opens a release", () => {
    const [entry] = shelfList([{ ...shelved("s", 1), recordOf: "did:key:zA", terms: { kind: "k", opens: ["a", 1], asks: [] }, key: "MGH-1", credential: {} }]);
    expect(entry).toEqual({ ...shelved("s", 1), recordOf: "did:key:zA", terms: { kind: "k", opens: ["a"], asks: [] } });
  });

  it("lets go only of what no other entry needs", () => {
    const beside = [{ name: "/ipfs/cover", size: 1 }, { name: "/track/a", size: 1 }];
    expect(unneeded(beside, [kept("b", 1, [["/ipfs/cover", 1]])])).toEqual(["/track/a"]);
  });
});

describe("the road to kept bytes", () => {
  it("is taken for what is here, and is the node's address all the same", () => {
    const one = track("a/b");
    expect(roadOf(one)).toBe(audioOf(one));
    setHere(new Set(["a/b"]));
    expect(roadOf(one)).toBe(keptAt(audioOf(one)));
    expect(isPlainRoad(one, roadOf(one))).toBe(true);
    expect(isPlainRoad(one, `${audioOf(one)}?together`)).toBe(false);
    setHere(new Set());
    const url = (path: string) => new URL(path, "http://node");
    const file = "/music/audio/bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy.opus";
    expect(isKeptAt(url(keptAt(audioOf(one))))).toBe(true);
    expect(isKeptAt(url(keptAt(file))), "of plain files").toBe(true);
    expect([bytesOf(one), bytesOf({ ...one, audio: file })]).toEqual([audioOf(one), file]);
    for (const other of [audioOf(one), file, "/api/v1/tracks/a/audio/b?kept", "/track/a?kept"]) expect(isKeptAt(url(other)), other).toBe(false);
  });

  it("gives ranges as a server does", async () => {
    const file = new Blob(["0123456789"]);
    const ask = async (range: string | null) => {
      const response = answer(file, "audio/ogg", range);
      return [response.status, await response.text(), response.headers.get("Content-Range")];
    };
    expect(await ask(null)).toEqual([200, "0123456789", null]);
    expect(await ask("bytes=2-")).toEqual([206, "23456789", "bytes 2-9/10"]);
    expect(await ask("bytes=2-4")).toEqual([206, "234", "bytes 2-4/10"]);
    expect(await ask("bytes=-3")).toEqual([206, "789", "bytes 7-9/10"]);
    expect(await ask("bytes=8-99")).toEqual([206, "89", "bytes 8-9/10"]);
    expect(await ask("bytes=10-")).toEqual([416, "", "bytes */10"]);
    expect(answer(file, "audio/ogg", "bytes=2-4").headers.get("Content-Length")).toBe("3");
  });
});

it("a connection that says nothing is given up, one that speaks is not", async () => {
  vi.useFakeTimers();
  const silent = unlessSilent(new Promise(() => {})).catch(refusalOf);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await silent).toEqual({ why: "unreachable" });
  const late = unlessSilent(new Promise((resolve) => setTimeout(() => resolve("byte"), 20_000)));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(await late).toBe("byte");
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it("pages are told from files, and from pages that have a worker of their own", () => {
  const node = placeOf("https://n.example/sw.js");
  for (const page of ["/", "/track/x", "/artist/did:key:z/album/A%20b", "/genres", "/genre/x", "/search", "/library", "/offline"]) expect(node.isPage(page), page).toBe(true);
  for (const other of ["/fan", "/fan/frame", "/embed/x", "/api/v1/node", "/ipfs/x", "/artist/x/feed.xml", "/sw.js"]) expect(node.isPage(other), other).toBe(false);
  const files = placeOf("https://max.example/music/site-sw.js");
  expect(files).toMatchObject({ isFiles: true, root: "/music/", offline: "/music/offline.html" });
  for (const page of ["/music/", "/music/library.html", "/music/track/x.html"]) expect(files.isPage(page), page).toBe(true);
  for (const other of ["/", "/music/fan.html", "/music/embed/x-card.html"]) expect(files.isPage(other), other).toBe(false);
});
