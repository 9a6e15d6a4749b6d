//! Making room within a disk quota: the least wanted guest goes first, a last copy never silently.

use async_trait::async_trait;
use osp_store::{BlobStore, Custody, Guest, StoreError};

/// Guests that are looked at in one step.
const PAGE: usize = 32;
/// Guests whose other copies are looked for at most before the node says that there is no room: each costs questions
/// to others.
const MAX_ASKED: usize = 256;

/// Tells whether content can be had elsewhere.
#[async_trait]
pub trait Copies: Send + Sync {
    /// Complete copies elsewhere that were seen just now: mirrors that answer, peers that have all pieces, other
    /// nodes. 0 when none was seen, whatever the reason.
    async fn elsewhere(&self, guest: &Guest) -> usize;
}

/// What came of making room.
#[derive(Clone, Debug, PartialEq)]
pub struct Room {
    /// Guests that were given up.
    pub evicted: Vec<Guest>,
    /// Guests that stayed because no other copy was seen.
    pub last_copies: Vec<Guest>,
    /// Bytes that are still missing; 0: there is room.
    pub missing: u64,
}

/// Gives up guests until `incoming` bytes more fit into `quota`. Nothing is given up when that cannot be reached,
/// so that music is never traded for nothing.
///
/// # Errors
/// [`StoreError`]; guests given up by then stay given up.
pub async fn make_room(
    custody: &dyn Custody,
    blobs: &dyn BlobStore,
    copies: &dyn Copies,
    quota: u64,
    incoming: u64,
) -> Result<Room, StoreError> {
    let used = custody.guest_totals().await?.bytes;
    let mut missing = used.saturating_add(incoming).saturating_sub(quota);
    let mut room = Room { evicted: Vec::new(), last_copies: Vec::new(), missing };
    let mut leaving = Vec::new();
    let mut asked = 0;
    while missing > 0 && asked < MAX_ASKED {
        let page = custody.least_wanted(asked, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for guest in page {
            asked += 1;
            if copies.elsewhere(&guest).await == 0 {
                room.last_copies.push(guest);
                continue;
            }
            missing = missing.saturating_sub(guest.size);
            leaving.push(guest);
            if missing == 0 {
                break;
            }
        }
    }
    room.missing = missing;
    if missing > 0 {
        return Ok(room);
    }
    for guest in leaving {
        if let Some(blob) = blobs.find(&guest.cid).await? {
            blobs.remove(&blob).await?;
        }
        room.evicted.push(guest);
    }
    Ok(room)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use bytes::Bytes;
    use osp_core::{
        Cid,
        torrent::{PieceHasher, TorrentInfo, piece_length},
        unixfs::{Importer, Profile},
    };
    use osp_store::embedded::EmbeddedStore;
    use std::collections::HashSet;

    struct Seen(HashSet<Cid>);

    #[async_trait]
    impl Copies for Seen {
        async fn elsewhere(&self, guest: &Guest) -> usize {
            usize::from(self.0.contains(&guest.cid))
        }
    }

    /// A store with guests of 1,000 bytes, the first the least wanted.
    async fn guests(home: &std::path::Path, count: u8) -> (EmbeddedStore, Vec<Cid>) {
        let store = EmbeddedStore::open(home).unwrap();
        let mut cids = Vec::new();
        for n in 0..count {
            let data = vec![n; 1000];
            let mut importer = Importer::new(Profile::V1_2025);
            importer.update(&data);
            let layout = importer.finish_layout();
            let mut pieces = PieceHasher::new(piece_length(1000));
            pieces.update(&data);
            let torrent = TorrentInfo::new(1000, &layout.root, pieces.finish());
            let mut writer = store.writer().await.unwrap();
            writer.write(Bytes::from(data)).await.unwrap();
            let blob = writer.commit(vec![layout], torrent).await.unwrap();
            store.receive_guest(&blob.cid, u64::from(n)).await.unwrap();
            store.count_plays(&blob.cid, f64::from(n), 100).await.unwrap();
            cids.push(blob.cid);
        }
        (store, cids)
    }

    #[tokio::test]
    async fn the_least_wanted_leave_until_the_new_one_fits() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 4).await;
        let seen = Seen(cids.iter().copied().collect());
        let room = make_room(&store, &store, &seen, 4_000, 1_500).await.unwrap();
        assert_eq!(room.evicted.iter().map(|g| g.cid).collect::<Vec<_>>(), cids[..2]);
        assert_eq!(room.missing, 0);
        assert!(store.find(&cids[0]).await.unwrap().is_none());
        assert!(store.find(&cids[2]).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_last_copy_stays_and_is_named_even_if_nobody_wants_it() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        let room = make_room(&store, &store, &Seen([cids[2]].into()), 3_000, 900).await.unwrap();
        assert_eq!(room.evicted.iter().map(|g| g.cid).collect::<Vec<_>>(), [cids[2]]);
        assert_eq!(room.last_copies.iter().map(|g| g.cid).collect::<Vec<_>>(), cids[..2]);
    }

    #[tokio::test]
    async fn nothing_leaves_when_there_would_still_be_no_room() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        store.pin(&cids[0], true).await.unwrap();
        let room =
            make_room(&store, &store, &Seen(cids.iter().copied().collect()), 3_000, 2_500).await.unwrap();
        assert_eq!((room.evicted.len(), room.missing), (0, 500));
        assert_eq!(store.guest_totals().await.unwrap().blobs, 3);
    }

    #[tokio::test]
    async fn what_fits_costs_nobody() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = guests(home.path(), 2).await;
        let room = make_room(&store, &store, &Seen(HashSet::new()), 3_000, 1_000).await.unwrap();
        assert_eq!(room, Room { evicted: Vec::new(), last_copies: Vec::new(), missing: 0 });
    }
}
