// @vitest-environment node
/** The driver with the real engine, over channels that are two ends of one queue. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Met } from "../../src/swarm/meeting";
import { Ending, type FetchEvents, type Net } from "../../src/swarm/net";
import { Demand, Session } from "../../src/swarm/session";
import { Swarm, initSync, pieceHeader } from "../../src/wasm-swarm/osp_swarm_wasm.js";

const SIZE = 5 * 65_536 + 1234;
const content = new Uint8Array(SIZE).map((_, i) => (i * 31) ^ (i >> 8) ^ ((i >> 16) * 7));
const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest();

function torrent(): { info: Uint8Array; infohash: Uint8Array<ArrayBuffer> } {
  const digests = [];
  for (let at = 0; at < SIZE; at += 65_536) digests.push(sha1(content.subarray(at, at + 65_536)));
  const pieces = Buffer.concat(digests);
  const cid = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
  const head = `d6:lengthi${SIZE}e4:name${cid.length}:${cid}12:piece lengthi65536e6:pieces${pieces.length}:`;
  const info = Buffer.concat([Buffer.from(head), pieces, Buffer.from("e")]);
  return { info, infohash: new Uint8Array(sha1(info)) };
}

/** One end of a data channel, without a network. */
class Channel extends EventTarget {
  readyState = "open";
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  sent = 0;
  other: Channel | undefined;

  send(bytes: Uint8Array) {
    const copy = bytes.slice().buffer;
    expect(copy.byteLength).toBeLessThanOrEqual(16_384);
    this.sent += copy.byteLength;
    setTimeout(() => this.other?.dispatchEvent(new MessageEvent("message", { data: copy })));
  }

  close() {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    setTimeout(() => {
      this.other?.close();
      this.dispatchEvent(new Event("close"));
    });
  }
}

class Connection extends EventTarget {
  connectionState = "connected";
  close() {
    this.connectionState = "closed";
  }
}

/** Gives ranges of `bytes`, and counts them. */
function network(bytes = content) {
  const state = { served: 0, fetches: 0 };
  const get = (_: string, start: number, end: number, events: FetchEvents) => {
    state.fetches += 1;
    const timer = setTimeout(() => {
      state.served += end - start;
      events.bytes(bytes.slice(start, end));
      events.ended(Ending.well);
    }, 1);
    return () => clearTimeout(timer);
  };
  return { net: { get } as unknown as Net, state };
}

const { info, infohash } = torrent();
const open: Session[] = [];
let names = 0;

function session(net: Net, done = () => {}) {
  const peerId = new TextEncoder().encode(`-ON0100-${String((names += 1)).padStart(12, "0")}`);
  const made = new Session({ Swarm, pieceHeader }, net, { infohash, size: SIZE, cid: "x", type: "audio/ogg" }, peerId, done);
  open.push(made);
  return made;
}

function connect(a: Session, b: Session) {
  const [one, two] = [new Channel(), new Channel()];
  one.other = two;
  two.other = one;
  const end = (to: Session, channel: Channel, initiated: boolean) =>
    (to as unknown as { welcome(met: Met): void }).welcome({ connection: new Connection(), channel, initiated } as unknown as Met);
  end(a, one, true);
  end(b, two, false);
  return { one, two };
}

beforeAll(() => {
  initSync({ module: readFileSync(new URL("../../src/wasm-swarm/osp_swarm_wasm_bg.wasm", import.meta.url)) });
});
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

const whole = async (from: Session) => {
  const parts: Uint8Array[] = [];
  const reader = new AbortController();
  for (let at = 0; at < SIZE; ) {
    const part = await from.read(at, SIZE, 5000, reader.signal);
    parts.push(part);
    at += part.length;
  }
  return Buffer.concat(parts);
};

/** All pieces, from a server. */
async function complete() {
  const { net } = network();
  const done = vi.fn();
  const seed = session(net, done);
  seed.addSeed("https://node/ipfs/x");
  seed.setInfo(info);
  expect((await whole(seed)).equals(content)).toBe(true);
  await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
  return seed;
}

it("reads everything from a server, proven, before the info dictionary is known or after", async () => {
  const { net, state } = network();
  const late = session(net);
  late.addSeed("https://node/ipfs/x");
  const reading = whole(late);
  await vi.waitFor(() => expect(state.served).toBeGreaterThan(65_536));
  late.setInfo(new TextEncoder().encode("d4:infode"));
  expect(late.knowsInfo).toBe(false);
  late.setInfo(info);
  expect((await reading).equals(content)).toBe(true);
  expect(late.split()).toMatchObject({ server: SIZE, peers: 0, cache: 0 });
  expect((await whole(late)).length).toBe(SIZE);
  expect(late.split().cache, "a second time it comes from memory").toBe(SIZE);
  expect(late.numbers()).toEqual({ uploaded: 0, downloaded: SIZE, left: 0 });
});

it("gives to another page what it has, and that one needs no server", async () => {
  const seed = await complete();
  const leech = session({ get: vi.fn() } as unknown as Net);
  leech.setPlayheads([{ position: 0, rate: 16_000, buffered: 0 }], Demand.everything);
  connect(leech, seed);
  // The info dictionary comes from the other page as well.
  expect((await whole(leech)).equals(content)).toBe(true);
  expect(leech.split()).toMatchObject({ peers: SIZE, server: 0, connected: 1 });
  await vi.waitFor(() => expect(seed.split().given).toBeGreaterThanOrEqual(SIZE));
});

it("plays nothing that is not what the artist signed", async () => {
  const damaged = content.slice();
  damaged[70_000]! ^= 1;
  const { net } = network(damaged);
  const liar = session(net);
  liar.addSeed("https://mirror/x");
  liar.setInfo(info);
  const reader = new AbortController();
  expect((await liar.read(0, 10, 2000, reader.signal)).length).toBe(10);
  await expect(liar.read(70_000, 70_010, 500, reader.signal)).rejects.toThrow("no source was in time");
});

it("keeps what came another way once it is proven", async () => {
  const { net } = network();
  const one = session(net);
  await one.offer(0, content.slice(0, 65_536));
  expect(one.pieces.has(0), "nothing is proven without the info dictionary").toBe(false);
  one.setInfo(info);
  await one.offer(1, content.slice(0, 65_536));
  expect(one.pieces.has(1), "another piece's bytes").toBe(false);
  await one.offer(0, content.slice(0, 65_536));
  expect(one.pieces.has(0)).toBe(true);
  expect(one.split().server).toBe(65_536);
});

it("lets go of what was played when memory is short, and can have it again", async () => {
  const seed = await complete();
  seed.forget(100_000, 3 * 65_536);
  expect([0, 1, 2, 3].map((piece) => seed.pieces.has(piece))).toEqual([false, false, true, true]);
  expect(seed.pieces.held).toBe(SIZE - 2 * 65_536);
  seed.setPlayheads([{ position: 0, rate: 16_000, buffered: 0 }], Demand.everything);
  expect((await whole(seed)).equals(content)).toBe(true);
});

it("closes every channel when it ends, and fails who waits", async () => {
  const seed = await complete();
  const leech = session({ get: vi.fn() } as unknown as Net);
  const { one, two } = connect(leech, seed);
  const waiting = session({ get: vi.fn() } as unknown as Net).read(0, 10, 60_000, new AbortController().signal);
  open.at(-1)!.close();
  await expect(waiting).rejects.toThrow("the swarm was left");
  leech.close();
  expect(one.readyState).toBe("closed");
  await vi.waitFor(() => expect(two.readyState).toBe("closed"));
  await vi.waitFor(() => expect(seed.split().connected).toBe(0));
});
