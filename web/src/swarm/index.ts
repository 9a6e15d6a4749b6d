/**
 * Listening together: loaded and started only when the listener has agreed. Before that no connection to anybody but the
 * node is made, and nothing of this is even downloaded.
 *
 * ```text
 *  <audio> --GET …/audio--> service worker --asks--> page: session of the track --> engine (WebAssembly)
 *                               |                            |-- data channels with other pages and programs
 *                               '-- node, where the page     '-- ranges of the node and of mirrors
 *                                   has nothing in time
 * ```
 *
 * What was played is given to others for as long as the page is open, within `MAX_HELD` bytes; the track that was played
 * longest ago goes first.
 */

import { MediaHost, type Served } from "../lib/media/host";
import { addresses } from "../lib/addresses";
import { NotYet } from "../lib/media/protocol";
import { audioOf, type Track } from "../lib/tracks";
import { newPeerId } from "./bytes";
import { isContent } from "./content";
import { Head } from "./head";
import { engine, type Engine } from "./module";
import { startNet, type Net } from "./net";
import { HEAD, type FromNode } from "./road";
import { Demand, Session, type Playhead, type Split } from "./session";
import { placesOf, sharedOf, torrentOf } from "./source";
import { NotHere } from "./readers";
import { Spares } from "./spares";
import { Tracker } from "./tracker";

/** Bytes of pieces that are kept in memory, of all tracks together. */
const MAX_HELD = 96 << 20;
/** Largest track that is fetched whole; of longer ones what is played next. */
const WHOLE = 64 << 20;
/** Tracks that are shared at once; each costs the trackers and the engine a little. */
const MAX_TRACKS = 12;
/** Milliseconds between looks at the player. */
const LOOK_MS = 500;
/** Seconds before the end of a track at which the next one is begun. */
const PREFETCH_S = 30;
/** Bytes at the end of a file that players read before they begin. */
const END = 66_000;
/** Milliseconds of music that are kept for asking the node, when others are late. */
const RESERVE_MS = 1500;
/** Milliseconds that a reader waits at least, and at most before it has to ask again, for bytes that the engine was asked for. */
const PATIENCE_MS = [200, 1500] as const;

/** The player, as far as this has to know it. */
export interface Listening {
  current(): Track | undefined;
  /** What plays after it. */
  upcoming(): Track | undefined;
  /** Whether a listener wants to hear it now. */
  isWanted(): boolean;
  /** Seconds. */
  position(): number;
  /** Seconds; NaN while unknown. */
  duration(): number;
  /** Seconds that the browser has ahead of the position. */
  buffered(): number;
}

/** What is shown to the listener. */
export interface Report extends Split {
  /** Whether others can be reached at all, and if not why. */
  readonly state: "starting" | "on" | "no-worker";
}

export class Together {
  private readonly peerId = newPeerId();
  private readonly net: Net = startNet();
  private readonly trackers = new Map<string, Tracker>();
  private readonly spares = new Spares();
  /** By track, those played longest ago first. */
  private readonly sessions = new Map<string, Session>();
  private readonly opening = new Map<string, Promise<void>>();
  private readonly heads = new Map<string, Head>();
  /** Tracks that the node does not give. */
  private readonly elsewhere = new Set<string>();
  private readonly stopping = new AbortController();
  private readonly ticker: ReturnType<typeof setInterval>;
  /** Bytes of sessions that are over. */
  private past: Split = { cache: 0, peers: 0, server: 0, given: 0, connected: 0 };
  private host: MediaHost | undefined;
  private state: Report["state"] = "starting";

  constructor(
    private readonly listening: Listening,
    private readonly report: (report: Report) => void,
  ) {
    navigator.serviceWorker?.addEventListener("message", this.hear);
    void this.takeOver();
    void engine().catch(() => undefined);
    this.ticker = setInterval(() => this.look(), LOOK_MS);
    addEventListener("pagehide", this.leave);
    this.look();
  }

  /** Looks at the player, now and every half second. */
  look(): void {
    if (this.state === "no-worker") return;
    const track = this.listening.current();
    if (track && this.listening.isWanted()) {
      this.open(track);
      const rest = this.listening.duration() - this.listening.position();
      const next = this.listening.upcoming();
      if (next && rest < PREFETCH_S) this.open(next);
    }
    for (const [key, session] of this.sessions) session.setPlayheads(...this.wish(key, session));
    this.tidy();
    this.report({ ...this.split(), state: this.state });
  }

