//! [`Torrent`]: the handle to one torrent's task.

use super::{
    Content, Culprit, Have, RangeSource, TorrentSetup, TorrentStats,
    hub::{
        ledger::{Account, Ledger},
        limits::Permit,
    },
    services::Services,
    stats::MAX_CULPRITS,
    task::{Task, messages::Command},
};
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_fetch::Trust;
use osp_peers::PeerStream;
use osp_swarm::{Bitfield, Config, Demand, Geometry, InfoHash, PieceIndex, Playhead, wire::Handshake};
use std::{
    io,
    net::SocketAddr,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};

/// The info dictionary, as it is watched.
pub type InfoWatch = watch::Receiver<Option<Arc<TorrentInfo>>>;

/// An open torrent. Cheap to clone; the torrent is closed by [`Torrent::close`], by its [`Seeding`](super::Seeding)
/// policy, or when the last handle (a [`Hub`](super::Hub) has one) is dropped. Calls on a closed torrent do nothing.
#[derive(Clone)]
pub struct Torrent(Arc<Inner>);

struct Inner {
    infohash: InfoHash,
    commands: mpsc::UnboundedSender<Command>,
    seen: Arc<Seen>,
    have: Have,
    info: InfoWatch,
    content: Arc<dyn Content>,
    account: Arc<Account>,
    closed: watch::Receiver<bool>,
}

/// What stays to be seen after the torrent is closed.
#[derive(Default)]
pub(super) struct Seen {
    culprits: Mutex<Vec<Culprit>>,
    stats: Mutex<TorrentStats>,
}

impl Seen {
    /// Remembers somebody who lied.
    pub(super) fn blame(&self, culprit: Culprit) {
        let mut culprits = self.culprits.lock().unwrap_or_else(PoisonError::into_inner);
        if culprits.len() < MAX_CULPRITS {
            culprits.push(culprit);
        }
    }
}

/// The task's side of what readers watch.
pub(super) struct Publish {
    have: watch::Sender<Arc<Bitfield>>,
    info: watch::Sender<Option<Arc<TorrentInfo>>>,
    seen: Arc<Seen>,
}

impl Publish {
    pub(super) fn info(&self, info: &TorrentInfo) {
        self.info.send_replace(Some(Arc::new(info.clone())));
    }

    pub(super) fn pieces(&self, pieces: &Bitfield) {
        self.have.send_if_modified(|have| {
            let changed = **have != *pieces;
            if changed {
                *have = Arc::new(pieces.clone());
            }
            changed
        });
    }

    pub(super) fn piece(&self, piece: PieceIndex) {
        self.have.send_modify(|have| {
            Arc::make_mut(have).set(piece);
        });
    }

