//! What others were given, counted as plays: how much each guest is wanted.
//!
//! Bytes of a blob that went out, over HTTP and to peers, divided by its size. They are gathered in memory and written
//! all at once, at most once a minute.

use crate::Node;
use osp_core::Cid;
use osp_store::{BlobMeta, Custody as _, StoreError};
use osp_swarm::InfoHash;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How often plays are written at most.
const EVERY: Duration = Duration::from_secs(60);
/// Blobs and torrents that are counted between two writes; further ones are not.
const MAX_COUNTED: usize = 16_384;

/// What was given to others and is not written yet.
#[derive(Debug, Default)]
pub struct Plays {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Plays over HTTP.
    served: HashMap<Cid, f64>,
    /// Bytes given to peers, as they were when they were last looked at.
    uploaded: HashMap<InfoHash, u64>,
}

impl Plays {
    /// Bytes of a blob went out over HTTP.
    pub fn served(&self, blob: &BlobMeta, bytes: usize) {
        let mut state = self.lock();
        if state.served.len() < MAX_COUNTED || state.served.contains_key(&blob.cid) {
            *state.served.entry(blob.cid).or_default() += bytes as f64 / blob.size.max(1) as f64;
        }
    }

    /// Bytes that went to peers since they were last looked at.
    fn given(&self, totals: Vec<(InfoHash, u64)>) -> Vec<(InfoHash, u64)> {
        let mut state = self.lock();
        let mut given = Vec::new();
        for (infohash, total) in totals {
            if state.uploaded.len() >= MAX_COUNTED && !state.uploaded.contains_key(&infohash) {
                continue;
            }
            let before = state.uploaded.insert(infohash, total).unwrap_or(0);
            if total > before {
                given.push((infohash, total - before));
            }
        }
        given
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what guests were played since the last time.
///
/// # Errors
/// [`StoreError`]; what was counted is lost then.
pub(crate) async fn write(node: &Node) -> Result<(), StoreError> {
    let plays = &node.tally().plays;
    let mut counted = std::mem::take(&mut plays.lock().served);
    let totals = node.hub().map(osp_delivery::torrent::Hub::uploads).unwrap_or_default();
    for (infohash, bytes) in plays.given(totals) {
        if let Some(blob) = node.blobs().find_by_infohash(&infohash.0).await? {
            *counted.entry(blob.cid).or_default() += bytes as f64 / blob.size.max(1) as f64;
        }
    }
    let mut guests = Vec::new();
    for (cid, plays) in counted {
        if node.store().guest(&cid).await?.is_some() {
            guests.push((cid, plays));
        }
    }
    if guests.is_empty() { Ok(()) } else { node.store().count_plays_of(&guests, super::now()).await }
}

/// Writes them down again and again.
pub(crate) async fn keep_writing(node: &Node, every: Duration) {
    loop {
        tokio::time::sleep(every.min(EVERY)).await;
        if let Err(error) = write(node).await {
            tracing::warn!(%error, "cannot count what was played");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn parts_of_a_blob_count_as_parts() {
        let plays = Plays::default();
        let cid = osp_core::content::raw_cid([1; 32]);
        let blob = BlobMeta { cid, size: 400, infohash: [0; 20], roots: vec![cid] };
        plays.served(&blob, 100);
        plays.served(&blob, 100);
        assert!((plays.lock().served[&cid] - 0.5).abs() < 1e-9);
    }

    #[test]
    fn what_peers_were_given_counts_once() {
        let plays = Plays::default();
        let torrent = InfoHash([1; 20]);
        assert_eq!(plays.given(vec![(torrent, 10)]), [(torrent, 10)]);
        assert_eq!(plays.given(vec![(torrent, 10)]), []);
        assert_eq!(plays.given(vec![(torrent, 25)]), [(torrent, 15)]);
    }
}