  /** Leaves every swarm and closes every connection. */
  async stop(): Promise<void> {
    this.leave();
    this.spares.close();
    removeEventListener("pagehide", this.leave);
    navigator.serviceWorker?.removeEventListener("message", this.hear);
    this.host?.stop();
    this.stopping.abort();
    clearInterval(this.ticker);
    // The goodbyes are on their way to the worker.
    setTimeout(() => this.net.close(), 500);
  }

  private async takeOver() {
    this.host = await MediaHost.start(addresses.worker, (path, needed) => (needed ? this.needed(path) : this.served(path)));
    if (this.stopping.signal.aborted) this.host?.stop();
    else this.state = this.host ? "on" : "no-worker";
    if (this.state === "on") {
      void this.spares.fill();
      this.tracker(ownTracker()).warm();
    }
    this.look();
  }

  private readonly leave = () => {
    for (const key of this.sessions.keys()) this.close(key);
  };

  // Tracks ----------------------------------------------------------------------------------------------------

  private open(track: Track) {
    const session = this.sessions.get(track.key);
    if (session) {
      // Played last: the last to go.
      this.sessions.delete(track.key);
      this.sessions.set(track.key, session);
    } else if (!this.opening.has(track.key)) {
      // A track that cannot be shared stays in here, and is not tried again.
      this.opening.set(track.key, this.begin(track).catch(() => void this.opening.delete(track.key)));
    }
  }

  private async begin(track: Track) {
    const { signal } = this.stopping;
    const places = placesOf(track, signal);
    const [shared, loaded] = await Promise.all([sharedOf(track), engine()]);
    if (!shared || signal.aborted) return;
    const torrent = torrentOf(shared.infohash, signal);
    const session = this.create(loaded, track, shared);
    void torrent.then((bytes) => bytes && session.setInfo(bytes)).then(() => this.useHead(track.key));
    const { mirrors, trackers } = await places;
    if (this.sessions.get(track.key) !== session) return;
    const own = ownAddress(shared.cid);
    for (const mirror of mirrors) if (mirror !== own) session.addSeed(mirror);
    for (const url of trackers) this.tracker(url).join(session);
  }

  private create(loaded: Engine, track: Track, shared: Session["shared"]): Session {
    const completed = () => {
      for (const tracker of this.trackers.values()) tracker.completed(session);
      // Pieces prove the torrent, and the record names both: an artist who signed two different files shares neither.
      void isContent(session.pieces, shared.cid).then((right) => right === false && this.giveUp(track.key));
    };
    const session: Session = new Session(loaded, this.net, shared, this.peerId, completed, this.spares);
    this.sessions.set(track.key, session);
    this.opening.delete(track.key);
    session.setPlayheads(...this.wish(track.key, session));
    session.addSeed(ownAddress(shared.cid));
    return session;
  }

  /** Shares a track no more, in this visit. */
  private giveUp(key: string) {
    this.close(key);
    this.opening.set(key, Promise.resolve());
  }

  private tracker(url: string): Tracker {
    const known = this.trackers.get(url) ?? new Tracker(this.net, url, this.peerId);
    this.trackers.set(url, known);
    return known;
  }

  private close(key: string) {
    const session = this.sessions.get(key);
    if (!session) return;
    this.past = { ...sum(this.past, session.split()), connected: 0 };
    for (const tracker of this.trackers.values()) tracker.leave(session);
    this.sessions.delete(key);
    session.close();
  }

  /** Keeps within the bounds: first the tracks that were played longest ago, then what was played of this one. */
  private tidy() {
    let over = [...this.sessions.values()].reduce((held, session) => held + session.pieces.held, -MAX_HELD);
    const current = this.listening.current()?.key;
    for (const [key, session] of this.sessions) {
      if (over <= 0 && this.sessions.size <= MAX_TRACKS) return;
      if (key === current) session.forget(over, Math.min(session.shared.size, ...session.readers.positions));
      else this.close(key);
      over -= session.pieces.held;
    }
  }

  // What is wanted of a track ---------------------------------------------------------------------------------

  private wish(key: string, session: Session): [Playhead[], Demand] {
    const { size } = session.shared;
    const isCurrent = this.listening.current()?.key === key;
    const isNext = this.listening.upcoming()?.key === key;
    if (!isCurrent && !isNext) return [[], Demand.nothing];
    const duration = this.listening.duration();
    const rate = Math.max(4000, size / (isCurrent && duration > 0 ? duration : 240));
    const rest = isCurrent ? 0 : Math.max(0, duration - this.listening.position()) || 0;
    const places = session.readers.positions;
    const start = this.startsOf(key, session, isCurrent);
    const ahead = places.length === 0 ? (isCurrent ? start[0]! / rate : rest) : this.listening.buffered() + rest;
    const playheads = start.map((position) => ({ position, rate, buffered: ahead * 1000 }));
    return [playheads, isCurrent && size <= WHOLE && this.listening.isWanted() ? Demand.everything : Demand.windows];
  }

