//! Making room within a disk quota: the least wanted guest goes first, a last copy never silently.

use async_trait::async_trait;
use osp_store::{BlobMeta, BlobStore, Custody, Guest, StoreError};
use std::sync::Arc;

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

/// Which guests give way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GiveWay {
    /// Any: the quota is exceeded, or has become smaller.
    Any,
    /// Those wanted less than something of this rank.
    WantedLess(f64),
    /// Those that were here by this time, in seconds since 1970: for a new release, which nobody can have wanted yet.
    Older(u64),
}

impl GiveWay {
    fn includes(self, guest: &Guest) -> bool {
        match self {
            Self::Any => true,
            Self::WantedLess(rank) => guest.rank < rank,
            Self::Older(time) => guest.since <= time,
        }
    }
}

/// What came of making room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Room {
    /// Guests that were given up.
    pub evicted: Vec<Arc<BlobMeta>>,
    /// Guests that stayed because no other copy was seen.
    pub last_copies: Vec<Guest>,
    /// Bytes that are still missing; 0: there is room.
    pub missing: u64,
}

/// Gives up guests until `incoming` bytes more fit into `quota`. Nothing is given up when that cannot be reached,
/// so that music is never traded for nothing; where nothing comes in, as much goes as can.
///
/// # Errors
/// [`StoreError`]; guests given up by then stay given up.
pub async fn make_room(
    custody: &dyn Custody,
    blobs: &dyn BlobStore,
    copies: &dyn Copies,
    quota: u64,
    incoming: u64,
    who: GiveWay,
) -> Result<Room, StoreError> {
    let used = custody.guest_totals().await?.bytes;
    let mut missing = used.saturating_add(incoming).saturating_sub(quota);
    let mut room = Room { missing, ..Room::default() };
    let mut leaving = Vec::new();
    let (mut seen, mut asked) = (0, 0);
    while missing > 0 && asked < MAX_ASKED {
        let page = custody.least_wanted(seen, PAGE).await?;
        if page.is_empty() {
            break;
        }
        seen += page.len();
        for guest in page {
            if !who.includes(&guest) {
                continue;
            }
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
    if missing > 0 && incoming > 0 {
        return Ok(room);
    }
    for guest in leaving {
        if let Some(blob) = blobs.find(&guest.cid).await? {
            blobs.remove(&blob).await?;
            room.evicted.push(blob);
        }
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
        let room = make_room(&store, &store, &seen, 4_000, 1_500, GiveWay::Any).await.unwrap();
        assert_eq!(room.evicted.iter().map(|g| g.cid).collect::<Vec<_>>(), cids[..2]);
        assert_eq!(room.missing, 0);
        assert!(store.find(&cids[0]).await.unwrap().is_none());
        assert!(store.find(&cids[2]).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_last_copy_stays_and_is_named_even_if_nobody_wants_it() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        let room =
            make_room(&store, &store, &Seen([cids[2]].into()), 3_000, 900, GiveWay::Any).await.unwrap();
        assert_eq!(room.evicted.iter().map(|g| g.cid).collect::<Vec<_>>(), [cids[2]]);
        assert_eq!(room.last_copies.iter().map(|g| g.cid).collect::<Vec<_>>(), cids[..2]);
    }

    #[tokio::test]
    async fn nothing_leaves_when_there_would_still_be_no_room() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        store.pin(&cids[0], true).await.unwrap();
        let room =
            make_room(&store, &store, &Seen(cids.iter().copied().collect()), 3_000, 2_500, GiveWay::Any)
                .await
                .unwrap();
        assert_eq!((room.evicted.len(), room.missing), (0, 500));
        assert_eq!(store.guest_totals().await.unwrap().blobs, 3);
    }

    #[tokio::test]
    async fn what_fits_costs_nobody() {
        let home = tempfile::tempdir().unwrap();
        let (store, _) = guests(home.path(), 2).await;
        let room =
            make_room(&store, &store, &Seen(HashSet::new()), 3_000, 1_000, GiveWay::Any).await.unwrap();
        assert_eq!(room, Room::default());
    }

    #[tokio::test]
    async fn who_gives_way_is_for_the_newcomer_to_say() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        let seen = Seen(cids.iter().copied().collect());
        let ranks: Vec<f64> = store.least_wanted(0, 3).await.unwrap().iter().map(|g| g.rank).collect();
        let none = make_room(&store, &store, &seen, 3_000, 1, GiveWay::WantedLess(ranks[0])).await.unwrap();
        assert_eq!((none.missing, none.evicted.len(), none.last_copies.len()), (1, 0, 0));
        let older = make_room(&store, &store, &seen, 3_000, 1, GiveWay::Older(1)).await.unwrap();
        assert_eq!(older.evicted.iter().map(|b| b.cid).collect::<Vec<_>>(), cids[..1]);
        let less = make_room(&store, &store, &seen, 2_000, 1, GiveWay::WantedLess(ranks[2])).await.unwrap();
        assert_eq!(less.evicted.iter().map(|b| b.cid).collect::<Vec<_>>(), cids[1..2]);
    }

    #[tokio::test]
    async fn a_quota_that_became_smaller_is_reached_as_far_as_it_can_be() {
        let home = tempfile::tempdir().unwrap();
        let (store, cids) = guests(home.path(), 3).await;
        let room = make_room(&store, &store, &Seen([cids[1]].into()), 500, 0, GiveWay::Any).await.unwrap();
        assert_eq!(room.evicted.iter().map(|b| b.cid).collect::<Vec<_>>(), cids[1..2]);
        assert_eq!((room.missing, room.last_copies.len()), (1_500, 2));
    }
}
