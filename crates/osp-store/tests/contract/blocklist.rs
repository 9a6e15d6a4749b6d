use super::{
    samples::{artist, bytes, layout, retraction, store as put, track},
    search::titles,
};
use osp_core::{content::parse_cid, record::Record, unixfs::Profile};
use osp_store::{BlobStore, Block, ContentStanding, Query, RecordIndex};

const BOTH: [Profile; 2] = [Profile::V1_2025, Profile::V0_2015];

pub async fn blocks_hide_and_unblocks_show(store: &impl RecordIndex) {
    let key = artist(1);
    let one = track("One").sign(&key);
    let two = track("Two").sign(&key);
    store.put(&[one.clone(), two.clone()]).await.unwrap();
    let content = one.as_track().unwrap().content();
    for (block, left) in [
        (Block::Record(one.id()), vec!["Two"]),
        (Block::Content(content), vec!["Two"]),
        (Block::Artist(key.did()), vec![]),
    ] {
        assert!(store.block(&block, Some("law")).await.unwrap());
        assert!(!store.block(&block, None).await.unwrap(), "a second time");
        for query in [Query::default(), Query { artist: Some(key.did()), ..Query::default() }] {
            assert_eq!(titles(store, query).await, left, "{block:?}");
        }
        let text = Query { text: Some("one".into()), ..Query::default() };
        assert!(titles(store, text.clone()).await.is_empty());
        assert!(store.is_blocked(&one).await.unwrap());
        assert_eq!(store.is_blocked(&two).await.unwrap(), left.is_empty());
        let all = [Record::clone(&two), Record::clone(&one)];
        assert_eq!(store.are_blocked(&all).await.unwrap(), [left.is_empty(), true], "in their order");
        // Still there for those who may see it.
        assert!(store.get(one.id().as_str()).await.unwrap().is_some());
        assert!(store.unblock(&block).await.unwrap());
        assert!(!store.unblock(&block).await.unwrap(), "a second time");
        assert!(!store.is_blocked(&one).await.unwrap());
        assert_eq!(titles(store, text).await, ["One"]);
    }
    // What arrives later is hidden as well, and two blocks must both go.
    let three = track("Three").sign(&key);
    store.block(&Block::Artist(key.did()), None).await.unwrap();
    store.block(&Block::Record(three.id()), None).await.unwrap();
    store.put(&[three]).await.unwrap();
    store.unblock(&Block::Artist(key.did())).await.unwrap();
    assert_eq!(titles(store, Query::default()).await, ["Two", "One"]);
}

pub async fn content_is_blocked_under_every_root<S: BlobStore + RecordIndex>(store: &S) {
    let data = bytes(1, 600_000);
    let meta = put(store, &data, &BOTH).await;
    let [ours, theirs] = meta.roots[..] else { panic!("two roots") };
    let one = track("One").content(&ours).sign(&artist(1));
    store.put(std::slice::from_ref(&one)).await.unwrap();
    assert!(RecordIndex::block(store, &Block::Content(theirs), None).await.unwrap());
    assert!(!RecordIndex::block(store, &Block::Content(ours), None).await.unwrap(), "the same content");
    assert!(store.is_blocked(&one).await.unwrap());
    for root in meta.roots.clone() {
        assert!(store.is_content_blocked(&[root]).await.unwrap());
    }
    // The blob's removal does not undo the block.
    store.remove(&meta).await.unwrap();
    assert!(store.is_content_blocked(&[ours]).await.unwrap());
    assert!(store.unblock(&Block::Content(ours)).await.unwrap());
    assert!(!store.is_content_blocked(&meta.roots).await.unwrap());
    assert_eq!(titles(store, Query::default()).await, ["One"]);
}

pub async fn a_block_before_the_blob<S: BlobStore + RecordIndex>(store: &S) {
    let data = bytes(2, 600_000);
    let (ours, theirs) = (layout(BOTH[0], &data).root, layout(BOTH[1], &data).root);
    store.put(&[track("One").content(&ours).sign(&artist(1))]).await.unwrap();
    RecordIndex::block(store, &Block::Content(theirs), None).await.unwrap();
    assert_eq!(titles(store, Query::default()).await, ["One"], "nobody knows that it is the same yet");
    put(store, &data, &BOTH).await;
    assert_eq!(titles(store, Query::default()).await, [""; 0]);
    assert!(store.is_content_blocked(&[ours]).await.unwrap());
}

pub async fn content_of_blocked_and_retracted_records<S: BlobStore + RecordIndex>(store: &S) {
    let meta = put(store, &bytes(3, 600_000), &BOTH).await;
    let roots = [meta.roots[1]];
    let blocked = async || store.is_content_blocked(&roots).await.unwrap();
    assert!(!blocked().await, "no record names it");
    let (ann, bob) = (artist(1), artist(2));
    let hers = track("Hers").content(&meta.cid).sign(&ann);
    store.put(std::slice::from_ref(&hers)).await.unwrap();
    assert!(!blocked().await);
    store.put(&[retraction(&hers.id(), &ann)]).await.unwrap();
    assert!(blocked().await, "its only record is retracted");
    let standing = async || store.content_standing(&roots).await.unwrap();
    assert_eq!(standing().await, ContentStanding::Retracted);
    for (block, expected) in [
        (Block::Artist(ann.did()), ContentStanding::RecordsBlocked),
        (Block::Content(roots[0]), ContentStanding::Blocked),
    ] {
        RecordIndex::block(store, &block, None).await.unwrap();
        assert_eq!(standing().await, expected);
        store.unblock(&block).await.unwrap();
        assert_eq!(standing().await, ContentStanding::Retracted);
    }
    let his = track("His").text("artwork", &meta.cid.to_string()).sign(&bob);
    store.put(std::slice::from_ref(&his)).await.unwrap();
    assert!(!blocked().await, "another record names it");
    RecordIndex::block(store, &Block::Artist(bob.did()), None).await.unwrap();
    assert!(blocked().await);
    store.unblock(&Block::Artist(bob.did())).await.unwrap();
    store.put(&[track("Newer").supersedes(&his.id()).sign(&bob)]).await.unwrap();
    assert!(!blocked().await, "superseded is not withdrawn from the world");
}

pub async fn the_list_is_in_order(store: &impl RecordIndex) {
    let one = track("One").sign(&artist(1));
    let qm = parse_cid("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH").unwrap();
    let blocks = [Block::Record(one.id()), Block::Content(qm), Block::Artist(artist(2).did())];
    for block in &blocks {
        RecordIndex::block(store, block, Some("why")).await.unwrap();
    }
    store.unblock(&blocks[0]).await.unwrap();
    let expected: Vec<_> = blocks[1..].iter().map(|b| (b.clone(), Some("why".to_owned()))).collect();
    assert_eq!(store.blocks().await.unwrap(), expected);
}
