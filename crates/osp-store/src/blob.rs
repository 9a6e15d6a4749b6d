//! Content: blobs named by CID.

use crate::StoreError;
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    torrent::{Sha1Digest, TorrentInfo},
    unixfs::Layout,
};
use std::{ops::Range, sync::Arc};

/// What is known of a stored blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobMeta {
    /// Primary name: the unixfs-v1-2025 CID.
    pub cid: Cid,
    /// Bytes.
    pub size: u64,
    /// Infohash of the torrent by our rule.
    pub infohash: Sha1Digest,
    /// Roots of every layout it can be served as, the primary one included.
    pub roots: Vec<Cid>,
}

/// Blobs by CID. Shared by all tasks of a node.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// A new blob, invisible until it is committed. Dropping the writer abandons it.
    async fn writer(&self) -> Result<Box<dyn BlobWriter>, StoreError>;

    /// The blob that has a layout with this root; `None` if there is none.
    async fn find(&self, root: &Cid) -> Result<Option<Arc<BlobMeta>>, StoreError>;

    /// The blob with this infohash.
    async fn find_by_infohash(&self, infohash: &Sha1Digest) -> Result<Option<Arc<BlobMeta>>, StoreError>;

    /// Bytes of a blob, verified. At most [`MAX_READ`] bytes a call: callers loop.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when what is stored does not match; [`StoreError::Range`].
    async fn read(&self, blob: &BlobMeta, range: Range<u64>) -> Result<Bytes, StoreError>;

    /// One block (leaf or interior) of any stored layout; `None` if no layout has it.
    async fn block(&self, cid: &Cid) -> Result<Option<Bytes>, StoreError>;

    /// The primary names of the blobs that contain this block, for deciding whether it may be served.
    async fn blobs_with_block(&self, cid: &Cid) -> Result<Vec<Cid>, StoreError>;

    /// A layout of a stored blob, by its root.
    async fn layout(&self, root: &Cid) -> Result<Option<Arc<Layout>>, StoreError>;

    /// The torrent of a stored blob.
    async fn torrent(&self, blob: &BlobMeta) -> Result<TorrentInfo, StoreError>;

    /// Removes a blob and its layouts. `false` if it was not there.
    async fn remove(&self, blob: &BlobMeta) -> Result<bool, StoreError>;

    /// Primary names in order, after `after`, at most `limit`.
    async fn list(&self, after: Option<&Cid>, limit: usize) -> Result<Vec<Cid>, StoreError>;

    /// Re-reads one blob from the medium and checks every byte (`osp doctor --scrub`).
    async fn scrub(&self, cid: &Cid) -> Result<ScrubReport, StoreError>;
}

/// Most bytes that one [`BlobStore::read`] returns.
pub const MAX_READ: u64 = 1024 * 1024;

/// Receives the bytes of one blob, in order.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends bytes.
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError>;

    /// Makes the blob durable and visible under the roots of `layouts`. The first must be the unixfs-v1-2025
    /// one, all must describe the bytes written: reading checks them. Committing a blob that is already there
    /// adds the new layouts to it and is no error.
    async fn commit(
        self: Box<Self>,
        layouts: Vec<Layout>,
        torrent: TorrentInfo,
    ) -> Result<Arc<BlobMeta>, StoreError>;
}

/// What scrubbing one blob found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScrubReport {
    /// The blob.
    pub cid: Cid,
    /// Bytes read.
    pub bytes: u64,
    /// Ranges of file bytes that do not match.
    pub damaged: Vec<Range<u64>>,
}
