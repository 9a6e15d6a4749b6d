//! What this node can seed: every stored blob that may be served, found when a peer asks for it.

use crate::{Node, downloads::StoredBlob, pace::rest_after};
use async_trait::async_trait;
use osp_core::{record::Record, torrent::TorrentInfo};
use osp_delivery::torrent::{Content, Library};
use osp_store::{BlobStore, Query, RecordIndex};
use osp_swarm::InfoHash;
use std::{collections::HashSet, io, sync::Arc, time::Instant};

/// Tracks asked for at once.
const PAGE: usize = 200;

/// The store, as a library of torrents.
pub struct StoreLibrary {
    blobs: Arc<dyn BlobStore>,
    records: Arc<dyn RecordIndex>,
}

impl StoreLibrary {
    /// What `node` has.
    #[must_use]
    pub fn new(node: &Node) -> Self {
        Self { blobs: Arc::clone(node.blobs()), records: Arc::clone(node.records()) }
    }
}

#[async_trait]
impl Library for StoreLibrary {
    async fn find(&self, infohash: InfoHash) -> io::Result<Option<(TorrentInfo, Arc<dyn Content>)>> {
        let Some(blob) = self.blobs.find_by_infohash(&infohash.0).await.map_err(io::Error::other)? else {
            return Ok(None);
        };
        // Asked again whenever a torrent is opened; one that is open when its content is blocked is shut by the node.
        if self.records.is_content_blocked(&blob.roots).await.map_err(io::Error::other)? {
            return Ok(None);
        }
        let info = self.blobs.torrent(&blob).await.map_err(io::Error::other)?;
        let content = StoredBlob { blobs: Arc::clone(&self.blobs), blob };
        Ok(Some((info, Arc::new(content))))
    }

    /// The newest tracks first: covers and the like are served to whoever asks, but nobody looks for them at a tracker.
    async fn announced(&self, limit: usize) -> io::Result<Vec<InfoHash>> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut cursor = None;
        loop {
            let begun = Instant::now();
            let query = Query { limit: PAGE, cursor, ..Query::default() };
            let page = self.records.search(&query).await.map_err(io::Error::other)?;
            for stored in page.records {
                let Ok(Record::Track(track)) = Record::parse(&stored.json) else { continue };
                let blob = self.blobs.find(&track.content()).await.map_err(io::Error::other)?;
                if let Some(blob) = blob
                    && seen.insert(blob.infohash)
                {
                    found.push(InfoHash(blob.infohash));
                }
                if found.len() == limit {
                    return Ok(found);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(found);
            }
            rest_after(begun).await;
        }
    }
}
