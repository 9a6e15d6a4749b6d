//! What this node fetches from elsewhere, and how it is kept.
//!
//! Two that want the same content, a listener's player and `osp resolve` say, share one download. What is complete and
//! verified goes into the store as a guest: seeded like the rest, given up when the quota asks for it.

use crate::{
    Node,
    discovery::network::Joining,
    peering::ipfs::{Ipfs, Routers},
};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use osp_core::record::TrackRecord;
use osp_core::torrent::Magnet;
use osp_delivery::{
    HttpSource, SinkError,
    download::{DownloadRequest, Downloads, DownloadsConfig, Keep, Position, Whole},
    torrent::{Content, Hub, Seeding},
};
use osp_fetch::Target;
use osp_store::{BlobMeta, BlobStore, Custody, blob::MAX_READ};
use osp_swarm::{PieceIndex, Verdict};
use std::{
    io,
    ops::Range,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime},
};

/// The downloads of a node, made when they are first asked for: a command that fetches nothing opens nothing.
#[derive(Default)]
pub(crate) struct Lazy {
    peers: OnceLock<(Hub, Seeding)>,
    downloads: OnceLock<Downloads>,
    pub(crate) ipfs: OnceLock<Ipfs>,
    pub(crate) joining: Joining,
    neighbours: OnceLock<Vec<Target>>,
}

impl Node {
    /// What is being fetched. Over HTTP only, unless [`Node::join_swarms`] was called before.
    pub fn downloads(&self) -> &Downloads {
        self.lazy().downloads.get_or_init(|| {
            let keep = StoreKeep { blobs: Arc::clone(self.blobs()), custody: Arc::new(self.store().clone()) };
            let folder = self.home().root().join("store/tmp");
            let mut config = DownloadsConfig::new(self.fetcher().clone(), folder, Arc::new(keep));
            if let Some((hub, seeding)) = self.lazy().peers.get() {
                config.hub = Some(hub.clone());
                config.seeding = *seeding;
                config.finder = Some(Arc::new(Routers::new(self.ipfs(), self.fetcher().clone())));
            }
            Downloads::new(config)
        })
    }

    /// Fetches from peers, too, from now on. `false`, and nothing changes, once anything was fetched or this was called
    /// before.
    pub fn join_swarms(&self, hub: Hub, seeding: Seeding) -> bool {
        self.lazy().downloads.get().is_none() && self.lazy().peers.set((hub, seeding)).is_ok()
    }

    /// The hub, if this process takes part in swarms.
    pub fn hub(&self) -> Option<&Hub> {
        self.lazy().peers.get().map(|(hub, _)| hub)
    }

    /// The nodes that the operator named (`--peer`): asked like those a command names, after them.
    #[must_use]
    pub fn neighbours(&self) -> &[Target] {
        self.lazy().neighbours.get().map_or(&[], Vec::as_slice)
    }

    /// Names the neighbours, once: later calls change nothing.
    pub fn set_neighbours(&self, neighbours: Vec<Target>) {
        let _ = self.lazy().neighbours.set(neighbours);
    }

    /// A request for the audio of a track: from the nodes `from`, the neighbours, the mirrors and the swarm that its
    /// artist named. What the record says of size and duration are hints.
    #[must_use]
    pub fn request_of(&self, track: &TrackRecord, from: &[HttpSource]) -> DownloadRequest {
        let mut request = DownloadRequest::of_cid(track.content());
        request.http.extend_from_slice(from);
        request.http.extend(self.neighbours().iter().cloned().map(HttpSource::Node));
        request.size = whole_number(track.number("size"));
        request.duration = track.number("duration").and_then(|n| Duration::try_from_secs_f64(n).ok());
        match track.text("torrent").and_then(Magnet::parse) {
            Some(magnet) => request.with_magnet(magnet),
            None => request,
        }
    }

    /// A place to read from in a stored blob.
    #[must_use]
    pub fn stored_position(&self, blob: &Arc<BlobMeta>) -> Position {
        let content = StoredBlob { blobs: Arc::clone(self.blobs()), blob: Arc::clone(blob) };
        Position::stored(Arc::new(content), blob.size)
    }
}

/// A count as a record has it.
pub(crate) fn whole_number(number: Option<f64>) -> Option<u64> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // out of range says nothing
    number.filter(|n| (0.0..9e15).contains(n)).map(|n| n as u64)
}

/// Keeps what was downloaded in the store.
struct StoreKeep {
    blobs: Arc<dyn BlobStore>,
    custody: Arc<dyn Custody>,
}

#[async_trait]
impl Keep for StoreKeep {
    async fn keep(&self, whole: &Whole) -> Result<Option<Arc<dyn Content>>, SinkError> {
        let Some(own) = whole.layouts.first().map(|layout| layout.root) else { return Ok(None) };
        // What was here before, damaged perhaps, stays what it was.
        let known = self.blobs.find(&own).await?.is_some();
        let mut writer = self.blobs.writer().await?;
        let mut at = 0;
        while at < whole.size() {
            let end = (at + MAX_READ).min(whole.size());
            writer.write(whole.read(at..end).await?).await?;
            at = end;
        }
        let blob = writer.commit(whole.layouts.clone(), whole.torrent.clone()).await?;
        if !known {
            let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_secs());
            self.custody.receive_guest(&blob.cid, now).await?;
        }
        Ok(Some(Arc::new(StoredBlob { blobs: Arc::clone(&self.blobs), blob })))
    }
}

/// A stored blob, as swarms and readers see it.
pub(crate) struct StoredBlob {
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) blob: Arc<BlobMeta>,
}

#[async_trait]
impl Content for StoredBlob {
    async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
        let mut at = range.start;
        let mut all = BytesMut::new();
        // A piece may be longer than what the store gives at once.
        while at < range.end {
            let end = range.end.min(at + MAX_READ);
            let bytes = self.blobs.read(&self.blob, at..end).await.map_err(io::Error::other)?;
            if bytes.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            at += bytes.len() as u64;
            if all.is_empty() && at == range.end {
                return Ok(bytes);
            }
            all.extend_from_slice(&bytes);
        }
        Ok(all.freeze())
    }

    /// Nothing is missing, so nothing is ever fetched.
    async fn put(&self, _: PieceIndex, _: Vec<Bytes>) -> Verdict {
        Verdict::Lost
    }
}