  /** Where bytes are wanted next. */
  private startsOf(key: string, session: Session, isCurrent: boolean): number[] {
    const { size } = session.shared;
    const places = session.readers.positions;
    if (this.elsewhere.has(key)) {
      const end = Math.max(0, size - END);
      // Players read the end too before they begin.
      return [...(places.length === 0 ? [0] : places), ...(session.has(end) && session.has(size - 1) ? [] : [end])];
    }
    // Nobody reads yet: the beginning is on its way from the node already.
    return places.length === 0 ? [isCurrent ? Math.min(HEAD, size - 1) : 0] : places;
  }

  // The service worker ----------------------------------------------------------------------------------------

  /** What the node does not have: the swarm is joined although nobody has pressed the key yet. */
  private async needed(path: string): Promise<Served | undefined> {
    const track = [this.listening.current(), this.listening.upcoming()].find((each) => each && audioOf(each) === path);
    if (track) {
      this.elsewhere.add(track.key);
      this.open(track);
      await this.opening.get(track.key);
    }
    return this.served(path);
  }

  private served(path: string): Served | undefined {
    const key = this.keyOf(path);
    const found = key === undefined ? undefined : this.sessions.get(key);
    if (key === undefined || !found) return undefined;
    return {
      size: found.shared.size,
      type: found.shared.type,
      name: "",
      etag: `"${found.shared.cid}"`,
      read: async (start, end, reader, now) => {
        const session = this.sessions.get(key);
        if (!session) throw new NotHere("the track is not shared any more");
        const isThere = session.has(start);
        // What cannot wait is taken from the node, so it is what follows that others are asked for.
        session.readers.at(reader, now && !isThere ? Math.min(start + HEAD, session.shared.size - 1) : start);
        session.setPlayheads(...this.wish(key, session));
        if (now && !isThere) throw new NotHere("it is not here yet");
        // What comes next may be wanted at any moment, and nothing of it is buffered.
        const isCurrent = this.listening.current()?.key === key;
        const spare = isCurrent ? this.listening.buffered() * 1000 - RESERVE_MS : 0;
        // With hardly any music left, what the node has is not waited for.
        const least = isCurrent && !this.elsewhere.has(key) && spare < 0 ? 0 : PATIENCE_MS[0];
        const patience = Math.min(Math.max(spare, least), PATIENCE_MS[1]);
        try {
          return await session.read(start, end, patience, reader);
        } catch (error) {
          if (spare > patience && this.sessions.get(key) === session) throw new NotYet("others still have time");
          throw error;
        }
      },
    };
  }

  private readonly hear = ({ data }: MessageEvent<FromNode | undefined>) => {
    if (data?.media !== "node") return;
    const key = this.keyOf(data.path);
    if (key === undefined) return;
    if ("refused" in data) {
      this.elsewhere.add(key);
      return;
    }
    this.elsewhere.delete(key);
    const head = this.heads.get(key) ?? new Head();
    // The last few tracks: what nobody went on to play is let go.
    this.heads.delete(key);
    this.heads.set(key, head);
    for (const old of [...this.heads.keys()].slice(0, -3)) this.heads.delete(old);
    head.add(data.start, data.bytes);
    this.useHead(key);
  };

  private useHead(key: string) {
    const session = this.sessions.get(key);
    if (!session?.knowsInfo) return;
    const whole = this.heads.get(key)?.take(session.pieces.pieceLength, session.shared.size) ?? [];
    for (const { piece, bytes } of whole) void session.offer(piece, bytes);
  }

  /** The track whose audio is at a path: one that is shared or under the needle. */
  private keyOf(path: string): string | undefined {
    const current = this.listening.current();
    if (current && audioOf(current) === path) return current.key;
    const next = this.listening.upcoming();
    if (next && audioOf(next) === path) return next.key;
    return [...this.sessions.keys()].find((key) => audioOf({ key }) === path);
  }

  private split(): Split {
    return [...this.sessions.values()].reduce((all, session) => sum(all, session.split()), this.past);
  }
}

/** Every node is a tracker, and names itself first. */
const ownTracker = (): string => new URL("/announce", location.href.replace(/^http/, "ws")).href;

/** Where the node gives the content, by content. */
const ownAddress = (cid: string): string => new URL(`/ipfs/${cid}`, location.href).href;

const sum = (a: Split, b: Split): Split => ({
  cache: a.cache + b.cache,
  peers: a.peers + b.peers,
  server: a.server + b.server,
  given: a.given + b.given,
  connected: a.connected + b.connected,
});
