import { afterEach, expect, test, vi } from "vitest";
import { Fetched } from "../src/lib/gapless/bytes";
import { Feed, Unreachable } from "../src/lib/gapless/feed";
import type { Progress } from "../src/lib/gapless/protocol";
import { CannotJoin, type Remuxers } from "../src/lib/gapless/remuxers";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const FILE = Uint8Array.from({ length: 100 }, (_, n) => n);

/** A remuxer that gives what it gets, and jumps to the byte of the second. */
function remuxers() {
  let position = 0;
  const stream = { mime: "audio/x", init: new Uint8Array(0), bare: false, scale: 1, start: 0 };
  const answer = (bytes: Uint8Array<ArrayBuffer>): Promise<Progress> =>
    Promise.resolve({ position, stream, end: position === FILE.length ? 1 : undefined, first: 0, bytes });
  const push = (bytes: Uint8Array<ArrayBuffer>) => {
    position += bytes.length;
    return answer(bytes);
  };
  const seek = (seconds: number) => {
    position = seconds;
    return answer(new Uint8Array(0));
  };
  return { open: () => Promise.resolve({ push, seek, close: () => {} }) } as unknown as Remuxers;
}

/** A server that gives at most `most` bytes before the connection breaks; every request it gets. */
function serve(most: number, broken: readonly string[] = []) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (road: string, { headers }: { headers: { Range: string } }) => {
    asked.push(`${road} ${headers.Range}`);
    if (broken.includes(road)) return Promise.reject(new TypeError("no network"));
    const from = Number(/\d+/.exec(headers.Range)![0]);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(FILE.slice(from, from + most));
        controller.close();
      },
    });
    const range = { "Content-Range": `bytes ${from}-99/100`, "Content-Type": "audio/x" };
    return Promise.resolve(new Response(body, { status: 206, headers: range }));
  });
  return asked;
}

async function all(feed: Feed): Promise<number[]> {
  const bytes: number[] = [];
  for (let piece = await feed.next(); piece; piece = await feed.next()) bytes.push(...piece.bytes);
  return bytes;
}

test("a connection that breaks goes on where it was", async () => {
  vi.useFakeTimers();
  const asked = serve(40);
  const read = all(new Feed(remuxers(), new Fetched(() => ["/a"])));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await read).toEqual([...FILE]);
  expect(asked).toEqual(["/a bytes=0-", "/a bytes=40-", "/a bytes=80-"]);
});

test("where one road is closed another is taken", async () => {
  vi.useFakeTimers();
  const asked = serve(100, ["/peers"]);
  const read = all(new Feed(remuxers(), new Fetched(() => ["/peers", "/node"])));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await read).toEqual([...FILE]);
  expect(asked).toEqual(["/peers bytes=0-", "/node bytes=0-"]);
});

test("a road that led nowhere is left alone until there is enough to play", async () => {
  vi.useFakeTimers();
  const broken = ["/peers"];
  const asked = serve(40, broken);
  const feed = new Feed(remuxers(), new Fetched(() => ["/peers", "/node"]));
  const first = feed.next();
  await vi.advanceTimersByTimeAsync(60_000);
  await first;
  broken.pop();
  feed.rest();
  await feed.next();
  expect(asked).toEqual(["/peers bytes=0-", "/node bytes=0-", "/node bytes=40-"]);
  feed.relax();
  await feed.next();
  expect(asked.at(-1)).toBe("/peers bytes=80-");
});

test("a connection that may rest is not let go", async () => {
  const asked = serve(100);
  const feed = new Feed(remuxers(), new Fetched(() => ["/peers"], { mayRest: () => true }));
  await feed.next();
  feed.relax();
  await all(feed);
  expect(asked).toEqual(["/peers bytes=0-"]);
});

/** A connection that says nothing; how often it is asked for within a time. */
async function silent(spare: number, milliseconds: number): Promise<number> {
  vi.useFakeTimers();
  let asked = 0;
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
    asked += 1;
    return new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
  });
  const feed = new Feed(remuxers(), new Fetched(() => ["/peers", "/node"], { spare: () => spare }));
  void feed.next().catch(() => {});
  await vi.advanceTimersByTimeAsync(milliseconds);
  feed.close();
  return asked;
}

test("with sound left to play, a silent road is waited for longer", async () => {
  expect(await silent(0, 4_000)).toBe(2);
  expect(await silent(20_000, 4_000)).toBe(1);
});

test("without any road the file is given up in the end", async () => {
  vi.useFakeTimers();
  serve(100, ["/a"]);
  const given = expect(new Feed(remuxers(), new Fetched(() => ["/a"])).next()).rejects.toBeInstanceOf(Unreachable);
  await vi.advanceTimersByTimeAsync(60_000);
  await given;
});

test("what was fetched before it is wanted is not fetched again", async () => {
  const asked = serve(100);
  const feed = new Feed(remuxers(), new Fetched(() => ["/a"]));
  expect(await feed.prepare()).toBe(true);
  expect(await all(feed)).toEqual([...FILE]);
  expect(asked).toEqual(["/a bytes=0-"]);
});

test("a seek goes to another place, and what was under way is dropped", async () => {
  const asked = serve(100);
  const feed = new Feed(remuxers(), new Fetched(() => ["/a"]));
  await feed.next();
  await feed.seek(90);
  expect(await all(feed)).toEqual(Array.from(FILE.slice(90)));
  expect(asked).toEqual(["/a bytes=0-", "/a bytes=90-"]);
});

test("a file whose length nobody says cannot be joined", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(new ReadableStream(), { status: 200 })));
  await expect(new Feed(remuxers(), new Fetched(() => ["/a"])).next()).rejects.toBeInstanceOf(CannotJoin);
});
