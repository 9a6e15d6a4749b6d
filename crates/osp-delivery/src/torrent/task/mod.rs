//! The task of one torrent: it owns the engine, and does what the engine says.
//!
//! ```text
//!   readers, fetches --Input (bounded)--+                  +--> blocks --> OpenPieces --> Content::put (spawned)
//!   writers, handles --Command----------+--> Engine events +--> fetches, calls (spawned)       |
//!   verdicts, calls that were answered -+                  +--> Outgoing --> writers           |
//!            ^----------------------------------------------------------------------------------+
//! ```
//!
//! While more than [`MAX_CHECKING_BYTES`] are being checked and kept, nothing is taken from readers and fetches: a
//! slow disk holds the network back.

mod actions;
mod connection;
mod dial;
mod events;
mod fetch;
pub(crate) mod messages;
mod pieces;
pub(crate) mod uploads;

use super::{
    TorrentSetup,
    handle::{Publish, Seen},
    hub::ledger::Account,
    services::{Call, Services},
    setup::{Held, Seeding},
};
use crate::{SourceKind, torrent::RangeSource};
use connection::{Connection, Links};
use dial::AddressBook;
use messages::{Command, Input};
use osp_swarm::{
    Bitfield, Config, ConnId, Engine, FetchId, Geometry, PieceIndex, Time, Verdict, WebSeedId,
    wire::Handshake,
};
use pieces::OpenPieces;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::{Id, JoinHandle, JoinSet},
    time::Instant,
};

/// Most bytes of pieces that are being checked and kept at once.
const MAX_CHECKING_BYTES: usize = 24 * 1024 * 1024;
/// Messages from readers and fetches that wait at most.
const INPUT_QUEUE: usize = 64;
/// Messages that are taken in one go before the engine is asked what to do.
const BATCH: usize = 32;
/// A seed calls others itself only while it has fewer peers than this: the others call.
const SEED_CALLS_BELOW: usize = 4;
/// How long what is being kept may take to finish when the torrent is closed.
const CLOSE_PATIENCE: Duration = Duration::from_secs(10);
/// Peers that have been given enough have what was sent last when nothing was asked for this long...
const PARTING: Duration = Duration::from_secs(1);
/// ...or after this long, whatever they ask for.
const LONGEST_PARTING: Duration = Duration::from_secs(10);

