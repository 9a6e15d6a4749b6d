//! The decisions: one engine for one torrent, over all its peers and web seeds.
//!
//! The caller (a *driver*) owns sockets, files and the clock. It tells the engine what happened, then asks until
//! there is nothing left: [`Engine::poll_event`], [`Engine::sendable`] and [`Engine::poll_send`] for each connection
//! that can take more, and sleeps until [`Engine::poll_timeout`].
//!
//! The engine never sees the file: blocks come out as [`Event::Block`] for the driver to keep, a piece whose blocks
//! are all there as [`Event::Check`], and the driver answers with [`Engine::checked`]. So pieces may be proven in
//! whatever way there is: SHA-1 of the torrent, or the UnixFS DAG.
//!
//! # The protocol
//!
//! **First words.** Both sides send their handshake (BEP 3), then at once the extended handshake (BEP 10) and what
//! they have: `bitfield`, or `have all`/`have none` where both speak Fast (BEP 6). All other ordinary messages,
//! `unchoke` above all, wait until the other side has sent its first ordinary one: webtorrent in a browser that is
//! unchoked before it has sent its bitfield never asks for anything. A peer that is no browser and has sent none for
//! two seconds (it has nothing, and no Fast extension to say so) is spoken to all the same. Two engines of this kind
//! do not wait for each other: what they have is the first word of both.
//!
//! ```text
//!   we                                               the other side
//!   handshake ------------------------------------->
//!            <-------------------------------------- handshake
//!   extended handshake, bitfield | have all | none ->
//!            <-------------------------------------- extended handshake, bitfield | have all | none
//!   (from here on) have, interested, unchoke, allowed fast, requests
//! ```
//!
//! **What is asked of peers.** Pieces inside a reader's window, earliest deadline first; outside it begun pieces, then
//! the rarest; at the end the same blocks of several. Requests in flight follow the delay of each peer. Who is much
//! slower than others leaves the most urgent pieces to them.
//!
//! **What is asked of web seeds.** At the start, what is read within [`Config::web_seed_reserve`]; after that only
//! what peers, at the rate they keep, would bring too late. Without peers, everything.
//!
//! **Late and silent sources.** A block nearly due that has not come after [`Config::hedge_after`] (or twice the usual
//! delay of its source) is asked of another source as well; the first to come counts, the other is cancelled. A peer
//! that owes blocks and sends none is *snubbed*: its blocks go to others, and it is asked for one at a time until it
//! sends again. Two minutes without a byte end a connection.
//!
//! **Liars.** A bad piece ends its sender, if it was one; of several, the one is found that did it. It is named in
//! [`Event::Close`] or [`Event::DropWebSeed`] and does not come back. Nobody is blamed for [`Verdict::Lost`], nor for
//! standing beside a liar in [`Verdict::BadAmong`].
//!
//! **Uploads.** Slots go to those who give, or take, most, and one to chance. Requests wait in the engine and are
//! handed out when a connection has room, in turn when the rate is capped.
//!
//! **Metadata.** Who has the info dictionary gives it (BEP 9), also while choking. Who lacks it asks for it in parts.
//!
//! **Budgets.** Everything a remote can grow has a bound: requests waiting, bytes waiting to be sent, metadata,
//! pieces begun, addresses, bans, messages without effect.
//!
//! | module | subject |
//! |---|---|
//! | `session`, `peers` | a connection: its state; how it begins and ends |
//! | `inbound`, `extended`, `outbound` | messages that come, extended ones, what is sent |
//! | `window`, `availability`, `picker` | deadlines, rarity, the choice of blocks |
//! | `requests`, `arrivals`, `pieces` | asking peers and noticing that they are late; blocks that come; their state |
//! | `webseeds`, `ranges` | what comes from web seeds; what is asked of them |
//! | `verdicts`, `blame` | good and bad pieces; whose fault it was |
//! | `choker`, `uploads`, `fast` | who may take; what is taken; BEP 6's set |
//! | `torrent`, `metadata` | what is known of the torrent; BEP 9 |
//! | `exchange` | BEP 11 |
//! | `timers` | everything that happens with time |
//! | `rate`, `limiter`, `rng`, `budget`, `stats` | measures, caps, chance, bounds, numbers |

