//! What is held under the index keys of discovery.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "contract/samples.rs"]
#[allow(dead_code)]
mod samples;

use osp_core::{
    record::{ProfileDraft, Record, Retraction, Verified},
    unixfs::Profile,
};
use osp_store::{
    Block, RecordIndex as _,
    embedded::{EmbeddedStore, Under},
};
use samples::{artist, track};

async fn ids(store: &EmbeddedStore, key: &Under) -> Vec<String> {
    let held = store.under(key, 0, 100).await.unwrap();
    held.into_iter().map(|held| held.record.id.as_str().to_owned()).collect()
}

fn id(record: &Verified<Record>) -> String {
    record.id().as_str().to_owned()
}

fn opened() -> (EmbeddedStore, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    (EmbeddedStore::open(home.path()).unwrap(), home)
}

#[tokio::test]
async fn each_key_gives_its_records_and_what_stands_in_the_place_of_those_withdrawn() {
    let (store, _home) = opened();
    let (one, other) = (artist(1), artist(2));
    let kept = track("Same").genre(&["Drone"]).sign(&one);
    let old = track("Same").genre(&["drone"]).text("album", "old").sign(&one);
    let new = track("Changed").supersedes(&old.id()).sign(&one);
    let gone = track("same").genre(&["Folk"]).sign(&other);
    let retraction = Retraction::sign(&gone.id(), None, &other).unwrap();
    let profile = ProfileDraft { name: "One".into(), ..ProfileDraft::default() };
    let profile = profile.sign(&one, "2026-01-01T12:00:00Z").unwrap();
    let all = [&kept, &old, &new, &gone, &retraction, &profile].map(Clone::clone);
    store.put(&all).await.unwrap();

    for (key, expected) in [
        (Under::Artist(one.did()), vec![&kept, &new, &profile]),
        (Under::Artist(other.did()), vec![&retraction]),
        (Under::Artist(artist(9).did()), vec![]),
        (Under::Title("same".into()), vec![&kept, &new, &retraction]),
        (Under::Title("changed".into()), vec![&new]),
        (Under::Genre("drone".into()), vec![&kept, &new]),
        (Under::Genre("folk".into()), vec![&retraction]),
        (Under::Record(kept.id()), vec![&kept]),
        (Under::Record(gone.id()), vec![&retraction, &retraction]),
        (Under::Record(old.id()), vec![&new, &new]),
        (Under::Record(profile.id()), vec![&profile]),
    ] {
        let expected: Vec<String> = expected.into_iter().map(id).collect();
        assert_eq!(ids(&store, &key).await, expected, "{key:?}");
    }

    // A retraction of something that is not here is told too.
    let unknown = track("Unknown").sign(&other);
    let early = Retraction::sign(&unknown.id(), None, &other).unwrap();
    store.put(std::slice::from_ref(&early)).await.unwrap();
    assert_eq!(ids(&store, &Under::Record(unknown.id())).await, [id(&early)]);

    // What is blocked is not there.
    store.block(&Block::Record(kept.id()), None).await.unwrap();
    assert_eq!(ids(&store, &Under::Genre("drone".into())).await, [id(&new)]);
    assert_eq!(ids(&store, &Under::Record(kept.id())).await, Vec::<String>::new());
}

#[tokio::test]
async fn content_is_found_under_every_form_of_its_cid() {
    let (store, _home) = opened();
    let bytes = samples::bytes(1, 600_000);
    let blob = samples::store(&store, &bytes, &[Profile::V1_2025, Profile::V0_2015]).await;
    let record = track("Stored").content(&blob.roots[1]).sign(&artist(1));
    store.put(std::slice::from_ref(&record)).await.unwrap();
    for root in &blob.roots {
        assert_eq!(ids(&store, &Under::Content(*root)).await, [id(&record)], "{root}");
    }
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let (store, _home) = opened();
    let records: Vec<_> =
        (0..25).map(|n| track(&format!("Track {n}")).genre(&["Drone"]).sign(&artist(1))).collect();
    store.put(&records).await.unwrap();
    for key in [Under::Genre("drone".into()), Under::Artist(artist(1).did())] {
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let page = store.under(&key, after, 10).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.place;
            all.extend(page.into_iter().map(|held| held.record.id.as_str().to_owned()));
        }
        assert_eq!(all, records.iter().map(id).collect::<Vec<_>>(), "{key:?}");
    }
}
