//! Downloads: content that is on its way from everywhere at once, and the readers that need not wait for its end.
//!
//! ```text
//!  DownloadRequest (CID, magnet, size)
//!      |
//!      |--- ranges at once ------> mirrors, nodes, Bitswap     (sources)       the engine asks, urgent bytes first,
//!      |--- swarm --------------> peers                        (torrent)       and hedges
//!      |--- proofs, meanwhile --> .torrent, interior blocks    (prove, dag)
//!      v
//!   Pieces   held until proven: SHA-1 by the signed infohash, else the leaves from the CID
//!      |---> Position, VerifiedReader: verified bytes only, playing or seeking while it comes
//!      v
//!   Whole    its CID is computed and must be the wanted one -----> Keep (the store)
//! ```
//!
//! How a file is cut follows from its size alone, so the first range is asked for before anything else is known but
//! the size that the record says; where even that is missing, the first answer tells it. A size that turns out to be
//! wrong costs what was fetched until then.
//!
//! Where nobody proves pieces, and where every source has failed this way, [`Delivery`](crate::Delivery) goes through the HTTP sources
//! in turn and in order, each judged alone: slower, but whatever can be had at all is had.

mod blocks;
mod dag;
mod drive;
mod gate;
mod leaves;
mod ledger;
mod partial;
mod pieces;
mod places;
mod prefix;
mod prove;
mod reader;
mod request;
mod shared;
mod sources;
mod whole;

pub use blocks::{BlockFinder, BlockSearch, BlockSource};
pub use reader::{BlockingReader, Position, READ_STEP, VerifiedReader};
pub use request::{DownloadRequest, WhenLeft};
pub use shared::{Finished, ReadError};
pub use whole::{Keep, KeepNothing, Whole};

use crate::{
    Attempt, DeliveryError, SourceKind,
    torrent::{Culprit, Hub, Seeding, Torrent},
};
use drive::Drive;
use ledger::Ledger;
use osp_fetch::Fetcher;
use request::Key;
use shared::{Ended, Shared};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// What downloads work with.
#[derive(Clone)]
pub struct DownloadsConfig {
    /// The guarded HTTP client.
    pub fetcher: Fetcher,
    /// Where unfinished files lie, without names.
    pub folder: PathBuf,
    /// Takes what is complete.
    pub keep: Arc<dyn Keep>,
    /// Peers; `None`: only HTTP and what requests bring along.
    pub hub: Option<Hub>,
    /// Asks nodes and gateways which peers give blocks; `None`: only those that requests bring along are asked.
    pub finder: Option<Arc<dyn BlockFinder>>,
    /// Bounds and habits of the engine where there is no hub.
    pub engine: osp_swarm::Config,
    /// How much is given back to peers.
    pub seeding: Seeding,
    /// Whether torrents are announced to trackers.
    pub announce: bool,
    /// How long is waited for what.
    pub patience: DownloadPatience,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DownloadPatience {
    /// For an HTTP source that sends nothing.
    pub idle: Duration,
    /// For peers, when there is nobody else: from the start, and after the last progress.
    pub peers: Duration,
    /// For peers of the local network, where no tracker and no peer was named.
    pub neighbours: Duration,
}

impl Default for DownloadPatience {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(5),
            peers: Duration::from_secs(20),
            neighbours: Duration::from_secs(2),
        }
    }
}

impl DownloadsConfig {
    /// Over HTTP only.
    #[must_use]
    pub fn new(fetcher: Fetcher, folder: PathBuf, keep: Arc<dyn Keep>) -> Self {
        Self {
            fetcher,
            folder,
            keep,
            hub: None,
            finder: None,
            engine: osp_swarm::Config::default(),
            seeding: Seeding::default(),
            announce: true,
            patience: DownloadPatience::default(),
        }
    }
}

/// All downloads of a process: two that want the same content share one. Cheap to clone.
#[derive(Clone)]
pub struct Downloads(Arc<Registry>);

struct Registry {
    config: DownloadsConfig,
    running: Mutex<HashMap<Key, Arc<Shared>>>,
}

impl Downloads {
    /// None yet.
    #[must_use]
    pub fn new(config: DownloadsConfig) -> Self {
        Self(Arc::new(Registry { config, running: Mutex::default() }))
    }

    /// What they work with.
    #[must_use]
    pub fn config(&self) -> &DownloadsConfig {
        &self.0.config
    }

    /// Starts a download, or joins the one of the same content that is running, adding its sources. Must be called
    /// inside a tokio runtime.
    #[must_use]
    pub fn open(&self, request: DownloadRequest) -> Download {
        let Some(key) = request.key() else { return self.start(request, None) };
        let mut running = self.0.running();
        if let Some(shared) = running.get(&key)
            && shared.ended().is_none()
            && let Some(download) = Download::joined(shared, request.when_left)
        {
            // A download that has ended just now knows nothing new: it is asked for what it has.
            let _ = shared.orders.send(request.clone());
            return download;
        }
        let download = self.start(request, Some(key));
        running.insert(key, Arc::clone(download.shared()));
        download
    }

    /// Downloads that are running.
    #[must_use]
    pub fn running(&self) -> Vec<Download> {
        let running = self.0.running();
        running.values().filter_map(|shared| Download::joined(shared, WhenLeft::Finish)).collect()
    }