    pub(super) fn stats(&self, stats: TorrentStats) {
        *self.seen.stats.lock().unwrap_or_else(PoisonError::into_inner) = stats;
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl Torrent {
    /// Opens a torrent on its own, without a [`Hub`](super::Hub): it calls over TCP, and nobody can call it. Must be
    /// called inside a tokio runtime.
    #[must_use]
    pub fn open(setup: TorrentSetup) -> Self {
        let account = Ledger::default().account(setup.infohash);
        Self::start(setup, Arc::new(Services::alone()), account, None, || ())
    }

    /// Opens a torrent for a hub. `idle`: closed when it has had no peer for so long; `ended` is called when it is
    /// closed, whyever.
    pub(super) fn start(
        setup: TorrentSetup,
        services: Arc<Services>,
        account: Arc<Account>,
        idle: Option<Duration>,
        ended: impl FnOnce() + Send + 'static,
    ) -> Self {
        let infohash = setup.infohash;
        let content = Arc::clone(&setup.content);
        let (commands, orders) = mpsc::unbounded_channel();
        let (have_sender, have) = watch::channel(Arc::new(Bitfield::none(0)));
        let (info_sender, info) = watch::channel(None);
        let (closed_sender, closed) = watch::channel(false);
        let seen = Arc::new(Seen::default());
        let publish = Publish { have: have_sender, info: info_sender, seen: Arc::clone(&seen) };
        let task = Task::new(setup, services, Arc::clone(&account), publish, commands.downgrade(), idle);
        tokio::spawn(async move {
            task.run(orders).await;
            ended();
            closed_sender.send_replace(true);
        });
        Self(Arc::new(Inner { infohash, commands, seen, have, info, content, account, closed }))
    }

    fn order(&self, command: Command) {
        let _ = self.0.commands.send(command);
    }

    /// Its name.
    #[must_use]
    pub fn infohash(&self) -> InfoHash {
        self.0.infohash
    }

    /// Whether two handles are to the same task.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A connection, at which nothing has been read yet, or the handshake alone.
    pub fn add_stream(&self, stream: PeerStream, handshake: Option<Handshake>) {
        self.order(Command::AddStream(Box::new(stream), handshake, None));
    }

    /// As [`Torrent::add_stream`], for a connection that a hub counts.
    pub(super) fn add_counted(&self, stream: PeerStream, handshake: Option<Handshake>, permit: Permit) {
        self.order(Command::AddStream(Box::new(stream), handshake, Some(permit)));
    }

    /// Addresses of peers, to be called when there is room for more. Learned ones that are private are passed over
    /// unless the hub allows them.
    pub fn add_addresses(&self, addresses: Vec<SocketAddr>, trust: Trust) {
        self.order(Command::AddAddresses(addresses, trust));
    }

    /// A web seed.
    pub fn add_source(&self, source: Arc<dyn RangeSource>) {
        self.order(Command::AddSource(source));
    }

    /// Where readers are; replaces those given before.
    pub fn set_playheads(&self, playheads: Vec<Playhead>) {
        self.order(Command::SetPlayheads(playheads));
    }

    /// What to fetch.
    pub fn set_demand(&self, demand: Demand) {
        self.order(Command::SetDemand(demand));
    }

    /// Changes rates and slots while running; the seeding policy is kept.
    pub fn set_config(&self, config: Config) {
        self.order(Command::SetConfig(Box::new(config)));
    }

    /// How the file is cut, when that becomes known before the info dictionary.
    pub fn set_geometry(&self, geometry: Geometry) {
        self.order(Command::SetGeometry(geometry));
    }

    /// The info dictionary, from elsewhere than peers. Passed over unless it hashes to the infohash.
    pub fn set_info(&self, info: TorrentInfo) {
        self.order(Command::SetInfo(Box::new(info)));
    }

    /// Pieces that are there, proven and kept in another way.
    pub fn add_pieces(&self, pieces: Bitfield) {
        self.order(Command::AddPieces(pieces));
    }

    /// A piece that turns out not to be there any more.
    pub fn forget_piece(&self, piece: PieceIndex) {
        self.order(Command::ForgetPiece(piece));
    }

    /// Which pieces are there. Of no pieces at all until the geometry is known.
    #[must_use]
    pub fn have(&self) -> Have {
        self.0.have.clone()
    }

    /// The info dictionary, once it is known.
    #[must_use]
    pub fn info(&self) -> InfoWatch {
        self.0.info.clone()
    }

    /// Verified bytes, of pieces that are there according to [`Torrent::have`].
    ///
    /// # Errors
    /// What the content says when they cannot be read (back).
    pub async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        self.0.content.read(range).await
    }

    /// Numbers; of a closed torrent, those at its end.
    pub async fn stats(&self) -> TorrentStats {
        let (answer, stats) = oneshot::channel();
        self.order(Command::Stats(answer));
        match stats.await {
            Ok(stats) => stats,
            Err(_) => self.0.seen.stats.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// Who was dropped for sending something false, in order.
    #[must_use]
    pub fn culprits(&self) -> Vec<Culprit> {
        self.0.seen.culprits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes given and taken, over all the times this torrent was open in the hub.
    #[must_use]
    pub fn account(&self) -> Arc<Account> {
        Arc::clone(&self.0.account)
    }

    /// Closes it, without waiting.
    pub fn shut(&self) {
        self.order(Command::Close);
    }

    /// Closes it. When this returns none of its tasks runs any more, and what was being kept is kept.
    pub async fn close(&self) {
        self.shut();
        self.closed().await;
    }

    /// Waits until it is closed.
    pub async fn closed(&self) {
        // An error means that the task is gone, which is what is waited for.
        let _ = self.0.closed.clone().wait_for(|closed| *closed).await;
    }

    /// Whether it is closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        *self.0.closed.borrow()
    }
}
