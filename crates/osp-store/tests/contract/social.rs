//! Profiles, follows, the trust list and who is how near.

use super::samples::{artist, layout, permutations, track};
use osp_core::{
    did::Did,
    record::{Follow, FollowState, ProfileDraft, Record, Verified},
    unixfs::Profile as Layout,
};
use osp_store::{
    BlobStore, Block, ContentStanding, Counts, Put, RecordIndex, Social, StoredRecord, TrustLevel,
    social::MAX_BEYOND_EACH,
};

fn profile(n: u8, name: &str, updated: &str) -> Verified<Record> {
    ProfileDraft { name: name.into(), ..ProfileDraft::default() }.sign(&artist(n), updated).unwrap()
}

fn follow(n: u8, whom: &Did, updated: &str) -> Verified<Record> {
    Follow::sign(whom, FollowState::Follow, &artist(n), updated).unwrap()
}

fn unfollow(n: u8, whom: &Did, updated: &str) -> Verified<Record> {
    Follow::sign(whom, FollowState::Unfollow, &artist(n), updated).unwrap()
}

fn did(n: u8) -> Did {
    artist(n).did()
}

/// A day of January 2026.
fn day(n: u32) -> String {
    format!("2026-01-{n:02}T12:00:00Z")
}

fn followed(records: &[StoredRecord]) -> Vec<Did> {
    let read = |r: &StoredRecord| Record::parse(&r.json).unwrap().as_follow().unwrap().follows().clone();
    records.iter().map(read).collect()
}

async fn feed(store: &impl RecordIndex) -> Vec<String> {
    store.feed(0, 1000).await.unwrap().into_iter().map(|(_, r)| r.id.as_str().to_owned()).collect()
}

pub async fn the_newest_profile_stays_in_any_order(store: &(impl RecordIndex + Social)) {
    for (n, order) in (1..).zip(permutations(&[0, 1, 2])) {
        let versions = [
            profile(n, "Old", &day(1)),
            // Two of one second: the greater id.
            profile(n, "A", &day(2)),
            profile(n, "B", &day(2)),
        ];
        let newest = versions[1].id().max(versions[2].id());
        for i in order {
            store.put(std::slice::from_ref(&versions[i])).await.unwrap();
        }
        let kept = store.profile(&did(n)).await.unwrap().unwrap();
        assert_eq!(kept.id, newest);
        for version in &versions {
            assert_eq!(store.get(version.id().as_str()).await.unwrap().is_some(), version.id() == newest);
            assert_eq!(store.put(std::slice::from_ref(version)).await.unwrap(), [Put::Known]);
        }
        assert_eq!(feed(store).await.len(), usize::from(n), "one for each artist");
    }
    assert!(store.profile(&did(200)).await.unwrap().is_none());
    assert_eq!(store.counts().await.unwrap(), Counts::default(), "no tracks, so no artists");
}

pub async fn the_newest_word_about_a_follow_stays(store: &(impl RecordIndex + Social)) {
    let (ana, bob) = (did(1), Did::parse("did:web:bob.example").unwrap());
    let started = follow(1, &bob, &day(1));
    let ended = unfollow(1, &bob, &day(2));
    let again = follow(1, &bob, &day(3));
    let other = follow(1, &did(3), &day(1));
    assert_eq!(
        store.put(&[ended.clone(), started.clone(), other]).await.unwrap(),
        [Put::New, Put::Known, Put::New]
    );
    assert_eq!(followed(&store.follows(&ana, 10).await.unwrap()), [did(3)]);
    assert!(store.followers(&bob, 10).await.unwrap().is_empty());
    assert_eq!(store.follow_of(&ana, &bob).await.unwrap().unwrap().id, ended.id());
    store.put(std::slice::from_ref(&again)).await.unwrap();
    assert_eq!(followed(&store.follows(&ana, 10).await.unwrap()), [bob.clone(), did(3)], "the newest first");
    assert_eq!(followed(&store.follows(&ana, 1).await.unwrap()), std::slice::from_ref(&bob));
    assert_eq!(store.followers(&bob, 10).await.unwrap()[0].id, again.id());
    assert_eq!(feed(store).await.len(), 2);
    // Another's word about the same artist is another place.
    store.put(&[unfollow(4, &bob, &day(9))]).await.unwrap();
    assert_eq!(store.followers(&bob, 10).await.unwrap().len(), 1);
}

pub async fn records_from_the_future_wait(store: &(impl RecordIndex + Social)) {
    let now = profile(1, "Now", &day(1));
    let late = profile(1, "Late", "9999-12-31T23:59:59Z");
    assert_eq!(store.put(&[now.clone(), late]).await.unwrap(), [Put::New, Put::Early]);
    assert_eq!(store.put(&[follow(1, &did(2), "9999-12-31T23:59:59Z")]).await.unwrap(), [Put::Early]);
    assert_eq!(store.profile(&did(1)).await.unwrap().unwrap().id, now.id());
    assert_eq!(feed(store).await, [now.id().as_str()]);
}

pub async fn a_feed_goes_on_behind_what_was_replaced(store: &(impl RecordIndex + Social)) {
    let old = profile(1, "Old", &day(1));
    store.put(std::slice::from_ref(&old)).await.unwrap();
    let (seen, _) = store.feed(0, 10).await.unwrap().pop().unwrap();
    let new = profile(1, "New", &day(2));
    store.put(std::slice::from_ref(&new)).await.unwrap();
    let later: Vec<_> = store.feed(seen, 10).await.unwrap().into_iter().map(|(_, r)| r.id).collect();
    assert_eq!(later, [new.id()]);
    assert_eq!(store.numbered(seen).await.unwrap(), Some(old.id()), "a cursor may stand there");
    assert_eq!(store.numbered(seen + 1).await.unwrap(), Some(new.id()));
    assert_eq!(store.numbered(seen + 2).await.unwrap(), None);
}

