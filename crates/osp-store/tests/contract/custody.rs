//! Guests and followed REFs.

use super::samples::{bytes, store as put};
use osp_core::unixfs::Profile;
use osp_store::{BlobStore, Custody, Followed, GuestTotals, custody::HALF_LIFE};

const NOW: u64 = 1_800_000_000;

pub async fn what_is_not_a_guest_is_never_offered_for_removal(store: &(impl BlobStore + Custody)) {
    let own = put(store, &bytes(1, 5_000), &[Profile::V1_2025]).await;
    assert_eq!(store.guest(&own.cid).await.unwrap(), None);
    assert!(store.least_wanted(0, 10).await.unwrap().is_empty());
    assert!(!store.pin(&own.cid, true).await.unwrap());
    store.count_plays(&own.cid, 1.0, NOW).await.unwrap();
    assert_eq!(store.guest_totals().await.unwrap(), GuestTotals::default());
}

pub async fn the_least_wanted_guest_comes_first(store: &(impl BlobStore + Custody)) {
    let mut guests = Vec::new();
    for n in 0..4 {
        let blob = put(store, &bytes(n, 1_000 + n as usize), &[Profile::V1_2025]).await;
        assert!(store.receive_guest(&blob.cid, NOW).await.unwrap());
        guests.push(blob);
    }
    // The first was played often, but long ago; the second once, lately; the third is pinned; the fourth a little.
    for _ in 0..3 {
        store.count_plays(&guests[0].cid, 1.0, NOW).await.unwrap();
    }
    store.count_plays(&guests[1].cid, 1.0, NOW + 9 * HALF_LIFE).await.unwrap();
    assert!(store.pin(&guests[2].cid, true).await.unwrap());
    store.count_plays(&guests[3].cid, 0.5, NOW).await.unwrap();
    let order: Vec<_> = store.least_wanted(0, 10).await.unwrap().into_iter().map(|g| g.cid).collect();
    assert_eq!(order, [guests[3].cid, guests[0].cid, guests[1].cid]);
    let second: Vec<_> = store.least_wanted(1, 1).await.unwrap().into_iter().map(|g| g.cid).collect();
    assert_eq!(second, [guests[0].cid]);
    let sizes: u64 = guests.iter().map(|g| g.size).sum();
    let totals = GuestTotals { blobs: 4, bytes: sizes, pinned_bytes: guests[2].size };
    assert_eq!(store.guest_totals().await.unwrap(), totals);
}

pub async fn a_guest_goes_with_its_blob_and_becomes_own(store: &(impl BlobStore + Custody)) {
    let profiles = [Profile::V1_2025, Profile::V0_2015];
    let [gone, own] =
        [put(store, &bytes(7, 700), &profiles).await, put(store, &bytes(8, 800), &profiles).await];
    for blob in [&gone, &own] {
        assert!(store.receive_guest(&blob.cid, NOW).await.unwrap());
        assert!(store.receive_guest(&blob.cid, NOW + 5).await.unwrap());
    }
    assert_eq!(store.guest(&gone.cid).await.unwrap().map(|g| g.since), Some(NOW));
    // Under any of its roots.
    assert!(store.make_own(&own.roots[1]).await.unwrap());
    assert!(!store.make_own(&own.cid).await.unwrap());
    assert!(store.remove(&gone).await.unwrap());
    assert_eq!(store.guest_totals().await.unwrap().blobs, 0);
    assert!(!store.receive_guest(&gone.cid, NOW).await.unwrap());
}

pub async fn followed_references_are_kept_in_order(store: &(impl BlobStore + Custody)) {
    let entry = |reference: &str, since, sources: &[&str]| Followed {
        reference: reference.to_owned(),
        pinned: false,
        since,
        sources: sources.iter().map(ToString::to_string).collect(),
    };
    let first = entry("did:key:z6Mk1", 5, &["https://a.example", "https://b.example"]);
    let second = entry("osp:track:x", 9, &[]);
    store.follow(&second).await.unwrap();
    store.follow(&first).await.unwrap();
    assert_eq!(store.followed().await.unwrap(), [first.clone(), second.clone()]);
    let again = Followed { pinned: true, since: 77, ..first.clone() };
    store.follow(&again).await.unwrap();
    assert_eq!(store.followed().await.unwrap()[0], Followed { since: 5, ..again });
    assert!(store.unfollow("did:key:z6Mk1").await.unwrap());
    assert!(!store.unfollow("did:key:z6Mk1").await.unwrap());
    assert_eq!(store.followed().await.unwrap(), [second]);
}
