//! How much and how fast is given over Bitswap: the caps and accounts of BitTorrent hold here too.
//!
//! ```text
//!   upload-limit   one bucket for all peers of both protocols
//!   ratio:N        music kept for others is given until N times its length was sent, over both protocols together
//!   rate:BYTES     music kept for others is given no faster than that
//!   off            the host does not listen at all
//! ```

use crate::Node;
use async_trait::async_trait;
use osp_core::Cid;
use osp_delivery::torrent::{Bucket, Hub, Seeding};
use osp_p2p::Uploads;
use osp_store::{BlobStore, Custody, StoreError};
use osp_swarm::InfoHash;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// What is taken from a bucket at once: peers of BitTorrent, who ask for 16 KiB, wait behind no whole block.
const SLICE: usize = 64 * 1024;
/// Blocks whose file is remembered.
const REMEMBERED: usize = 8192;
/// And for how long: a guest may become the node's own.
const REMEMBERED_FOR: Duration = Duration::from_secs(60);

/// The file that a block is of.
#[derive(Clone, Copy)]
struct Owner {
    infohash: InfoHash,
    size: u64,
    /// It is kept for others.
    guest: bool,
}

/// See the module's text.
pub(crate) struct Giving {
    hub: Option<Hub>,
    seeding: Seeding,
    guests: Bucket,
    blobs: Arc<dyn BlobStore>,
    custody: Arc<dyn Custody>,
    /// Since when, and what.
    owners: Mutex<(Instant, HashMap<Cid, Owner>)>,
}

impl Giving {
    pub(super) fn new(node: &Node, seeding: Seeding) -> Self {
        let rate = match seeding {
            Seeding::Rate(rate) => Some(rate),
            _ => None,
        };
        Self {
            hub: node.hub().cloned(),
            seeding,
            guests: Bucket::new(rate),
            blobs: Arc::clone(node.blobs()),
            custody: Arc::new(node.store().clone()),
            owners: Mutex::new((Instant::now(), HashMap::new())),
        }
    }

    /// Whether a block may be given as far as the ratio is concerned.
    pub(super) async fn may_give(&self, cid: &Cid) -> Result<bool, StoreError> {
        let (Seeding::Ratio(_), Some(hub)) = (self.seeding, &self.hub) else { return Ok(true) };
        let Some(owner) = self.owner(cid).await?.filter(|owner| owner.guest) else { return Ok(true) };
        let sent = hub.account(owner.infohash).map_or(0, |account| account.uploaded());
        Ok(!self.seeding.is_done(sent, owner.size))
    }

    async fn owner(&self, cid: &Cid) -> Result<Option<Owner>, StoreError> {
        if let Some(known) = self.remembered().1.get(cid) {
            return Ok(Some(*known));
        }
        let name = self.blobs.blobs_with_block(cid).await?.into_iter().next();
        let Some(blob) = self.blobs.find(name.as_ref().unwrap_or(cid)).await? else { return Ok(None) };
        let guest = self.custody.guest(&blob.cid).await?.is_some();
        let owner = Owner { infohash: InfoHash(blob.infohash), size: blob.size, guest };
        self.remembered().1.insert(*cid, owner);
        Ok(Some(owner))
    }

    fn remembered(&self) -> MutexGuard<'_, (Instant, HashMap<Cid, Owner>)> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        if owners.1.len() >= REMEMBERED || owners.0.elapsed() > REMEMBERED_FOR {
            *owners = (Instant::now(), HashMap::new());
        }
        owners
    }
}

#[async_trait]
impl Uploads for Giving {
    async fn take(&self, cid: &Cid, bytes: usize) {
        let limited = matches!(self.seeding, Seeding::Rate(_));
        let guest = limited && self.owner(cid).await.ok().flatten().is_some_and(|owner| owner.guest);
        let mut left = bytes;
        while left > 0 {
            let now = left.min(SLICE);
            if guest {
                self.guests.take(now).await;
            }
            if let Some(hub) = &self.hub {
                hub.take_upload(now).await;
            }
            left -= now;
        }
    }

    async fn sent(&self, cid: &Cid, bytes: usize) {
        if let (Some(hub), Ok(Some(owner))) = (&self.hub, self.owner(cid).await) {
            hub.count_upload(owner.infohash, bytes as u64);
        }
    }
}
