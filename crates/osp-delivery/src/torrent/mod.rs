//! The driver of [`osp_swarm::Engine`]: sockets, files and the clock around one torrent's decisions.
//!
//! ```text
//!   Hub (one a process)                 Torrent (one task a torrent, while anybody wants it)
//!   listeners: TCP, uTP, WebRTC  ---->  Engine  <----> PeerStreams
//!   trackers, local discovery    ---->    |     <----> RangeSources (mirrors, nodes, gateways, Bitswap)
//!   Library: what could be seeded         v
//!                                      Content: verifies pieces, keeps them, reads them back
//! ```

mod check;
mod encryption;
mod handle;
pub mod hub;
mod services;
mod setup;
mod stats;
mod task;

pub use check::piece_is;
pub use encryption::Encryption;
pub use handle::{InfoWatch, Torrent};
pub use hub::{Account, Bucket, Hub, HubConfig, JoinError, Reach};
pub use setup::{Held, Patience, Seeding, TorrentSetup};
pub use stats::{Culprit, TorrentStats, WebSeedShare};

use crate::{Outcome, SourceKind};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::torrent::TorrentInfo;
use osp_peers::stream::BoxFuture;
use osp_swarm::{Bitfield, InfoHash, PieceIndex, Verdict};
use std::{io, ops::Range, sync::Arc};

/// The bytes of one torrent: where pieces are kept, proven and read from.
#[async_trait]
pub trait Content: Send + Sync + 'static {
    /// Verified bytes. The caller asks only for pieces that are there.
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes>;

    /// Checks a whole piece against whatever proof there is, and keeps it if it holds. Called from one task a
    /// torrent, for several pieces at once.
    async fn put(&self, piece: PieceIndex, blocks: Vec<Bytes>) -> Verdict;

    /// The info dictionary became known.
    fn info(&self, info: &TorrentInfo) {
        let _ = info;
    }

    /// All pieces are there. Called once.
    async fn complete(&self) {}
}

/// A place that gives byte ranges of a file: what the engine calls a web seed (BEP 19).
pub trait RangeSource: Send + Sync + 'static {
    /// How it is called in logs and errors.
    fn name(&self) -> String;
    /// What its bytes are counted as.
    fn kind(&self) -> SourceKind;
    /// What it can do.
    fn ability(&self) -> osp_swarm::WebSeed;
    /// Starts fetching `range` of the file.
    fn fetch(&self, range: Range<u64>) -> BoxFuture<'_, Result<Box<dyn RangeBody>, Outcome>>;
}

/// The bytes of one range, as they come.
pub trait RangeBody: Send {
    /// The next bytes; `None` at the end of the range. Fewer bytes than the range has are a failure that the caller
    /// notices, more are cut off.
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>>;
}

/// What a node could seed: asked when a peer names an infohash that nobody has open.
#[async_trait]
pub trait Library: Send + Sync + 'static {
    /// The torrent, and its complete content, if it may be seeded (blocked content may not).
    async fn find(&self, infohash: InfoHash) -> io::Result<Option<(TorrentInfo, Arc<dyn Content>)>>;
    /// Infohashes to announce, most wanted first, at most `limit`.
    async fn announced(&self, limit: usize) -> io::Result<Vec<InfoHash>>;
}

/// Which pieces are there, as readers watch it.
pub type Have = tokio::sync::watch::Receiver<Arc<Bitfield>>;
