//! What handlers share.

use super::{
    announce::{Tracker, TrackerSettings},
    cache::Cache,
    content::Servable,
    feed::Waiting,
    metrics::Metrics,
    searches::Searches,
    slots::Slots,
};
use crate::Node;
use osp_core::{Cid, torrent::Sha1Digest};
use std::{sync::Arc, time::Duration};

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// The node behind the interface.
    pub node: Arc<Node>,
    /// How this server is reached from outside, without a trailing slash (`--public-url`, else `http://addr`).
    pub public_url: Arc<str>,
    /// The bearer token that writing needs.
    pub token: Arc<str>,
    /// Largest content that `PUT /api/v1/blobs/{cid}` takes, in bytes.
    pub max_blob: u64,
    pub(crate) tracker: Arc<Tracker>,
    /// Who waits for news.
    pub(crate) feed_waiting: Arc<Waiting>,
    pub(super) shared: Arc<Shared>,
}

/// Longest silence inside a request body.
pub(super) const BODY_IDLE: Duration = Duration::from_secs(30);

/// Caches and counters; one per server.
pub(super) struct Shared {
    pub(super) metrics: Metrics,
    /// What is being fetched to be heard.
    pub(super) slots: Slots,
    /// Searches in the network that run.
    pub(super) searches: Searches,
    /// What `/audio` needs to know of a track, by the id as asked for.
    pub(super) playable: Cache<Box<str>, Arc<Servable>>,
    /// What `/ipfs` needs to know of a file, by its root.
    pub(super) files: Cache<Cid, Arc<Servable>>,
    /// Blocks that were found to be allowed.
    pub(super) allowed_blocks: Cache<Cid, ()>,
    /// Swarms that were found to be served, and whether their content is here.
    pub(super) served_swarms: Cache<Sha1Digest, bool>,
}

/// Tracks and files whose particulars are remembered: about 1 KiB each, so 4 MiB at most for each cache.
const CACHED_FILES: usize = 4096;
/// Blocks remembered: a [`Cid`] is 96 bytes.
const CACHED_BLOCKS: usize = 16_384;

impl AppState {
    /// State for a server reached at `public_url` that takes blobs of at most `max_blob` bytes.
    #[must_use]
    pub fn new(node: Arc<Node>, public_url: &str, token: &str, max_blob: u64) -> Self {
        Self {
            node,
            public_url: public_url.trim_end_matches('/').into(),
            token: token.into(),
            max_blob,
            tracker: Arc::new(Tracker::new(TrackerSettings::default())),
            feed_waiting: Arc::default(),
            shared: Arc::new(Shared {
                metrics: Metrics::default(),
                slots: Slots::default(),
                searches: Searches::default(),
                playable: Cache::new(CACHED_FILES),
                files: Cache::new(CACHED_FILES),
                allowed_blocks: Cache::new(CACHED_BLOCKS),
                served_swarms: Cache::new(CACHED_BLOCKS),
            }),
        }
    }

    /// With another tracker than the one for own content, behind no proxy.
    #[must_use]
    pub fn with_tracker(mut self, settings: TrackerSettings) -> Self {
        self.tracker = Arc::new(Tracker::new(settings));
        self
    }
}
