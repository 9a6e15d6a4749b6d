/**
 * One track's swarm: the driver around the engine. It owns the pieces, the wires and the fetches; what is asked of whom is
 * the engine's to say.
 *
 * Nothing here calls the engine from inside a call of the engine: events are carried out one after the other in `pump`.
 */

import type { Swarm, SwarmEvent, SwarmStats } from "../wasm-swarm/osp_swarm_wasm";
import { toLatin1 } from "./bytes";
import type { Met } from "./meeting";
import { Meeting } from "./meeting";
import type { Engine } from "./module";
import type { Net } from "./net";
import { Pieces } from "./pieces";
import { NotHere, Readers } from "./readers";
import type { Spares } from "./spares";
import type { Member, Offer } from "./tracker";
import { Wire } from "./wire";

/** Most peers of one track; the engine holds to the same. */
const MAX_PEERS = 24;
/** Peers up to which the page makes offers of its own; others may still make theirs. */
const ENOUGH_PEERS = 10;
const now = () => performance.now();

/** What a track is, by its signed record. */
export interface Shared {
  /** 20 bytes. */
  readonly infohash: Uint8Array<ArrayBuffer>;
  readonly size: number;
  readonly cid: string;
  /** Media type as browsers know it. */
  readonly type: string;
}

/** What to fetch, as the engine numbers it. */
export const Demand = { nothing: 0, windows: 1, everything: 2 } as const;
export type Demand = (typeof Demand)[keyof typeof Demand];

/** A reader's place, and how soon it needs the bytes there. */
export interface Playhead {
  readonly position: number;
  /** Bytes a second. */
  readonly rate: number;
  /** Milliseconds that are there ahead of `position`. */
  readonly buffered: number;
}

/** Bytes by where they came from; of peers and servers the verified ones. */
export interface Split {
  /** Played again from what was here. */
  readonly cache: number;
  readonly peers: number;
  readonly server: number;
  /** Given to others. */
  readonly given: number;
  readonly connected: number;
}

export class Session implements Member {
  readonly infohash: string;
  readonly pieces: Pieces;
  readonly readers = new Readers();
  private readonly swarm: Swarm;
  private readonly meeting: Meeting;
  private readonly wires = new Map<number, Wire>();
  private readonly seeds = new Map<number, string>();
  /** What stops each fetch that runs. */
  private readonly fetches = new Map<number, () => void>();
  /** Pieces that are whole, and wait for the info dictionary to be judged. */
  private readonly unjudged = new Map<number, Uint8Array>();
  private readonly pieceHeader: Engine["pieceHeader"];
  knowsInfo = false;
  private lastConn = 0;
  private lastSeed = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pumping = false;
  private demand: Demand = Demand.everything;
  private closed = false;
  private fromCache = 0;
  /** Bytes the service worker had from the node before the session had them. */
  private offeredBytes = 0;

  /** `completed` is called once, when all pieces are there. */
  constructor(
    { Swarm: Engine, pieceHeader }: Engine,
    private readonly net: Net,
    readonly shared: Shared,
    peerId: Uint8Array,
    private readonly completed: () => void,
    spares?: Spares,
  ) {
    this.swarm = new Engine(shared.infohash, peerId, shared.size, Math.random(), now());
    this.pieceHeader = pieceHeader;
    this.pieces = new Pieces(shared.size, this.swarm.pieceLength);
    this.infohash = toLatin1(shared.infohash);
    this.meeting = new Meeting(
      spares,
      () => (this.closed ? 0 : MAX_PEERS - this.wires.size),
      (peer) => this.welcome(peer),
    );
  }

  // What is known of the track --------------------------------------------------------------------------------

  /** The info dictionary, in a `.torrent`. */
  setInfo(torrent: Uint8Array): void {
    if (this.closed || this.knowsInfo) return;
    if (this.swarm.setInfo(torrent, now())) this.infoIsKnown();
    this.pump();
  }

  addSeed(url: string): void {
    if (this.closed || [...this.seeds.values()].includes(url)) return;
    this.lastSeed += 1;
    this.seeds.set(this.lastSeed, url);
    this.swarm.addSeed(this.lastSeed, now());
    this.pump();
  }

