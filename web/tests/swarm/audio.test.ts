// @vitest-environment node
/** The service worker's way to a track's bytes, between a page and a node that may both be gone. */

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { audio } from "../../src/swarm/sw/audio";
import type { MediaRequest, PieceRequest } from "../../src/lib/media/protocol";
import type { FetchEvent, Scope, WindowClient } from "../../src/sw/scope";

const content = Uint8Array.from({ length: 400_000 }, (_, i) => i % 251);
const path = "/api/v1/tracks/x/audio";
const told: { start: number; length: number }[] = [];

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  told.length = 0;
});

/** A node that answers as ours does; `alive` is looked at with each request. */
function node(alive: () => boolean = () => true) {
  const ranges: string[] = [];
  vi.stubGlobal("fetch", async (_: string, { headers }: { headers: { Range: string } }) => {
    if (!alive()) throw new TypeError("refused");
    ranges.push(headers.Range);
    const [, from = 0, to = 0] = /bytes=(\d+)-(\d+)/.exec(headers.Range)!.map(Number);
    const part = content.slice(from, to + 1);
    const range = `bytes ${from}-${from + part.length - 1}/${content.length}`;
    return new Response(part, { status: 206, headers: { "Content-Range": range, "Content-Type": "audio/ogg", ETag: '"cid"' } });
  });
  return ranges;
}

/** `undefined`: not here; "again": it is to be asked once more; "silence": no answer at all. */
type Read = (start: number, end: number, now: boolean) => Uint8Array<ArrayBuffer> | "again" | "silence" | undefined;

/** A page; `find` says whether it has the track. */
function page(find: (needed: boolean) => boolean, give: Read): WindowClient {
  return {
    id: "p",
    url: "http://node/",
    postMessage(message, transfer) {
      const { media, start, bytes } = message as { media: string; start: number; bytes: Uint8Array };
      if (media === "node") {
        if ((message as { refused?: boolean }).refused !== true) told.push({ start, length: bytes.length });
        return;
      }
      expect((message as MediaRequest).path).toBe(path);
      const port = transfer[0] as MessagePort;
      if (!find((message as MediaRequest).needed === true)) {
        port.postMessage({ none: true });
        return;
      }
      port.addEventListener("message", ({ data }: MessageEvent<PieceRequest>) => {
        if ("finished" in data) return port.close();
        const given = give(data.start, data.end, data.now === true);
        if (given === "silence") return;
        port.postMessage(given === "again" ? { failed: "later", again: true } : (given ?? { failed: "not here" }));
      });
      port.start();
      port.postMessage({ size: content.length, type: "audio/ogg", name: "", etag: '"cid"' });
    },
  };
}

async function play(client: WindowClient | undefined, start = 0) {
  const request = new Request("http://node/", { headers: { Range: `bytes=${start}-` } });
  const event = { request, clientId: "p", waitUntil: () => undefined } as unknown as FetchEvent;
  const clients = { get: async () => client } as unknown as Scope["clients"];
  const ticking = setInterval(() => void vi.advanceTimersByTimeAsync(50), 1);
  try {
    const response = await audio(event, clients, path, start);
    return { response, bytes: await read(response) };
  } finally {
    clearInterval(ticking);
  }
}

/** As players do: a part is used up when the next one is asked for, and then its memory is given back. */
async function read(response: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const reader = response.body!.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value.slice());
  return new Uint8Array(Buffer.concat(parts));
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const slice: Read = (start, end) => content.slice(start, Math.min(end, start + 65_536));

it("takes everything from a page that has it", async () => {
  const ranges = node();
  const { response, bytes } = await play(page(() => true, slice), 1000);
  expect(response.status).toBe(206);
  expect(response.headers.get("Content-Range")).toBe("bytes 1000-399999/400000");
  expect(response.headers.get("ETag"), "as the node says it").toBe('"cid"');
  expect(isSame(bytes, content.slice(1000))).toBe(true);
  expect(ranges).toEqual([]);
});