/// A task that ends when this is dropped.
pub(super) struct AbortOnDrop(pub(super) JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Work that answers to the torrent's task.
enum Done {
    Checked(PieceIndex, usize, Verdict),
    Completed,
}

/// A web seed.
struct Source {
    source: Arc<dyn RangeSource>,
    name: String,
    kind: SourceKind,
    active: bool,
}

/// The task of one torrent.
pub(super) struct Task {
    engine: Engine,
    config: Config,
    seeding: Seeding,
    links: Links,
    inputs: mpsc::Receiver<Input>,
    publish: Publish,
    started: Instant,
    connections: HashMap<ConnId, Connection>,
    next_conn: u64,
    sources: HashMap<WebSeedId, Source>,
    fetches: HashMap<FetchId, AbortOnDrop>,
    pieces: OpenPieces,
    work: JoinSet<Done>,
    /// The pieces that are being checked, for a check that panics.
    checking: HashMap<Id, (PieceIndex, usize)>,
    checking_bytes: usize,
    calls: JoinSet<(SocketAddr, Call)>,
    /// What every connection begins with.
    greeting: Handshake,
    book: AddressBook,
    complete: Completion,
    /// The content knows that it is whole; it is told once.
    told: bool,
    /// Set for a torrent that was opened for a caller: it is closed when nobody is there any more.
    idle: Option<Idle>,
    /// Set when enough has been given.
    parting: Option<Parting>,
    closing: bool,
}

/// Enough has been given, and what was given last may still be on its way: hanging up at once would lose it.
struct Parting {
    since: Instant,
    uploaded: u64,
    last: Instant,
}

impl Parting {
    /// When to close, if nothing more is given.
    fn end(&self) -> Instant {
        (self.last + PARTING).min(self.since + LONGEST_PARTING)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Completion {
    Missing,
    /// [`Content::complete`](crate::torrent::Content::complete) runs.
    Finishing,
    Complete,
}

struct Idle {
    patience: Duration,
    since: Instant,
}

impl Task {
    /// Sets the engine up. `idle`: how long the torrent stays open without peers; `None`: until it is closed.
    pub(super) fn new(
        setup: TorrentSetup,
        services: Arc<Services>,
        account: Arc<Account>,
        publish: Publish,
        commands: mpsc::WeakUnboundedSender<Command>,
        idle: Option<Duration>,
    ) -> Self {
        let (input, inputs) = mpsc::channel(INPUT_QUEUE);
        let started = Instant::now();
        let mut config = setup.config;
        setup.seeding.apply(&mut config);
        let now = Time::ZERO;
        let mut engine = Engine::new(config.clone(), setup.infohash, setup.peer_id, setup.seed, now);
        engine.set_demand(setup.demand, now);
        if let Some(geometry) = setup.geometry {
            engine.set_geometry(geometry, now);
        }
        if let Some(info) = setup.info
            && engine.set_info(info.clone(), now)
        {
            publish.info(&info);
        }
        let geometry = Arc::new(OnceLock::new());
        let held = match (setup.held, engine.geometry()) {
            (Held::All, Some(geometry)) => Some(Bitfield::all(geometry.pieces())),
            (Held::Pieces(held), Some(_)) => Some(held),
            _ => None,
        };
        if let Some(held) = &held {
            engine.add_pieces(held, now);
        }
        let whole = engine.pieces().is_some_and(Bitfield::is_complete);
        let book = AddressBook::new(services.allow_private, services.patience.redial, services.encryption);
        let links = Links { services, content: setup.content, account, geometry, commands, input };
        let mut task = Self {
            engine,
            config,
            seeding: setup.seeding,
            links,
            inputs,
            publish,
            started,
            connections: HashMap::new(),
            next_conn: 0,
            sources: HashMap::new(),
            fetches: HashMap::new(),
            pieces: OpenPieces::default(),
            work: JoinSet::new(),
            checking: HashMap::new(),
            checking_bytes: 0,
            calls: JoinSet::new(),
            greeting: Handshake::ours(setup.infohash, setup.peer_id),
            book,
            complete: if whole { Completion::Complete } else { Completion::Missing },
            told: whole,
            idle: idle.map(|patience| Idle { patience, since: started }),
            parting: None,
            closing: false,
        };
        task.publish_pieces();
        task
    }

    /// Runs until the torrent is closed.
    pub(super) async fn run(mut self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut orders = Vec::with_capacity(BATCH);
        self.drain();
        while !self.closing {
            let wake = self.wake_at();
            let listening = self.checking_bytes < MAX_CHECKING_BYTES;
            tokio::select! {
                count = commands.recv_many(&mut orders, BATCH) => {
                    if count == 0 {
                        break; // every handle is gone
                    }
                    orders.drain(..).for_each(|order| self.obey(order));
                }
                Some(done) = self.work.join_next_with_id(), if !self.work.is_empty() => self.done(done),
                Some(Ok((address, result))) = self.calls.join_next(), if !self.calls.is_empty() => {
                    self.called(address, result);
                }
                count = self.inputs.recv_many(&mut batch, BATCH), if listening => {
                    debug_assert!(count > 0, "the task itself holds a sender");
                    batch.drain(..).for_each(|input| self.take(input));
                }
                () = sleep_until(wake) => {}
            }
            self.tick();
            self.drain();
        }
        self.close().await;
    }

    /// Time as the engine has it.
    fn now(&self) -> Time {
        Time::from_origin(self.started.elapsed())
    }

    /// What is due, is done; whatever it was that woke the task.
    fn tick(&mut self) {
        let now = self.now();
        if self.engine.poll_timeout().is_some_and(|due| due <= now) {
            self.engine.handle_timeout(now);
        }
        self.call_more();
        self.consider_closing();
    }

    /// When the task has something to do even if nothing happens.
    fn wake_at(&self) -> Option<Instant> {
        let engine = self.engine.poll_timeout().map(|due| self.started + due.since_origin());
        let call = self.book.next_at().filter(|_| self.wants_calls());
        let idle = self.idle.as_ref().filter(|_| self.connections.is_empty());
        let idle = idle.map(|idle| idle.since + idle.patience);
        let parting = self.parting.as_ref().map(Parting::end);
        [engine, call, idle, parting].into_iter().flatten().min()
    }

    /// A torrent that has given enough, or that nobody asks for any more, is closed.
    fn consider_closing(&mut self) {
        if let Some(idle) = &mut self.idle {
            let now = Instant::now();
            if !self.connections.is_empty() {
                idle.since = now;
            } else if now >= idle.since + idle.patience {
                self.closing = true;
            }
        }
        let length = self.engine.geometry().map_or(0, |g| g.length());
        let uploaded = self.links.account.uploaded();
        if self.complete == Completion::Complete && self.seeding.is_done(uploaded, length) {
            let now = Instant::now();
            let parting = self.parting.get_or_insert(Parting { since: now, uploaded, last: now });
            if parting.uploaded != uploaded {
                (parting.uploaded, parting.last) = (uploaded, now);
            }
            self.closing |= uploaded == 0 || self.connections.is_empty() || now >= parting.end();
        }
    }

    /// Lets go of everything; what is being kept is finished.
    async fn close(mut self) {
        self.publish_stats();
        self.connections.clear();
        self.fetches.clear();
        self.calls.abort_all();
        let finish = async {
            while let Some(done) = self.work.join_next().await {
                if let Ok(Done::Checked(piece, _, Verdict::Good)) = done {
                    self.publish.piece(piece);
                }
            }
        };
        let _ = tokio::time::timeout(CLOSE_PATIENCE, finish).await;
    }

    /// The geometry, once it is known, for those who only see it through a cell.
    fn geometry(&self) -> Option<Geometry> {
        let geometry = self.engine.geometry()?;
        let _ = self.links.geometry.set(geometry);
        Some(geometry)
    }

    /// Tells readers which pieces are there, all over again.
    fn publish_pieces(&mut self) {
        self.geometry();
        if let Some(pieces) = self.engine.pieces() {
            self.publish.pieces(pieces);
        }
    }

    fn publish_stats(&self) {
        self.publish.stats(self.stats());
    }

    fn seen(&self) -> &Seen {
        self.publish.seen()
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake).await,
        None => std::future::pending().await,
    }
}