mod api;
mod arrivals;
mod availability;
mod blame;
mod budget;
mod choker;
mod exchange;
mod extended;
mod fast;
mod inbound;
mod limiter;
mod metadata;
mod outbound;
mod peers;
mod picker;
mod pieces;
mod ranges;
mod rate;
mod requests;
mod rng;
mod session;
mod stats;
mod timers;
mod torrent;
mod uploads;
mod verdicts;
mod webseeds;
mod window;

pub use api::*;
pub use stats::Load;

use crate::{
    ids::{Bitfield, Block, ConnId, Geometry, InfoHash, PeerId, PieceIndex},
    time::Time,
    wire::Handshake,
};
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    ops::Range,
    time::Duration,
};

/// One torrent's engine.
pub struct Engine {
    config: Config,
    infohash: InfoHash,
    peer_id: PeerId,
    rng: rng::Rng,

    info: Option<TorrentInfo>,
    /// The info dictionary is cut otherwise than the geometry: no peers.
    mismatch: bool,
    /// `None` until we know how the file is cut.
    pieces: Option<pieces::Pieces>,
    metadata: metadata::MetadataFetch,

    demand: Demand,
    window: window::Window,
    availability: availability::Availability,
    sessions: BTreeMap<ConnId, session::Session>,
    web_seeds: BTreeMap<WebSeedId, webseeds::Seed>,
    next_fetch: u64,
    blame: blame::Blame,
    bans: blame::Bans,
    /// Pieces whose verdict was given with another one's and is still to come.
    judged: BTreeSet<PieceIndex>,
    choker: choker::Choker,

    /// Pieces that came, for peers that have not been told; see [`session::Session::haves_sent`].
    have_log: Vec<PieceIndex>,
    events: VecDeque<Event>,
    /// Connections with something to send.
    sendable: VecDeque<ConnId>,
    /// Connections with blocks to send that wait for the cap on uploads.
    throttled: VecDeque<ConnId>,
    /// Peers that may have room for requests.
    hungry: BTreeSet<ConnId>,
    /// Web seeds may have something to fetch.
    feed_seeds: bool,
    /// Blocks that are late, the most urgent first.
    late: Vec<requests::Late>,
    upload_limiter: limiter::Limiter,
    download_limiter: limiter::Limiter,
    totals: stats::Totals,
    /// Since when no peer has anything for us; `None` while one has.
    alone_since: Option<Time>,
    /// Nothing is fetched before, because a piece could not be kept.
    paused_until: Time,
    pause: Duration,
    next_tick: Option<Time>,
    /// When the slower part of a tick is due.
    next_second: Time,
    complete: bool,
}

impl Engine {
    /// An engine that knows nothing but the infohash. `seed` decides all that is left to chance, the key of the digests
    /// by which liars are found among it: outside of tests nobody should be able to guess it.
    #[must_use]
    pub fn new(config: Config, infohash: InfoHash, peer_id: PeerId, seed: u64, now: Time) -> Self {
        let mut rng = rng::Rng::new(seed);
        Self {
            upload_limiter: limiter::Limiter::new(config.upload_limit, now),
            download_limiter: limiter::Limiter::new(config.download_limit, now),
            config,
            infohash,
            peer_id,
            info: None,
            mismatch: false,
            pieces: None,
            metadata: metadata::MetadataFetch::default(),
            demand: Demand::Everything,
            window: window::Window::default(),
            availability: availability::Availability::default(),
            sessions: BTreeMap::new(),
            web_seeds: BTreeMap::new(),
            next_fetch: 0,
            blame: blame::Blame::new(rng.next()),
            rng,
            bans: blame::Bans::default(),
            judged: BTreeSet::new(),
            choker: choker::Choker::new(now),
            have_log: Vec::new(),
            events: VecDeque::new(),
            sendable: VecDeque::new(),
            throttled: VecDeque::new(),
            hungry: BTreeSet::new(),
            feed_seeds: false,
            late: Vec::new(),
            totals: stats::Totals::default(),
            alone_since: Some(now),
            paused_until: Time::ZERO,
            pause: Duration::ZERO,
            next_tick: None,
            next_second: now,
            complete: false,
        }
    }

