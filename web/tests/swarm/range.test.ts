import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Ending } from "../../src/swarm/net/protocol";
import { fetchRange, isTheRange } from "../../src/swarm/net/range";

const body = new Uint8Array(1000).map((_, i) => i);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function answers(response: () => Response) {
  const fetch = vi.fn(async (_url: string, _init: RequestInit) => response());
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

async function get(start: number, end: number) {
  const got: number[] = [];
  const ended = await fetchRange("https://m.example/x", start, end, (bytes) => got.push(...bytes), new AbortController());
  return { got, ended };
}

const partial = (start: number, end: number) =>
  new Response(body.slice(start, end), { status: 206, headers: { "Content-Range": `bytes ${start}-${end - 1}/1000` } });

it("asks for a range without saying who it is, and gives its bytes", async () => {
  const fetch = answers(() => partial(10, 20));
  expect(await get(10, 20)).toEqual({ got: Array.from(body.slice(10, 20)), ended: Ending.well });
  const [, init] = fetch.mock.calls[0]!;
  expect(init).toMatchObject({ headers: { Range: "bytes=10-19" }, credentials: "omit", referrerPolicy: "no-referrer" });
});

it("takes no more than it asked for of a server that knows no ranges", async () => {
  answers(() => new Response(body));
  expect(await get(0, 20)).toEqual({ got: Array.from(body.slice(0, 20)), ended: Ending.well });
  answers(() => new Response(body));
  expect(await get(10, 20)).toEqual({ got: [], ended: Ending.unusable });
});

it("tells places that fail for now from those that never will do", async () => {
  for (const status of [500, 503, 429]) {
    answers(() => new Response("", { status }));
    expect((await get(0, 9)).ended, String(status)).toBe(Ending.failed);
  }
  for (const status of [404, 410, 403, 416]) {
    answers(() => new Response("", { status }));
    expect((await get(0, 9)).ended, String(status)).toBe(Ending.unusable);
  }
  answers(() => new Response("<html>", { headers: { "Content-Type": "text/html; charset=utf-8" } }));
  expect((await get(0, 9)).ended, "a page with status 200").toBe(Ending.unusable);
  answers(() => partial(5, 9));
  expect((await get(0, 9)).ended, "another range").toBe(Ending.unusable);
  answers(() => partial(0, 5));
  expect((await get(0, 9)).ended, "broken off").toBe(Ending.failed);
  answers(() => Promise.reject(new TypeError("refused")) as never);
  expect((await get(0, 9)).ended).toBe(Ending.failed);
});

it("gives up on a place that says nothing", async () => {
  const silent = new ReadableStream({ start() {} });
  vi.stubGlobal("fetch", (_: string, { signal }: RequestInit) => {
    const response = new Response(silent, { status: 206 });
    signal?.addEventListener("abort", () => void silent.cancel().catch(() => undefined));
    return new Promise<Response>((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(new Error("aborted")));
      if (!signal) resolve(response);
    });
  });
  const over = get(0, 9);
  await vi.advanceTimersByTimeAsync(9000);
  expect((await over).ended).toBe(Ending.failed);
});

it("believes a Content-Range where it may read one", () => {
  const of = (status: number, headers: Record<string, string>, start: number) =>
    isTheRange({ status, headers: new Headers(headers) }, start);
  expect(of(206, { "Content-Range": "bytes 5-9/100" }, 5)).toBe(true);
  expect(of(206, { "Content-Range": "bytes 6-9/100" }, 5)).toBe(false);
  expect(of(206, {}, 5)).toBe(true);
  expect(of(304, {}, 0)).toBe(false);
});
