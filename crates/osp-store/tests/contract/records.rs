use super::samples::{artist, layout, permutations, retraction, track};
use osp_core::{
    record::{Record, RecordId, Verified},
    unixfs::Profile,
};
use osp_store::{Block, Counts, Put, Query, RecordIndex, StoredRecord, Withdrawn};
use std::collections::BTreeSet;

async fn get(store: &impl RecordIndex, id: &RecordId) -> StoredRecord {
    store.get(id.as_str()).await.unwrap().unwrap()
}

async fn visible(store: &impl RecordIndex) -> BTreeSet<String> {
    let query = Query { limit: 100, ..Query::default() };
    let page = store.search(&query).await.unwrap();
    page.records.iter().map(|r| r.id.as_str().to_owned()).collect()
}

pub async fn put_is_idempotent(store: &impl RecordIndex) {
    let one = track("One").sign(&artist(1));
    let two = track("Two").sign(&artist(1));
    assert_eq!(store.put(std::slice::from_ref(&one)).await.unwrap(), [Put::New]);
    assert_eq!(
        store.put(&[one.clone(), two.clone(), two]).await.unwrap(),
        [Put::Known, Put::New, Put::Known]
    );
    assert_eq!(store.put(&[]).await.unwrap(), []);
    assert_eq!(store.feed(0, 10).await.unwrap().len(), 2);
    assert_eq!(get(store, &one.id()).await.json, one.to_bytes());
}

pub async fn gets_by_id_and_cid(store: &impl RecordIndex) {
    let one = track("One").sign(&artist(1));
    store.put(std::slice::from_ref(&one)).await.unwrap();
    let id = one.id();
    // The same CID in another multibase names the same record, with the prefix and without.
    let base58 = osp_core::content::parse_cid(id.cid_text()).unwrap();
    let base58 = format!("z{}", bs58::encode(base58.to_bytes()).into_string());
    for name in [id.as_str(), id.cid_text(), &base58, &format!("osp:track:{base58}")] {
        let found = store.get(name).await.unwrap().unwrap();
        assert_eq!((found.id, found.json.to_vec(), found.withdrawn), (id.clone(), one.to_bytes(), None));
    }
    assert!(store.get(&format!("osp:retraction:{}", id.cid_text())).await.unwrap().is_none());
    for name in ["", "osp:track:", "bafkrei", "osp:track:bafkqaaa", "%", "' OR 1"] {
        assert!(store.get(name).await.unwrap().is_none(), "{name}");
    }
}

/// A set of records of any two artists and, after all were put in any order, what each is.
async fn in_any_order(
    store: &impl RecordIndex,
    make: impl Fn(u8) -> Vec<(Verified<Record>, Option<String>)>,
) {
    let count = permutations(&make(1)).len();
    for n in 0..count {
        // Other artists each time: the store is not emptied in between.
        let order = permutations(&make(u8::try_from(n + 1).unwrap()))[n].clone();
        for (record, _) in &order {
            store.put(std::slice::from_ref(record)).await.unwrap();
        }
        let visible = visible(store).await;
        for (record, expected) in &order {
            let id = record.id();
            let withdrawn = match get(store, &id).await.withdrawn {
                None => None,
                Some(Withdrawn::Superseded(by)) => Some(by.as_str().to_owned()),
                Some(Withdrawn::Retracted(json)) => {
                    let retraction = Record::parse(&json).unwrap();
                    Some(retraction.id().as_str().to_owned())
                }
            };
            assert_eq!(&withdrawn, expected, "order {n}");
            let shown = record.as_track().is_some() && expected.is_none();
            assert_eq!(visible.contains(id.as_str()), shown, "order {n}");
        }
    }
}

fn text(record: &Verified<Record>) -> Option<String> {
    Some(record.id().as_str().to_owned())
}

pub async fn supersede_and_retract_in_any_order(store: &impl RecordIndex) {
    in_any_order(store, |n| {
        let key = artist(n);
        let old = track("Old").sign(&key);
        let new = track("New").supersedes(&old.id()).sign(&key);
        let gone = retraction(&new.id(), &key);
        let (by_new, by_gone) = (text(&new), text(&gone));
        vec![(old, by_new), (new, by_gone), (gone, None)]
    })
    .await;
}

pub async fn rivals_in_any_order(store: &impl RecordIndex) {
    in_any_order(store, |n| {
        let key = artist(n);
        let old = track("Old").sign(&key);
        let mut rivals: Vec<_> =
            (0..3).map(|i| track(&format!("New {i}")).supersedes(&old.id()).sign(&key)).collect();
        rivals.sort_by_key(|r| r.id());
        let winner = rivals.pop().unwrap();
        let by = text(&winner);
        let mut all = vec![(old, by.clone()), (winner, None)];
        all.extend(rivals.into_iter().map(|loser| (loser, by.clone())));
        all
    })
    .await;
}