    // What is wanted -----------------------------------------------------------------------------------------

    /// Says how the file is cut before the info dictionary is known, so that web seeds can be used at once. Peers
    /// are asked for pieces only once the info is there (theirs might be cut otherwise). Only the first one counts.
    ///
    /// An info dictionary that is cut otherwise is then refused with [`Event::InfoMismatch`].
    pub fn set_geometry(&mut self, geometry: Geometry, now: Time) {
        self.cut(geometry);
        self.pump(now);
    }

    /// The info dictionary, from elsewhere than peers. `false`, and nothing changes, unless it hashes to the
    /// infohash and is cut as [`Engine::set_geometry`] said.
    pub fn set_info(&mut self, info: TorrentInfo, now: Time) -> bool {
        let fits = info.infohash() == self.infohash.0 && self.learn(info, now);
        self.pump(now);
        fits
    }

    /// Pieces that are there and verified: a seed's, a resumed download's, or proven in another way. Ignored before
    /// the geometry is known. When that makes the file whole, [`Event::Complete`] follows.
    pub fn add_pieces(&mut self, pieces: &Bitfield, now: Time) {
        self.found(pieces, now);
        self.pump(now);
    }

    /// Pieces that turn out not to be there any more (evicted, damaged).
    pub fn forget_piece(&mut self, piece: PieceIndex, now: Time) {
        self.lost(piece);
        self.pump(now);
    }

    /// What to fetch. At first [`Demand::Everything`].
    pub fn set_demand(&mut self, demand: Demand, now: Time) {
        self.demand = demand;
        if demand == Demand::Nothing {
            self.stop_fetching(now);
        }
        self.look_again(now);
        self.pump(now);
    }

    /// Where readers are; replaces those given before. Deadlines count from `now`.
    ///
    /// A driver that plays says so before it adds web seeds: while nobody reads, [`Demand::Everything`] is a download,
    /// and a web seed carries it at once.
    pub fn set_playheads(&mut self, playheads: &[Playhead], now: Time) {
        if self.window.is_empty() && self.alone_since.is_some() {
            // Peers get their time to come anew.
            self.alone_since = Some(now);
        }
        self.window.set(playheads, now);
        self.look_again(now);
        self.pump(now);
    }

    /// Changes rates and slots while running.
    pub fn set_config(&mut self, config: Config, now: Time) {
        self.upload_limiter.set_rate(config.upload_limit, now);
        self.download_limiter.set_rate(config.download_limit, now);
        let uploads_again = config.upload && !self.config.upload;
        self.config = config;
        if uploads_again {
            self.tell_all();
        }
        self.rechoke(now);
        self.look_again(now);
        self.pump(now);
    }

    // Peers ---------------------------------------------------------------------------------------------------

    /// A connection, at which no byte has been read yet, or the handshake alone (`handshake`, when the caller had
    /// to read it to know the torrent). [`Engine::poll_send`] gives our handshake first.
    ///
    /// # Errors
    /// [`Refused`]: the caller closes the connection.
    pub fn add_peer(
        &mut self,
        conn: ConnId,
        peer: PeerInfo,
        handshake: Option<Handshake>,
        now: Time,
    ) -> Result<(), Refused> {
        self.meet(conn, peer, handshake, now)?;
        self.pump(now);
        Ok(())
    }

    /// Bytes from a peer.
    pub fn received(&mut self, conn: ConnId, bytes: Bytes, now: Time) {
        self.read(conn, bytes, now);
        self.pump(now);
    }

    /// The connection is closed; its requests are given to others.
    pub fn closed(&mut self, conn: ConnId, now: Time) {
        self.part(conn, None, now);
        self.pump(now);
    }

    /// Connections that have something to send. A driver asks after every other call, and when a connection that
    /// was full can take more it calls [`Engine::poll_send`] directly.
    pub fn sendable(&mut self) -> Option<ConnId> {
        while let Some(conn) = self.sendable.pop_front() {
            if let Some(session) = self.sessions.get_mut(&conn) {
                session.queued = false;
                return Some(conn);
            }
        }
        None
    }

