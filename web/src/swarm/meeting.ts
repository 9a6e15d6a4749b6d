/** How a track's swarm meets others: offers that wait for answers, answers that wait for a channel, and how many. */

import { random, toLatin1 } from "./bytes";
import { leisure } from "./leisure";
import { answer, offer, type Attempt } from "./rtc";
import type { Spares } from "./spares";
import type { Offer } from "./tracker";

/** Milliseconds that an offer waits for an answer, as long as trackers keep it. */
const OFFER_MS = 60_000;
/** Milliseconds in which a channel has to open. */
const CONNECT_MS = 20_000;
/** Answers at once: everybody may send offers, and each costs a connection. */
const MAX_ANSWERS = 8;

/** A channel that is open. */
export interface Met {
  readonly connection: RTCPeerConnection;
  readonly channel: RTCDataChannel;
  /** Whether the offer was ours. */
  readonly initiated: boolean;
}

export class Meeting {
  /** Offers nobody has answered yet, by name. */
  private readonly offers = new Map<string, { readonly attempt: Attempt; readonly expiry: ReturnType<typeof setTimeout> }>();
  /** Connections whose channel is not open yet. */
  private readonly pending = new Set<RTCPeerConnection>();
  private closed = false;

  /** `spares`: offers that are ready; `wanted`: how many more peers there may be; `met` is told of each one that came. */
  constructor(
    private readonly spares: Spares | undefined,
    private readonly wanted: () => number,
    private readonly met: (peer: Met) => void,
  ) {}

  /** Offers that are ready: they cost the page no time. */
  ready(most: number): Offer[] {
    return this.spares?.take(this.room(most)).map((attempt) => this.keep(attempt)) ?? [];
  }

  /** New offers, as many as are wanted beside those that wait. */
  async make(most: number): Promise<Offer[]> {
    // A connection takes the page's thread for some milliseconds, in which music might have begun.
    await leisure();
    const made = await Promise.all(Array.from({ length: this.room(most) }, () => offer().catch(() => undefined)));
    return made.flatMap((attempt) => (attempt ? [this.keep(attempt)] : []));
  }

  private room(most: number): number {
    return Math.max(0, Math.min(most, this.wanted() - this.pending.size - this.offers.size));
  }

  private keep(attempt: Attempt): Offer {
    const id = toLatin1(random(20));
    if (this.closed) attempt.connection.close();
    else {
      const expire = () => {
        this.offers.delete(id);
        attempt.connection.close();
      };
      this.offers.set(id, { attempt, expiry: setTimeout(expire, OFFER_MS) });
    }
    return { id, sdp: attempt.sdp };
  }

  /** Our answer to somebody's offer; `undefined` when there are enough, or it is no offer. */
  async answer(sdp: string): Promise<string | undefined> {
    if (this.closed || this.pending.size >= Math.min(MAX_ANSWERS, this.wanted())) return undefined;
    try {
      const attempt = await answer(sdp);
      this.connect(attempt, false);
      return this.closed ? undefined : attempt.sdp;
    } catch {
      return undefined;
    }
  }

  /** Somebody answered an offer of ours. */
  answered(id: string, sdp: string): void {
    const kept = this.offers.get(id);
    if (!kept) return;
    this.offers.delete(id);
    clearTimeout(kept.expiry);
    const { attempt } = kept;
    attempt.connection.setRemoteDescription({ type: "answer", sdp }).catch(() => attempt.connection.close());
    this.connect(attempt, true);
  }

  /** Ends everything that is not a channel yet. */
  close(): void {
    this.closed = true;
    for (const { attempt, expiry } of this.offers.values()) {
      clearTimeout(expiry);
      attempt.connection.close();
    }
    this.offers.clear();
    for (const connection of this.pending) connection.close();
    this.pending.clear();
  }

  private connect({ connection, channel }: Attempt, initiated: boolean) {
    if (this.closed) {
      connection.close();
      return;
    }
    this.pending.add(connection);
    const patience = setTimeout(() => {
      this.pending.delete(connection);
      connection.close();
    }, CONNECT_MS);
    const done = () => {
      clearTimeout(patience);
      return this.pending.delete(connection);
    };
    channel.then(
      (open) => {
        if (done()) this.met({ connection, channel: open, initiated });
      },
      () => {
        done();
        connection.close();
      },
    );
  }
}
