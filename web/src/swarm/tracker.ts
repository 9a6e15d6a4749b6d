/**
 * One WebSocket tracker, over which the page announces every track it shares. Others are met by session descriptions that
 * the tracker passes on; what is said is what `bittorrent-tracker` of npm says (there is no BEP).
 *
 * ```text
 *  announce, up to 5 offers  -->  tracker  -->  one offer each to some of the others
 *  answer to an offer        <--  tracker  <--  announce, answer
 *  offer of somebody         <--  tracker  <--  announce, offers
 * ```
 *
 * Digests are strings of the characters U+0000 to U+00FF.
 */

import { toLatin1 } from "./bytes";
import type { Net, Socket } from "./net";

/** A WebRTC offer with its name, which answers repeat. */
export interface Offer {
  /** 20 bytes, as text. */
  readonly id: string;
  readonly sdp: string;
}

/** A track that is announced. */
export interface Member {
  /** 20 bytes, as text. */
  readonly infohash: string;
  numbers(): { readonly uploaded: number; readonly downloaded: number; readonly left: number };
  /** As many offers as peers are wanted, at most `most`. */
  offers(most: number): Promise<readonly Offer[]>;
  /** At most `most` offers that cost no time; none when somebody is there already. */
  ready?(most: number): readonly Offer[];
  /** Somebody offers; the answer, or `undefined` when nobody else is wanted. */
  offered(sdp: string): Promise<string | undefined>;
  /** Somebody answered an offer. */
  answered(id: string, sdp: string): void;
}

/** Offers in one announce: as many as stock clients send. */
const OFFERS = 5;
/** Seconds between announces: what a tracker may ask for, and what is done when it does not say. */
const INTERVAL_S = { shortest: 30, longest: 3600, usual: 120 } as const;
/** Milliseconds before a lost tracker is called again, at first; doubled each time up to the second number. */
const AGAIN_MS = [5_000, 300_000] as const;
/** Milliseconds between an announce with what was ready and one with more. */
const REST_MS = 3000;
/** Longest session description that is looked at, in characters. */
const MAX_SDP = 16 << 10;

type AnnounceEvent = "started" | "stopped" | "completed";

export class Tracker {
  private readonly members = new Map<string, Member>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private socket: Socket | undefined;
  private isOpen = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  private pause: number = AGAIN_MS[0];

  constructor(
    private readonly net: Net,
    private readonly url: string,
    private readonly peerId: Uint8Array,
  ) {}

  /** Calls it before there is anything to announce, which then waits for nothing. */
  warm(): void {
    this.call();
  }

  join(member: Member): void {
    this.members.set(member.infohash, member);
    if (this.isOpen) void this.announce(member, "started");
    else this.call();
  }

  /** Says goodbye. A tracker without members is hung up. */
  leave(member: Member): void {
    if (!this.members.delete(member.infohash)) return;
    clearTimeout(this.timers.get(member.infohash));
    this.timers.delete(member.infohash);
    if (this.isOpen) this.send(member, { event: "stopped", offers: [] });
    if (this.members.size === 0) this.hangUp();
  }

  /** All its pieces are there. */
  completed(member: Member): void {
    if (this.isOpen && this.members.has(member.infohash)) this.send(member, { event: "completed", offers: [] });
  }

  private call() {
    if (this.socket) return;
    clearTimeout(this.again);
    this.socket = this.net.open(this.url, {
      opened: () => {
        this.isOpen = true;
        this.pause = AGAIN_MS[0];
        for (const member of this.members.values()) void this.announce(member, "started");
      },
      text: (text) => void this.hear(text),
      closed: () => this.lost(),
    });
  }

  private hangUp() {
    clearTimeout(this.again);
    this.socket?.close();
    this.socket = undefined;
    this.isOpen = false;
  }

  private lost() {
    this.socket = undefined;
    this.isOpen = false;
    for (const timer of this.timers.values()) clearTimeout(timer);
    if (this.members.size === 0) return;
    // Not all at once when a tracker comes back.
    this.again = setTimeout(() => this.call(), this.pause * (1 + Math.random()));
    this.pause = Math.min(this.pause * 2, AGAIN_MS[1]);
  }

  private async announce(member: Member, event?: AnnounceEvent) {
    this.plan(member, INTERVAL_S.usual);
    const ready = member.ready?.(OFFERS) ?? [];
    if (ready.length > 0) {
      this.send(member, { event, offers: ready });
      // At once they would go to the same peers.
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    const offers = await member.offers(OFFERS - ready.length);
    // Offers take a moment; by then everything may be over.
    if (!this.isOpen || this.members.get(member.infohash) !== member) return;
    if (ready.length === 0) this.send(member, { event, offers });
    else if (offers.length > 0) this.send(member, { offers });
  }

  private plan(member: Member, seconds: number) {
    clearTimeout(this.timers.get(member.infohash));
    this.timers.set(member.infohash, setTimeout(() => void this.announce(member), seconds * 1000));
  }

  private send(member: Member, what: { event?: AnnounceEvent | undefined; offers: readonly Offer[] }) {
    this.say({
      action: "announce",
      info_hash: member.infohash,
      peer_id: toLatin1(this.peerId),
      ...member.numbers(),
      ...(what.event === undefined ? {} : { event: what.event }),
      numwant: what.offers.length,
      offers: what.offers.map(({ id, sdp }) => ({ offer_id: id, offer: { type: "offer", sdp } })),
    });
  }

  private say(message: object) {
    this.socket?.send(JSON.stringify(message));
  }

  private async hear(text: string) {
    const message = parse(text);
    const member = this.members.get(String(message?.info_hash));
    if (!message || !member) return;
    const { offer_id: id, peer_id: from } = message;
    if (typeof message.interval === "number") {
      this.plan(member, Math.min(Math.max(message.interval, INTERVAL_S.shortest), INTERVAL_S.longest));
    }
    if (typeof id !== "string" || id.length !== 20) return;
    const answer = sdpOf(message.answer, "answer");
    if (answer !== undefined) member.answered(id, answer);
    const offer = sdpOf(message.offer, "offer");
    if (offer === undefined || typeof from !== "string" || from.length !== 20) return;
    const sdp = await member.offered(offer);
    if (sdp === undefined || !this.isOpen) return;
    this.say({
      action: "announce",
      info_hash: member.infohash,
      peer_id: toLatin1(this.peerId),
      to_peer_id: from,
      offer_id: id,
      answer: { type: "answer", sdp },
    });
  }
}

type Message = Readonly<Record<"info_hash" | "offer_id" | "peer_id" | "interval" | "answer" | "offer", unknown>>;

function parse(text: string): Message | undefined {
  try {
    const message = JSON.parse(text) as Message | null;
    return typeof message === "object" && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}

/** The description in `{"type": …, "sdp": …}`, if it is one of that type. */
function sdpOf(value: unknown, type: "offer" | "answer"): string | undefined {
  const description = value as { type?: unknown; sdp?: unknown } | null | undefined;
  const sdp = description?.type === type ? description.sdp : undefined;
  return typeof sdp === "string" && sdp.length > 0 && sdp.length <= MAX_SDP ? sdp : undefined;
}