pub async fn blocks_hide_profiles_follows_and_pictures<S: BlobStore + RecordIndex + Social>(store: &S) {
    let picture = layout(Layout::V1_2025, b"picture").root;
    let draft =
        ProfileDraft { name: "Ana".into(), avatar: Some(picture.to_string()), ..ProfileDraft::default() };
    let ana = draft.sign(&artist(1), &day(1)).unwrap();
    store.put(&[ana.clone(), follow(1, &did(2), &day(1))]).await.unwrap();
    for block in [Block::Artist(did(1)), Block::Record(ana.id())] {
        RecordIndex::block(store, &block, None).await.unwrap();
        assert!(store.profile(&did(1)).await.unwrap().is_none(), "{block:?}");
        assert_eq!(store.content_standing(&[picture]).await.unwrap(), ContentStanding::RecordsBlocked);
        let whole = matches!(block, Block::Artist(_));
        assert_eq!(store.is_artist_blocked(&did(1)).await.unwrap(), whole);
        assert_eq!(store.follows(&did(1), 10).await.unwrap().is_empty(), whole);
        assert_eq!(store.followers(&did(2), 10).await.unwrap().is_empty(), whole);
        assert_eq!(store.trust_ranks(&[did(1)]).await.unwrap().level(&did(2)).is_none(), whole);
        store.unblock(&block).await.unwrap();
        assert!(store.profile(&did(1)).await.unwrap().is_some());
        assert_eq!(store.content_standing(&[picture]).await.unwrap(), ContentStanding::Open);
    }
    // A track that stands and uses the same picture keeps it.
    let song = track("Song").text("artwork", &picture.to_string()).sign(&artist(3));
    store.put(&[song]).await.unwrap();
    assert_eq!((store.tracks_of(&did(3)).await.unwrap(), store.tracks_of(&did(1)).await.unwrap()), (1, 0));
    RecordIndex::block(store, &Block::Artist(did(1)), None).await.unwrap();
    assert_eq!(store.content_standing(&[picture]).await.unwrap(), ContentStanding::Open);
}

pub async fn the_trust_list_is_kept_in_order(store: &(impl RecordIndex + Social)) {
    let before = store.generation().await.unwrap();
    assert!(store.trust(&did(2), Some("met her"), 20).await.unwrap());
    assert!(store.trust(&did(1), None, 10).await.unwrap());
    assert!(!store.trust(&did(2), None, 99).await.unwrap(), "nothing new is said");
    assert!(store.trust(&did(2), Some("an old friend"), 99).await.unwrap());
    let list: Vec<_> = store.trusted().await.unwrap().into_iter().map(|t| (t.did, t.note, t.since)).collect();
    assert_eq!(list, [(did(1), None, 10), (did(2), Some("an old friend".into()), 20)]);
    assert_ne!(store.generation().await.unwrap(), before, "searches are ranked by it");
    assert!(store.distrust(&did(1)).await.unwrap());
    assert!(!store.distrust(&did(1)).await.unwrap());
    assert_eq!(store.trusted().await.unwrap().len(), 1);
    assert!(feed(store).await.is_empty(), "it is in no record");
}

pub async fn ranks_are_own_then_followed_then_beyond(store: &(impl RecordIndex + Social)) {
    let (me, trusted, friend, beyond, far) = (did(1), did(2), did(3), did(4), did(5));
    store.trust(&trusted, None, 0).await.unwrap();
    let records = [
        follow(1, &friend, &day(1)),
        follow(1, &trusted, &day(1)),
        follow(3, &beyond, &day(1)),
        follow(3, &me, &day(1)),
        follow(4, &far, &day(1)),
        // One who is no longer followed, and one whom only somebody on the list follows.
        unfollow(1, &did(6), &day(1)),
    ];
    store.put(&records).await.unwrap();
    let ranks = store.trust_ranks(std::slice::from_ref(&me)).await.unwrap();
    let expected = [
        (&me, Some(TrustLevel::Own)),
        (&trusted, Some(TrustLevel::Own)),
        (&friend, Some(TrustLevel::Followed)),
        (&beyond, Some(TrustLevel::Beyond)),
        (&far, None),
        (&did(6), None),
    ];
    for (did, level) in expected {
        assert_eq!(ranks.level(did), level, "{did}");
    }
    assert_eq!(ranks.len(), 4);
    assert_eq!(store.trust_ranks(&[]).await.unwrap().len(), 1, "the trust list alone");
}

pub async fn one_followed_artist_adds_a_bounded_number(store: &(impl RecordIndex + Social)) {
    let name = |n: usize| Did::parse(&format!("did:web:a{n}.example")).unwrap();
    let time = |n: usize| format!("2026-01-01T{:02}:{:02}:00Z", n / 60, n % 60);
    let mut records = vec![follow(1, &did(2), &day(1))];
    records.extend((0..=MAX_BEYOND_EACH).map(|n| follow(2, &name(n), &time(n))));
    store.put(&records).await.unwrap();
    let ranks = store.trust_ranks(&[did(1)]).await.unwrap();
    assert_eq!(ranks.len(), 2 + MAX_BEYOND_EACH);
    assert_eq!(ranks.level(&name(0)), None, "the one followed first");
}
