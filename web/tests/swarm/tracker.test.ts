import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Net, SocketEvents } from "../../src/swarm/net";
import { Tracker, type Member } from "../../src/swarm/tracker";

const peerId = new TextEncoder().encode("-ON0100-abcdefghijkl");
const infohash = "\u0000ÿ".repeat(10);
const id = "o".repeat(20);

/** A network with one socket at a time, and what was said over it. */
function network() {
  const said: Record<string, unknown>[] = [];
  const sockets: SocketEvents[] = [];
  const state = { closed: 0 };
  const net = {
    open(_url: string, events: SocketEvents) {
      sockets.push(events);
      return { send: (text: string) => said.push(JSON.parse(text)), close: () => (state.closed += 1) };
    },
  } as unknown as Net;
  return { net, said, sockets, state };
}

function member(over: Partial<Member> = {}): Member {
  return {
    infohash,
    numbers: () => ({ uploaded: 1, downloaded: 2, left: 3 }),
    offers: vi.fn(async (most: number) => Array.from({ length: Math.min(most, 2) }, (_, i) => ({ id: `${i}`.repeat(20), sdp: `offer ${i}` }))),
    offered: vi.fn(async () => "my answer"),
    answered: vi.fn(),
    ...over,
  };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function joined(over: Partial<Member> = {}) {
  const all = network();
  const tracker = new Tracker(all.net, "ws://t/announce", peerId);
  const one = member(over);
  tracker.join(one);
  all.sockets[0]!.opened();
  await settle();
  return { ...all, tracker, one, hear: async (message: object) => (all.sockets.at(-1)!.text(JSON.stringify(message)), settle()) };
}

it("announces with offers, in the words of stock clients", async () => {
  const { said, one } = await joined();
  expect(one.offers).toHaveBeenCalledWith(5);
  expect(said).toEqual([
    {
      action: "announce",
      info_hash: infohash,
      peer_id: "-ON0100-abcdefghijkl",
      uploaded: 1,
      downloaded: 2,
      left: 3,
      event: "started",
      numwant: 2,
      offers: [
        { offer_id: "0".repeat(20), offer: { type: "offer", sdp: "offer 0" } },
        { offer_id: "1".repeat(20), offer: { type: "offer", sdp: "offer 1" } },
      ],
    },
  ]);
});

it("announces at once with what is ready, and with more later", async () => {
  const ready = vi.fn(() => [{ id, sdp: "ready" }]);
  const { said, one } = await joined({ ready });
  expect(said).toMatchObject([{ event: "started", offers: [{ offer_id: id, offer: { sdp: "ready" } }] }]);
  expect(one.offers).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5000);
  expect(one.offers).toHaveBeenCalledWith(4);
  expect(said.map(({ event, numwant }) => [event, numwant])).toEqual([["started", 1], [undefined, 2]]);
});

it("is called before there is anything to announce, and not again when it does not answer", async () => {
  const all = network();
  const tracker = new Tracker(all.net, "ws://t/announce", peerId);
  tracker.warm();
  all.sockets[0]!.closed();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(all.sockets).toHaveLength(1);
  tracker.join(member());
  all.sockets[1]!.opened();
  await settle();
  expect(all.said).toHaveLength(1);
});

it("answers offers, to the one who made them", async () => {
  const { said, hear, one } = await joined();
  await hear({ action: "announce", info_hash: infohash, peer_id: "p".repeat(20), offer_id: id, offer: { type: "offer", sdp: "s" } });
  expect(one.offered).toHaveBeenCalledWith("s");
  expect(said.at(-1)).toMatchObject({ to_peer_id: "p".repeat(20), offer_id: id, answer: { type: "answer", sdp: "my answer" } });
});

it("passes answers on", async () => {
  const { hear, one } = await joined();
  await hear({ info_hash: infohash, peer_id: "p".repeat(20), offer_id: id, answer: { type: "answer", sdp: "a" } });
  expect(one.answered).toHaveBeenCalledWith(id, "a");
});

it("ignores what makes no sense", async () => {
  const { said, hear, one, sockets } = await joined();
  for (const text of ["", "null", "[]", "7", "{", JSON.stringify({ info_hash: "other" })]) sockets[0]!.text(text);
  const offer = { type: "offer", sdp: "s" };
  await hear({ info_hash: infohash, peer_id: "short", offer_id: id, offer });
  await hear({ info_hash: infohash, peer_id: "p".repeat(20), offer_id: "short", offer });
  await hear({ info_hash: infohash, peer_id: "p".repeat(20), offer_id: id, offer: { type: "offer", sdp: "s".repeat(20_000) } });
  await hear({ info_hash: infohash, peer_id: "p".repeat(20), offer_id: id, offer: { type: "answer", sdp: "s" } });
  await hear({ info_hash: infohash, peer_id: {}, offer_id: id, offer: 5, answer: null });
  expect(one.offered).not.toHaveBeenCalled();
  expect(one.answered).not.toHaveBeenCalled();
  expect(said).toHaveLength(1);
});

it("announces again when the tracker says, within reason", async () => {
  const { said, hear } = await joined();
  await hear({ action: "announce", info_hash: infohash, interval: 1 });
  await vi.advanceTimersByTimeAsync(29_000);
  expect(said).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1500);
  expect(said).toHaveLength(2);
  expect(said[1]).not.toHaveProperty("event");
});

it("says goodbye, and hangs up when nothing is shared any more", async () => {
  const { said, state, tracker, one } = await joined();
  tracker.leave(one);
  expect(said.at(-1)).toMatchObject({ event: "stopped", offers: [], numwant: 0 });
  expect(state.closed).toBe(1);
  await vi.advanceTimersByTimeAsync(4_000_000);
  expect(said).toHaveLength(2);
});

it("calls again after a while when the tracker is lost", async () => {
  const { said, sockets } = await joined();
  sockets[0]!.closed();
  await vi.advanceTimersByTimeAsync(4000);
  expect(sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(6500);
  expect(sockets).toHaveLength(2);
  sockets[1]!.opened();
  await settle();
  expect(said.at(-1)).toMatchObject({ event: "started" });
});