    fn start(&self, request: DownloadRequest, key: Option<Key>) -> Download {
        let (orders, ordered) = mpsc::unbounded_channel();
        let (ledger, tick) = (Arc::new(Ledger::new()), watch::Sender::new(0));
        let shared = Arc::new(Shared::new(ledger, tick, request.duration, orders));
        let download = Download::new(Arc::clone(&shared), request.when_left);
        let registry = Arc::clone(&self.0);
        tokio::spawn(async move {
            let drive = Drive::new(&registry, Arc::clone(&shared), request, ordered);
            let ended: Ended = drive.run().await.map(Arc::new).map_err(Arc::new);
            // First the end, then the place in the registry: whoever finds it there can still use it.
            shared.end(ended);
            if let Some(key) = key {
                let mut running = registry.running();
                if running.get(&key).is_some_and(|current| Arc::ptr_eq(current, &shared)) {
                    running.remove(&key);
                }
            }
        });
        download
    }
}

impl Registry {
    fn running(&self) -> MutexGuard<'_, HashMap<Key, Arc<Shared>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The download that runs with this torrent.
    fn find(&self, torrent: &Torrent) -> Option<Arc<Shared>> {
        let running = self.running();
        running.values().find(|shared| shared.torrent().is_some_and(|own| own.is_same(torrent))).cloned()
    }
}

/// A handle to one download.
pub struct Download {
    shared: Arc<Shared>,
    when_left: WhenLeft,
}

/// How far a download is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the file, where known.
    pub size: Option<u64>,
    /// Verified bytes.
    pub verified: u64,
    /// Verified bytes from nodes, gateways and mirrors.
    pub http: u64,
    /// Verified bytes from peers over TCP and uTP.
    pub bittorrent: u64,
    /// Verified bytes from peers over WebRTC.
    pub webtorrent: u64,
    /// Verified bytes from Bitswap peers.
    pub ipfs: u64,
    /// Peers that are connected.
    pub peers: usize,
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Who was dropped for sending something false.
    pub culprits: Vec<Culprit>,
}

impl Download {
    /// One more handle; `None` when the download is being stopped.
    fn joined(shared: &Arc<Shared>, when_left: WhenLeft) -> Option<Self> {
        (!shared.is_given_up() && shared.add_handle()).then(|| Self { shared: Arc::clone(shared), when_left })
    }

    fn new(shared: Arc<Shared>, when_left: WhenLeft) -> Self {
        shared.add_handle();
        Self { shared, when_left }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// To look at it from outside.
    #[must_use]
    pub fn watch(&self) -> DownloadWatch {
        DownloadWatch(Arc::clone(&self.shared))
    }

    /// A place to read from.
    #[must_use]
    pub fn position(&self) -> Position {
        Position::new(self.clone())
    }

    /// A reader at the first byte.
    #[must_use]
    pub fn reader(&self) -> VerifiedReader {
        VerifiedReader::new(self.position())
    }

    /// Waits for its size: as a record says it, as a source says it, or proven, whichever is known first.
    ///
    /// # Errors
    /// How the download failed.
    pub async fn size(&self) -> Result<u64, Arc<DeliveryError>> {
        let known = |shared: &Shared| match (shared.size(), shared.ended()) {
            (Some(size), _) => Some(Ok(size)),
            (None, Some(Err(error))) => Some(Err(error)),
            (None, Some(Ok(finished))) => Some(Ok(finished.size)),
            (None, None) => None,
        };
        self.shared.wait(known).await
    }

    /// Waits until it is complete, verified and kept.
    ///
    /// # Errors
    /// How it failed.
    pub async fn finished(&self) -> Result<Arc<Finished>, Arc<DeliveryError>> {
        self.shared.wait(Shared::ended).await
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn ended(&self) -> Option<Result<Arc<Finished>, Arc<DeliveryError>>> {
        self.shared.ended()
    }

    /// Sources that failed or lied so far.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        self.shared.ledger.attempts()
    }

    /// Bytes of the file where known, and verified ones; cheap.
    #[must_use]
    pub fn bytes(&self) -> (Option<u64>, u64) {
        (self.shared.size(), self.shared.verified())
    }

    /// Changes whenever there is more to read or to tell.
    #[must_use]
    pub fn ticks(&self) -> watch::Receiver<u64> {
        self.shared.tick.subscribe()
    }

    /// How far it is, and who gave what.
    pub async fn progress(&self) -> Progress {
        let (size, verified) = self.bytes();
        let mut progress = Progress { size, verified, ..Progress::default() };
        for part in self.shared.in_order() {
            *if part.kind == SourceKind::Ipfs { &mut progress.ipfs } else { &mut progress.http } +=
                part.bytes;
        }
        if let Some(torrent) = self.shared.torrent() {
            let stats = torrent.stats().await;
            progress.http += stats.bytes_from(SourceKind::Http);
            progress.bittorrent = stats.bytes_from(SourceKind::BitTorrent);
            progress.webtorrent = stats.bytes_from(SourceKind::WebTorrent);
            progress.ipfs += stats.bytes_from(SourceKind::Ipfs);
            progress.peers = stats.swarm.peers.len();
            progress.uploaded = stats.swarm.uploaded;
            progress.culprits = torrent.culprits();
        }
        progress
    }
}

/// A look at a download, which counts for no handle of it.
#[derive(Clone)]
pub struct DownloadWatch(Arc<Shared>);

impl DownloadWatch {
    /// Verified bytes; cheap.
    #[must_use]
    pub fn verified(&self) -> u64 {
        self.0.verified()
    }

    /// Whether it has ended, well or not, or is being stopped.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_given_up() || self.0.ended().is_some()
    }

    /// Whether nobody holds a handle.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.0.is_left()
    }

    /// Stops it, whoever waits for it: they get [`DeliveryError::Stopped`].
    pub fn stop(&self) {
        self.0.give_up();
    }
}

impl Clone for Download {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared), self.when_left)
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if self.shared.remove_handle() && self.when_left == WhenLeft::Stop {
            self.shared.stop.notify_one();
        }
    }
}