it("begins with the node when the page has nothing yet, tells the page, and asks it for the rest", async () => {
  const ranges = node();
  let asked = 0;
  const { response, bytes } = await play(page(() => (asked += 1) > 1, slice));
  expect(response.headers.get("Content-Range")).toBe("bytes 0-399999/400000");
  expect(response.headers.get("Content-Type")).toBe("audio/ogg");
  expect(isSame(bytes, content)).toBe(true);
  expect(ranges).toEqual(["bytes=0-131071"]);
  expect(told.reduce((sum, { length }) => sum + length, 0)).toBe(131_072);
});

it("waits for nothing at the beginning, and for others afterwards", async () => {
  const ranges = node();
  const waited: boolean[] = [];
  const { bytes } = await play(
    page(
      () => true,
      (start, end, now) => {
        waited.push(!now);
        return now ? undefined : slice(start, end, now);
      },
    ),
  );
  expect(isSame(bytes, content)).toBe(true);
  expect(ranges).toEqual(["bytes=0-131071"]);
  expect(waited).toEqual([false, true, true, true, true, true]);
});

it("plays from the node alone where there is no page, or one that has nothing", async () => {
  node();
  expect(isSame((await play(undefined)).bytes, content)).toBe(true);
  node();
  expect(isSame((await play(page(() => false, slice))).bytes, content)).toBe(true);
});

it("goes on with the page when the node dies, and with the node when the page has nothing", async () => {
  let alive = true;
  node(() => alive);
  let reads = 0;
  const { bytes } = await play(
    page(
      () => true,
      (start, end, now) => {
        reads += 1;
        if (start >= 131_072) alive = false;
        // For a while neither of them has anything.
        return reads < 5 ? undefined : slice(start, end, now);
      },
    ),
  );
  expect(isSame(bytes, content)).toBe(true);
});

it("asks a page again that still waits for others, and nobody else meanwhile", async () => {
  const ranges = node();
  let waits = 0;
  const { bytes } = await play(page(() => true, (start, end, now) => (start > 200_000 && (waits += 1) < 5 ? "again" : slice(start, end, now))));
  expect(isSame(bytes, content)).toBe(true);
  expect(waits).toBeGreaterThanOrEqual(5);
  expect(ranges).toEqual([]);
});

it("plays from the node when the page has the track and says nothing any more", async () => {
  const ranges = node();
  let asked = 0;
  const { bytes } = await play(page(() => true, () => ((asked += 1), "silence")));
  expect(isSame(bytes, content)).toBe(true);
  expect(asked, "it is not asked for every part").toBe(1);
  expect(ranges.length).toBeGreaterThan(1);
});

it("plays from the page when the node accepts a request and says nothing", async () => {
  let asked = 0;
  vi.stubGlobal("fetch", (_: string, { signal }: { signal: AbortSignal }) => {
    asked += 1;
    return new Promise<never>((...[, reject]) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  });
  const { bytes } = await play(page(() => asked > 0, slice));
  expect(isSame(bytes, content)).toBe(true);
  expect(asked).toBe(1);
});

it("goes on with the page when the node falls silent in the middle of a range", async () => {
  vi.stubGlobal("fetch", async (_: string, { signal }: { signal: AbortSignal }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(content.slice(0, 50_000));
        signal.addEventListener("abort", () => controller.error(signal.reason));
      },
    });
    return new Response(body, { status: 206, headers: { "Content-Range": `bytes 0-131071/${content.length}` } });
  });
  let finds = 0;
  const { bytes } = await play(page(() => (finds += 1) > 1, slice));
  expect(isSame(bytes, content)).toBe(true);
});

it("has the page get hold of what the node refuses", async () => {
  vi.stubGlobal("fetch", async () => new Response("not here", { status: 404 }));
  let begun = false;
  let waits = 0;
  const { response, bytes } = await play(
    page(
      (needed) => (begun ||= needed),
      // Peers take a while.
      (start, end, now) => ((waits += 1) < 8 ? undefined : slice(start, end, now)),
    ),
  );
  expect(response.status).toBe(206);
  expect(isSame(bytes, content)).toBe(true);
});

it("hands on what the node refuses", async () => {
  vi.stubGlobal("fetch", async () => new Response("gone", { status: 410 }));
  const event = { request: new Request("http://node/"), clientId: "p", waitUntil: () => undefined } as unknown as FetchEvent;
  const response = await audio(event, { get: async () => undefined } as unknown as Scope["clients"], path, 0);
  expect(response.status).toBe(410);
});
