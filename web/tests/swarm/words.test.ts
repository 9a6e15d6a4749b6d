import { expect, it } from "vitest";
import { fromHex, newPeerId, toLatin1 } from "../../src/swarm/bytes";
import { Head } from "../../src/swarm/head";
import { parseMagnet, webAddresses, webSocketAddresses } from "../../src/swarm/magnet";
import { isTogether, togetherAt } from "../../src/swarm/road";
import { beginning } from "../../src/swarm/sw/audio";

const hash = "0123456789abcdef0123456789abcdef01234567";

it("reads the magnets of records", () => {
  const text = `magnet:?xt=urn:btih:${hash.toUpperCase()}&xl=5023456&ws=https%3A%2F%2Fa.example%2Fx&ws=ftp://b&tr=wss://t.example/announce&tr=udp://u:1`;
  expect(parseMagnet(text)).toEqual({
    infohash: hash,
    size: 5_023_456,
    mirrors: ["https://a.example/x"],
    trackers: ["wss://t.example/announce"],
  });
  expect(parseMagnet(`magnet:?xt=urn:btih:${hash}`)?.size).toBeUndefined();
  for (const none of [undefined, 7, "", "magnet:?xl=5", `magnet:?xt=urn:btih:${hash}0`, `http://x/?xt=urn:btih:${hash}`]) {
    expect(parseMagnet(none)).toBeUndefined();
  }
  expect(parseMagnet(`magnet:?xt=urn:btih:${hash}&xl=-5`)?.size).toBeUndefined();
});

it("keeps a bounded number of addresses, each once, of known schemes", () => {
  expect(webAddresses(["https://a/", "https://a/", "javascript:alert(1)", 5, null, "//b"])).toEqual(["https://a/"]);
  expect(webSocketAddresses(["ws://a/", "https://a/"])).toEqual(["ws://a/"]);
  expect(webAddresses(Array.from({ length: 50 }, (_, i) => `https://a${i}/`))).toHaveLength(8);
});

it("writes digests as trackers want them, and names itself anew each time", () => {
  expect(toLatin1(fromHex("00ff41")!)).toBe("\u0000ÿA");
  expect(fromHex("0g")).toBeUndefined();
  expect(toLatin1(newPeerId())).toMatch(/^-ON0100-/);
  expect(newPeerId()).not.toEqual(newPeerId());
});

it("takes whole pieces out of what came in order", () => {
  const bytes = Uint8Array.from({ length: 25 }, (_, i) => i);
  const head = new Head();
  head.add(0, bytes.slice(0, 7));
  expect(head.take(10, 25)).toEqual([]);
  head.add(7, bytes.slice(7, 23));
  expect(head.take(10, 25)).toEqual([
    { piece: 0, bytes: bytes.slice(0, 10) },
    { piece: 1, bytes: bytes.slice(10, 20) },
  ]);
  head.add(23, bytes.slice(23));
  expect(head.take(10, 25), "the last piece is shorter").toEqual([{ piece: 2, bytes: bytes.slice(20) }]);
});

it("begins anew after a seek, at the first whole piece", () => {
  const head = new Head();
  head.add(0, new Uint8Array(5));
  head.add(14, new Uint8Array(20).fill(7));
  expect(head.take(10, 100).map(({ piece }) => piece)).toEqual([2]);
});

it("answers only for players, under the address that is theirs", () => {
  expect(beginning("bytes=0-")).toBe(0);
  expect(beginning("bytes=131072-")).toBe(131_072);
  expect(beginning("bytes=0-1"), "as Safari begins").toBe(0);
  for (const other of [null, "bytes=-500", "bytes=0-,5-", "items=0-"]) expect(beginning(other)).toBeUndefined();
  const at = (path: string) => isTogether(new URL(path, "http://node"));
  expect(at(togetherAt("/api/v1/tracks/bafk/audio"))).toBe(true);
  for (const path of ["/api/v1/tracks/bafk/audio", "/api/v1/tracks/bafk?together", "/?together"]) expect(at(path)).toBe(false);
});