pub async fn a_chain_in_any_order(store: &impl RecordIndex) {
    in_any_order(store, |n| {
        let key = artist(n);
        let one = track("One").sign(&key);
        let two = track("Two").supersedes(&one.id()).sign(&key);
        let three = track("Three").supersedes(&two.id()).sign(&key);
        let (by_two, by_three) = (text(&two), text(&three));
        vec![(one, by_two), (two, by_three), (three, None)]
    })
    .await;
}

pub async fn only_the_same_artist_withdraws(store: &impl RecordIndex) {
    in_any_order(store, |n| {
        let (key, mallory) = (artist(n), artist(200));
        let one = track(&format!("Mine {n}")).sign(&key);
        let fake = track(&format!("Fake {n}")).supersedes(&one.id()).sign(&mallory);
        let false_retraction = retraction(&one.id(), &mallory);
        vec![(one, None), (fake, None), (false_retraction, None)]
    })
    .await;
}

pub async fn finds_records_by_content(store: &impl RecordIndex) {
    let key = artist(1);
    let cover = layout(Profile::V1_2025, b"cover").root;
    let audio = layout(Profile::V1_2025, b"audio").root;
    let one = track("One").content(&audio).text("artwork", &cover.to_string()).sign(&key);
    let two = track("Two").text("lyrics", &cover.to_string()).sign(&key);
    let old = track("Old").content(&audio).sign(&key);
    let gone = retraction(&old.id(), &key);
    store.put(&[one.clone(), two.clone(), old, gone]).await.unwrap();
    let ids = |found: Vec<StoredRecord>| found.into_iter().map(|r| r.id).collect::<BTreeSet<_>>();
    assert_eq!(ids(store.using_content(&[audio]).await.unwrap()), [one.id()].into());
    assert_eq!(ids(store.using_content(&[cover, audio]).await.unwrap()), [one.id(), two.id()].into());
    assert!(store.using_content(&[]).await.unwrap().is_empty());
    store.block(&Block::Record(one.id()), None).await.unwrap();
    assert_eq!(ids(store.using_content(&[cover, audio]).await.unwrap()), [two.id()].into());
}

pub async fn feeds_in_order_of_arrival(store: &impl RecordIndex) {
    let records: Vec<_> = (0..5).map(|n| track(&format!("T{n}")).sign(&artist(1))).collect();
    store.put(&records[..2]).await.unwrap();
    store.put(&records[2..]).await.unwrap();
    let (mut ids, mut after) = (Vec::new(), 0);
    loop {
        let page = store.feed(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2 && last.0 > after);
        after = last.0;
        ids.extend(page.into_iter().map(|(_, r)| r.id));
    }
    assert_eq!(ids, records.iter().map(|r| r.id()).collect::<Vec<_>>());
}

pub async fn counts_what_is_current(store: &impl RecordIndex) {
    assert_eq!(store.counts().await.unwrap(), Counts::default());
    let one = track("One").sign(&artist(1));
    let two = track("Two").sign(&artist(2));
    store.put(&[one.clone(), two.clone()]).await.unwrap();
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.artists), (2, 2));
    store.put(&[retraction(&one.id(), &artist(1))]).await.unwrap();
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.tracks, counts.artists), (1, 1));
    store.block(&Block::Artist(two.artist()), None).await.unwrap();
    assert_eq!(store.counts().await.unwrap(), Counts::default());
}

pub async fn lists_the_genres_of_what_is_current(store: &impl RecordIndex) {
    assert!(store.genres(10).await.unwrap().is_empty());
    let one = track("One").genre(&["Dub", "Ambient"]).sign(&artist(1));
    store.put(&[one.clone(), track("Two").genre(&["dub"]).sign(&artist(2))]).await.unwrap();
    let genre = |name: &str, tracks| (name.to_owned(), tracks);
    assert_eq!(store.genres(10).await.unwrap(), [genre("dub", 2), genre("ambient", 1)]);
    assert_eq!(store.genres(1).await.unwrap(), [genre("dub", 2)]);
    store.put(&[retraction(&one.id(), &artist(1))]).await.unwrap();
    assert_eq!(store.genres(10).await.unwrap(), [genre("dub", 1)]);
}

pub async fn the_generation_changes_with_records_and_blocks(store: &impl RecordIndex) {
    let mut seen = vec![store.generation().await.unwrap()];
    let one = track("One").sign(&artist(1));
    store.put(std::slice::from_ref(&one)).await.unwrap();
    seen.push(store.generation().await.unwrap());
    store.block(&Block::Record(one.id()), None).await.unwrap();
    seen.push(store.generation().await.unwrap());
    store.unblock(&Block::Record(one.id())).await.unwrap();
    seen.push(store.generation().await.unwrap());
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
    // Nothing new, nothing changed.
    store.put(&[one]).await.unwrap();
    assert_eq!(store.generation().await.unwrap(), seen[3]);
}
