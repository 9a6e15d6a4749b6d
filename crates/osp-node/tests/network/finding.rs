//! What is published is found; what is blocked or withdrawn is not shown.

use crate::members::{Member, artist, layout, song, track, until};
use osp_core::{record::Retraction, unixfs::Profile};
use osp_discovery::IndexKey;
use osp_store::Block;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_found_under_each_of_its_keys() {
    let middle = Member::start(&[]).await;
    let (publisher, listener) =
        (Member::start(&[&middle.address]).await, Member::start(&[&middle.address]).await);
    let content = b"some music".repeat(10_000);
    let [v1, v0] = publisher.store(&content).await;
    let record = track("Hello,  WORLD", &v0, None);
    publisher.put(&record).await;

    let id = record.id();
    let keys = [
        IndexKey::title("hello, world"),
        IndexKey::genre("drone"),
        IndexKey::artist(&artist().did()),
        IndexKey::track(&id),
        IndexKey::content(&v0),
        IndexKey::content(&v1),
    ];
    for key in keys.map(Result::unwrap) {
        until(key.as_str(), || listener.finds(&key, &record)).await;
        let search = listener.find(&key).await;
        assert_eq!(search.providers[id.as_str()], [publisher.peer()], "{key}");
        let summary = search.summary.unwrap();
        assert!(summary.complete && summary.refused == 0, "{summary:?}");
    }
    // It can be opened, and is not in the catalogue of whoever looked.
    assert_eq!(listener.node.shelved(id.cid_text()).unwrap().id, id);
    assert!(listener.node.records().get(id.as_str()).await.unwrap().is_none());
    assert_eq!(listener.network.record(&id).await.unwrap().id(), id);

    // Who has the bytes, under either form of CID.
    for cid in [v0, v1] {
        let key = IndexKey::content(&cid).unwrap();
        let mut providers = listener.network.providers(key);
        let provider = providers.next().await.unwrap();
        assert_eq!(provider.peer, publisher.peer());
        assert!(!provider.addresses.is_empty());
        assert_eq!(providers.next().await, None);
    }
    // Who has the record alone is not asked for bytes.
    middle.put(&record).await;
    let title = IndexKey::title("hello, world").unwrap();
    until("two who have the record", || async {
        listener.find(&title).await.providers.values().any(|providers| providers.len() == 2)
    })
    .await;
    let mut providers = listener.network.providers(IndexKey::content(&v0).unwrap());
    assert_eq!(providers.next().await.unwrap().peer, publisher.peer());
    assert_eq!(providers.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_keys_are_one_search_and_each_record_comes_once() {
    let middle = Member::start(&[]).await;
    let (publisher, listener) =
        (Member::start(&[&middle.address]).await, Member::start(&[&middle.address]).await);
    let (one, two) = (song("One"), song("Two"));
    publisher.put(&one).await;
    publisher.put(&two).await;
    let keys = [IndexKey::title("one"), IndexKey::genre("drone"), IndexKey::artist(&artist().did())];
    let keys = keys.map(Result::unwrap).to_vec();
    until("both", || async { listener.find(&keys[2]).await.current.len() == 2 }).await;
    until("both by genre", || async { listener.find(&keys[1]).await.current.len() == 2 }).await;
    let mut finding = listener.network.find(keys);
    let mut records = Vec::new();
    let mut done = None;
    while let Some(found) = finding.next().await {
        match found {
            osp_node::discovery::network::Found::Record { record, current: true, .. } => {
                records.push(record.id().as_str().to_owned());
            }
            osp_node::discovery::network::Found::Done(summary) => done = Some(summary),
            _ => {}
        }
    }
    records.sort_unstable();
    let mut both = [one.id().as_str().to_owned(), two.id().as_str().to_owned()];
    both.sort_unstable();
    assert_eq!(records, both);
    assert_eq!(done.unwrap().records, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn blocked_records_are_neither_shown_nor_given() {
    let middle = Member::start(&[]).await;
    let (publisher, listener) =
        (Member::start(&[&middle.address]).await, Member::start(&[&middle.address]).await);
    let (good, bad) = (song("Good"), song("Bad"));
    publisher.put(&good).await;
    publisher.put(&bad).await;
    let genre = IndexKey::genre("drone").unwrap();
    until("both", || async { listener.find(&genre).await.current.len() == 2 }).await;

    // The listener's own list.
    let block = Block::Record(bad.id());
    listener.node.records().block(&block, None).await.unwrap();
    assert!(!listener.finds(&genre, &bad).await && listener.finds(&genre, &good).await);
    listener.node.records().unblock(&block).await.unwrap();
    assert!(listener.finds(&genre, &bad).await);

    // The publisher's: no longer given, and no longer announced.
    publisher.node.records().block(&block, None).await.unwrap();
    assert!(!listener.finds(&genre, &bad).await && listener.finds(&genre, &good).await);
    let keys = |status: osp_node::discovery::network::NetworkStatus| status.announcements.unwrap().keys;
    // Of both: artist and genre; of each alone: title and track.
    until("fewer keys", || async { keys(publisher.network.status().await) == 4 }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_withdrawn_is_not_shown_whoever_still_has_it() {
    let middle = Member::start(&[]).await;
    let (publisher, listener) =
        (Member::start(&[&middle.address]).await, Member::start(&[&middle.address]).await);
    let old = song("Song");
    let gone = song("Gone");
    for member in [&publisher, &middle] {
        member.put(&old).await;
        member.put(&gone).await;
    }
    let genre = IndexKey::genre("drone").unwrap();
    until("both from both", || async {
        let found = listener.find(&genre).await.providers;
        found.len() == 2 && found.values().all(|providers| providers.len() == 2)
    })
    .await;

    for record in [&old, &gone] {
        let title = IndexKey::title(record.as_track().unwrap().title()).unwrap();
        for key in [title, IndexKey::track(&record.id()).unwrap()] {
            until("it from both", || async {
                let found = listener.find(&key).await.providers;
                found.get(record.id().as_str()).is_some_and(|providers| providers.len() == 2)
            })
            .await;
        }
    }

    // The one in the middle hears of neither.
    let content = layout(Profile::V1_2025, b"better").root;
    let new = track("Song, better", &content, Some(&old));
    publisher.put(&new).await;
    publisher.put(&Retraction::sign(&gone.id(), None, &artist()).unwrap()).await;
    for (key, shown) in [
        (genre, vec![new.id()]),
        (IndexKey::title("gone").unwrap(), Vec::new()),
        (IndexKey::title("song").unwrap(), vec![new.id()]),
        (IndexKey::track(&gone.id()).unwrap(), Vec::new()),
    ] {
        let search = listener.find(&key).await;
        let current: Vec<&str> =
            search.current.iter().filter(|(_, current)| **current).map(|(id, _)| id.as_str()).collect();
        assert_eq!(
            current,
            shown.iter().map(osp_core::record::RecordId::as_str).collect::<Vec<_>>(),
            "{key}"
        );
    }
    assert!(listener.network.record(&gone.id()).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_found_from_whoever_heard_it_when_its_publisher_is_gone() {
    let middle = Member::start(&[]).await;
    let publisher = Member::start(&[&middle.address]).await;
    let record = song("Pull the plug");
    publisher.put(&record).await;
    let hearer = Member::start(&[&middle.address]).await;
    let title = IndexKey::title("pull the plug").unwrap();
    until("it", || hearer.finds(&title, &record)).await;
    // What is heard is kept, and announced in its turn.
    hearer.put(&record).await;
    let at = hearer.peer();
    until("the second", || async {
        middle.find(&title).await.providers.values().any(|providers| providers.contains(&at))
    })
    .await;
    publisher.stop().await;
    let listener = Member::start(&[&middle.address]).await;
    until("it from the second", || listener.finds(&title, &record)).await;
    assert_eq!(listener.find(&title).await.providers[record.id().as_str()], [hearer.peer()]);
}