    /// The next thing to send on a connection that can take it. Uploads wait here, in the engine, until the
    /// connection has room, so that a cancel still reaches them and memory does not grow.
    pub fn poll_send(&mut self, conn: ConnId, now: Time) -> Option<Outgoing> {
        let outgoing = self.next_outgoing(conn, now);
        self.arm(now);
        outgoing
    }

    /// The block of an [`Outgoing::Block`] could not be read: it is refused to the peer instead.
    pub fn unreadable(&mut self, conn: ConnId, block: Block, now: Time) {
        self.refuse_block(conn, block);
        self.pump(now);
    }

    // Web seeds -----------------------------------------------------------------------------------------------

    /// A place that gives byte ranges: a mirror, a node, a gateway, a Bitswap peer.
    pub fn add_web_seed(&mut self, id: WebSeedId, seed: WebSeed, now: Time) {
        self.web_seeds.entry(id).or_insert_with(|| webseeds::Seed::new(seed, now));
        self.feed_seeds = true;
        self.pump(now);
    }

    /// It is gone, or must not be asked any more.
    pub fn remove_web_seed(&mut self, id: WebSeedId, now: Time) {
        self.drop_web_seed(id, None, now);
        self.pump(now);
    }

    /// The next bytes of a range that [`Event::Fetch`] asked for, in order, from its start.
    pub fn fetched(&mut self, id: WebSeedId, fetch: FetchId, bytes: Bytes, now: Time) {
        self.web_seed_fetched(id, fetch, bytes, now);
        self.pump(now);
    }

    /// The fetch ended, well or not.
    pub fn fetch_ended(&mut self, id: WebSeedId, fetch: FetchId, result: Result<(), FetchFault>, now: Time) {
        self.web_seed_ended(id, fetch, result, now);
        self.pump(now);
    }

    // Verdicts and time ---------------------------------------------------------------------------------------

    /// Answers [`Event::Check`].
    pub fn checked(&mut self, piece: PieceIndex, verdict: Verdict, now: Time) {
        self.judge(piece, verdict, now);
        self.pump(now);
    }

    /// To be called when [`Engine::poll_timeout`] has come; harmless at any other time.
    pub fn handle_timeout(&mut self, now: Time) {
        self.wake(now);
        self.pump(now);
    }

    /// When the engine wants to be called again, whatever else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Time> {
        self.next_wake()
    }

    /// What the driver has to do or may want to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    // What is known -------------------------------------------------------------------------------------------

    /// How the file is cut, if that is known.
    #[must_use]
    pub fn geometry(&self) -> Option<Geometry> {
        self.pieces.as_ref().map(pieces::Pieces::geometry)
    }

    /// The info dictionary, if that is known.
    #[must_use]
    pub fn info(&self) -> Option<&TorrentInfo> {
        self.info.as_ref()
    }

    /// The pieces that are there and verified, if it is known how many there are.
    #[must_use]
    pub fn pieces(&self) -> Option<&Bitfield> {
        self.pieces.as_ref().map(pieces::Pieces::have)
    }

    /// Numbers about peers, web seeds and bytes.
    #[must_use]
    pub fn stats(&self, now: Time) -> Stats {
        self.numbers(now)
    }

    /// Bytes of a range still to come, for a reader that waits. All of them while the geometry is not known.
    #[must_use]
    pub fn missing_in(&self, range: Range<u64>) -> u64 {
        let Some(pieces) = &self.pieces else { return range.end.saturating_sub(range.start) };
        let geometry = pieces.geometry();
        let mut missing = 0;
        let mut at = range.start;
        while let Some(piece) = geometry.piece_at(at).filter(|_| at < range.end) {
            let end = geometry.range(piece).end.min(range.end);
            if !pieces.have().has(piece) {
                missing += end - at;
            }
            at = end;
        }
        missing
    }

    /// Asks for what can be asked for.
    fn pump(&mut self, now: Time) {
        if !self.hungry.is_empty() {
            self.feed_peers(now);
        }
        if std::mem::take(&mut self.feed_seeds) {
            self.feed_web_seeds(now);
        }
        self.arm(now);
    }
}