  /** Bytes that came another way, from the node: a piece of them is kept once it is proven. */
  async offer(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length !== this.pieces.lengthOf(piece) || this.pieces.has(piece)) return;
    const sha1 = await digest(bytes);
    if (this.closed || this.pieces.has(piece) || !this.swarm.offered(piece, sha1, now())) return;
    this.pieces.keep(piece, bytes);
    this.offeredBytes += bytes.length;
    this.cameIn(piece);
    this.pump();
  }

  // What is wanted --------------------------------------------------------------------------------------------

  setPlayheads(playheads: readonly Playhead[], demand: Demand): void {
    if (this.closed) return;
    const numbers = playheads.flatMap(({ position, rate, buffered }) => [position, rate, buffered, this.shared.size]);
    this.swarm.setPlayheads(Float64Array.from(numbers), now());
    if (demand !== this.demand) {
      this.demand = demand;
      this.swarm.setDemand(demand, now());
    }
    this.pump();
  }

  /** Whether the byte at a place is proven and here. */
  has(place: number): boolean {
    return !this.closed && this.pieces.has(Math.floor(place / this.pieces.pieceLength));
  }

  /** Proven bytes from `start` on, at least one; waits for them up to `patience` milliseconds. */
  async read(start: number, end: number, patience: number, reader: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    if (this.closed) throw new NotHere("the swarm was left");
    this.readers.at(reader, start);
    if (!this.has(start)) await this.readers.wait(start, patience, reader);
    const found = this.pieces.read(start, end);
    if (!found) throw new NotHere("the piece was let go");
    if (found.again) this.fromCache += found.bytes.length;
    this.readers.at(reader, start + found.bytes.length);
    return found.bytes;
  }

  /** Lets go of pieces that were played, the earliest first, until `bytes` are free. */
  forget(bytes: number, before: number): void {
    const floor = this.pieces.held - bytes;
    for (const piece of this.pieces.before(before)) {
      if (this.pieces.held <= floor) break;
      this.pieces.drop(piece);
      this.swarm.forgetPiece(piece, now());
    }
    this.pump();
  }

  // Meeting others --------------------------------------------------------------------------------------------

  numbers() {
    const { peers, server, given } = this.split();
    return { uploaded: given, downloaded: peers + server, left: this.missing() };
  }

  offers(most: number): Promise<readonly Offer[]> {
    return this.meeting.make(Math.min(most, ENOUGH_PEERS - this.wires.size));
  }

  ready(most: number): readonly Offer[] {
    return this.wires.size === 0 ? this.meeting.ready(most) : [];
  }

  offered(sdp: string): Promise<string | undefined> {
    return this.meeting.answer(sdp);
  }

  answered(id: string, sdp: string): void {
    this.meeting.answered(id, sdp);
  }

  private welcome({ connection, channel, initiated }: Met) {
    const conn = (this.lastConn += 1);
    const wire = new Wire(connection, channel, {
      received: (bytes) => {
        this.swarm.received(conn, bytes, now());
        this.pump();
      },
      ready: () => this.send(conn),
      closed: () => {
        this.wires.delete(conn);
        if (this.closed) return;
        this.swarm.closed(conn, now());
        this.pump();
      },
    });
    if (this.closed || !this.swarm.addPeer(conn, initiated, now())) {
      wire.close();
      return;
    }
    this.wires.set(conn, wire);
    this.pump();
  }

  // Numbers ---------------------------------------------------------------------------------------------------

  stats(): SwarmStats {
    return this.swarm.stats(now());
  }

  split(): Split {
    if (this.closed) return { cache: 0, peers: 0, server: 0, given: 0, connected: 0 };
    const { fromPeers, seeds, uploaded } = this.stats();
    const server = seeds.reduce((sum, [, bytes]) => sum + bytes, this.offeredBytes);
    return { cache: this.fromCache, peers: fromPeers, server, given: uploaded, connected: this.wires.size };
  }

  private missing(): number {
    let left = 0;
    for (let piece = 0; piece < this.pieces.count; piece += 1) {
      if (!this.pieces.has(piece)) left += this.pieces.lengthOf(piece);
    }
    return left;
  }

  /** Closes every connection; pieces are gone. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    this.meeting.close();
    for (const wire of this.wires.values()) wire.close();
    this.wires.clear();
    for (const stop of this.fetches.values()) stop();
    this.readers.close();
    this.swarm.free();
  }

  // The engine's wishes ---------------------------------------------------------------------------------------

  /** Carries out what the engine wants, until it wants nothing. */
  private pump() {
    if (this.closed || this.pumping) return;
    this.pumping = true;
    try {
      for (;;) {
        const event = this.swarm.pollEvent(this.pieces);
        if (event) {
          this.handle(event);
          continue;
        }
        const conn = this.swarm.sendable();
        if (conn === undefined) break;
        this.send(conn);
      }
    } finally {
      this.pumping = false;
    }
    clearTimeout(this.timer);
    const at = this.swarm.pollTimeout();
    if (at !== undefined) this.timer = setTimeout(() => this.wake(), Math.max(0, at - now()) + 1);
  }

  private wake() {
    if (this.closed) return;
    this.swarm.handleTimeout(now());
    this.pump();
  }

  private send(conn: number) {
    const wire = this.wires.get(conn);
    while (wire?.hasRoom()) {
      const outgoing = this.swarm.pollSend(conn, now());
      if (!outgoing) break;
      if (outgoing instanceof Uint8Array) {
        wire.write(outgoing);
        continue;
      }
      const [piece = 0, begin = 0, length = 0] = outgoing;
      const block = this.pieces.block(piece, begin, length);
      if (block) {
        wire.write(this.pieceHeader(piece, begin, length));
        wire.write(block);
      } else this.swarm.unreadable(conn, piece, begin, length, now());
    }
    wire?.flush();
  }

  private handle(event: SwarmEvent) {
    switch (event.type) {
      case "check":
        return void this.check(event.piece);
      case "discard":
        return this.pieces.drop(event.piece);
      case "info":
        return this.infoIsKnown();
      case "fetch":
        return this.fetch(event.seed, event.fetch, event.start, event.end);
      case "cancelFetch":
        this.fetches.get(event.fetch)?.();
        this.fetches.delete(event.fetch);
        return;
      case "close":
        this.wires.get(event.conn)?.close();
        this.wires.delete(event.conn);
        return;
      case "dropSeed":
        this.seeds.delete(event.seed);
        return;
      case "complete":
        return this.completed();
      case "mismatch":
        return;
    }
  }

  private async check(piece: number) {
    const bytes = this.pieces.complete(piece);
    const sha1 = bytes && (await digest(bytes));
    if (this.closed) return;
    if (sha1 && !this.knowsInfo) this.unjudged.set(piece, sha1);
    else this.judge(piece, sha1);
    this.pump();
  }

  private judge(piece: number, sha1: Uint8Array | undefined) {
    if (this.swarm.checked(piece, sha1, now())) {
      this.pieces.proven(piece);
      this.cameIn(piece);
    } else this.pieces.drop(piece);
  }

  private infoIsKnown() {
    this.knowsInfo = true;
    for (const [piece, sha1] of this.unjudged) this.judge(piece, sha1);
    this.unjudged.clear();
  }

  private cameIn(piece: number) {
    const start = piece * this.pieces.pieceLength;
    this.readers.wake(start, start + this.pieces.lengthOf(piece));
  }

  private fetch(seed: number, fetch: number, start: number, end: number) {
    const url = this.seeds.get(seed);
    if (url === undefined) return;
    const stop = this.net.get(url, start, end, {
      bytes: (bytes) => {
        this.swarm.fetched(seed, fetch, bytes, now());
        this.pump();
      },
      ended: (how) => {
        this.fetches.delete(fetch);
        if (this.closed) return;
        this.swarm.fetchEnded(seed, fetch, how, now());
        this.pump();
      },
    });
    this.fetches.set(fetch, stop);
  }
}

/** SHA-1 by the browser, beside this thread. */
async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes));
}
