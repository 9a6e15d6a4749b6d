use super::samples::{bytes, layout, store as put, torrent};
use bytes::Bytes;
use osp_core::{
    content::{cid_v0, dag_pb_cid, digest_of, parse_cid},
    unixfs::{Profile, verify_block},
};
use osp_store::{BlobStore, StoreError};

const ALL: [Profile; 3] = [Profile::V1_2025, Profile::V0_2015, Profile::V1Legacy];

pub async fn finds_a_blob_by_every_root(store: &impl BlobStore) {
    let data = bytes(1, 2_500_000);
    let meta = put(store, &data, &ALL).await;
    assert_eq!(meta.cid, layout(Profile::V1_2025, &data).root);
    assert_eq!((meta.size, meta.roots.len()), (2_500_000, 3));
    for root in &meta.roots {
        assert_eq!(store.find(root).await.unwrap().as_ref(), Some(&meta));
        assert_eq!(store.layout(root).await.unwrap().unwrap().root, *root);
    }
    for profile in ALL {
        let layout = layout(profile, &data);
        assert_eq!(*store.layout(&layout.root).await.unwrap().unwrap(), layout);
    }
    // Qm… and bafy… of one digest are one block.
    let digest = digest_of(&layout(Profile::V0_2015, &data).root).unwrap();
    for form in [cid_v0(digest), dag_pb_cid(digest)] {
        assert_eq!(store.find(&form).await.unwrap().as_ref(), Some(&meta));
    }
    assert_eq!(store.find_by_infohash(&meta.infohash).await.unwrap().as_ref(), Some(&meta));
    assert_eq!(store.torrent(&meta).await.unwrap(), torrent(&data, &layout(Profile::V1_2025, &data)));
    assert_eq!(store.find_by_infohash(&[0; 20]).await.unwrap(), None);
    let other = layout(Profile::V1_2025, b"other").root;
    assert_eq!(store.find(&other).await.unwrap(), None);
    assert_eq!(store.block(&other).await.unwrap(), None);
    assert_eq!(store.layout(&other).await.unwrap(), None);
}

pub async fn reads_every_range(store: &impl BlobStore) {
    const MIB: u64 = 1 << 20;
    let data = bytes(2, 3 * (1 << 20) + 17);
    let size = data.len() as u64;
    let meta = put(store, &data, &ALL[..1]).await;
    let edges = [0, 1, 65_536, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, size - 1, size];
    // Twice: the first time bytes are verified on the way.
    for _ in 0..2 {
        for start in edges {
            for end in edges.into_iter().filter(|end| *end >= start) {
                let read = store.read(&meta, start..end).await.unwrap();
                let most = (end - start).min(osp_store::blob::MAX_READ) as usize;
                assert_eq!(read, data[start as usize..start as usize + most], "{start}..{end}");
            }
        }
    }
    #[allow(clippy::reversed_empty_ranges)]
    for range in [0..size + 1, size + 1..size + 1, 5..4, u64::MAX..u64::MAX] {
        let refused = store.read(&meta, range).await;
        assert!(matches!(refused, Err(StoreError::Range { .. })), "{refused:?}");
    }
}

pub async fn serves_every_block(store: &impl BlobStore) {
    let data = bytes(3, 2_100_000);
    let meta = put(store, &data, &ALL).await;
    for profile in ALL {
        let layout = layout(profile, &data);
        for node in &layout.nodes {
            assert_eq!(store.block(&node.cid).await.unwrap().unwrap(), node.bytes);
        }
        for leaf in &layout.leaves {
            let block = store.block(&leaf.cid()).await.unwrap().unwrap();
            verify_block(&leaf.cid(), &block).unwrap();
            assert_eq!(store.blobs_with_block(&leaf.cid()).await.unwrap(), [meta.cid]);
        }
    }
}

pub async fn a_block_of_two_blobs(store: &impl BlobStore) {
    // The first mebibyte is the same, and occurs twice in the second blob.
    let mut one = bytes(4, 1 << 20);
    let same = one.clone();
    let shared = layout(Profile::V1_2025, &one).leaves[0].cid();
    one.push(1);
    let two = [&same[..], &same[..], b"x"].concat();
    let (one, two) = (put(store, &one, &ALL[..1]).await, put(store, &two, &ALL[..1]).await);
    let mut blobs = store.blobs_with_block(&shared).await.unwrap();
    let mut expected = vec![one.cid, two.cid];
    blobs.sort();
    expected.sort();
    assert_eq!(blobs, expected);
    assert!(store.remove(&one).await.unwrap());
    assert_eq!(store.block(&shared).await.unwrap().unwrap(), same);
    assert!(store.remove(&two).await.unwrap());
    assert_eq!(store.block(&shared).await.unwrap(), None);
}

pub async fn an_abandoned_writer_leaves_nothing(store: &impl BlobStore) {
    let data = bytes(5, 1_500_000);
    let mut writer = store.writer().await.unwrap();
    writer.write(Bytes::from(data.clone())).await.unwrap();
    drop(writer);
    let root = layout(Profile::V1_2025, &data).root;
    assert_eq!(store.find(&root).await.unwrap(), None);
    assert!(store.list(None, 10).await.unwrap().is_empty());
}

pub async fn committing_again_merges_layouts(store: &impl BlobStore) {
    let data = bytes(6, 700_000);
    let first = put(store, &data, &ALL[..1]).await;
    let v0 = layout(Profile::V0_2015, &data).root;
    assert_eq!(store.find(&v0).await.unwrap(), None);
    let second = put(store, &data, &ALL[..2]).await;
    assert_eq!((first.roots.len(), second.roots.len()), (1, 2));
    assert_eq!(store.find(&v0).await.unwrap().unwrap(), second);
    assert_eq!(store.find(&first.cid).await.unwrap().unwrap(), second);
    assert_eq!(store.list(None, 10).await.unwrap(), [first.cid]);
    // Fewer layouts take none away.
    assert_eq!(put(store, &data, &ALL[..1]).await, second);
    assert_eq!(store.read(&second, 0..10).await.unwrap(), data[..10]);
}

pub async fn removal_is_complete(store: &impl BlobStore) {
    let data = bytes(7, 1_200_000);
    let meta = put(store, &data, &ALL).await;
    store.read(&meta, 0..10).await.unwrap();
    assert!(store.remove(&meta).await.unwrap());
    assert!(!store.remove(&meta).await.unwrap());
    for profile in ALL {
        let layout = layout(profile, &data);
        assert_eq!(store.find(&layout.root).await.unwrap(), None);
        assert_eq!(store.block(&layout.leaves[0].cid()).await.unwrap(), None);
        assert!(store.blobs_with_block(&layout.root).await.unwrap().is_empty());
    }
    assert!(matches!(store.read(&meta, 0..10).await, Err(StoreError::NotStored { .. })));
    assert!(matches!(store.torrent(&meta).await, Err(StoreError::NotStored { .. })));
    // And can come back.
    let again = put(store, &data, &ALL).await;
    assert_eq!(store.read(&again, 0..10).await.unwrap(), data[..10]);
}

pub async fn lists_in_pages(store: &impl BlobStore) {
    let mut stored = Vec::new();
    for n in 0..7 {
        stored.push(put(store, &bytes(n, 100), &ALL[..1]).await.cid);
    }
    let mut listed = Vec::new();
    loop {
        let page = store.list(listed.last(), 3).await.unwrap();
        assert!(page.len() <= 3);
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    assert!(listed.is_sorted());
    stored.sort();
    assert_eq!(listed, stored);
}

pub async fn an_empty_blob(store: &impl BlobStore) {
    let meta = put(store, b"", &ALL[..2]).await;
    assert_eq!(meta.size, 0);
    assert!(store.read(&meta, 0..0).await.unwrap().is_empty());
    // The empty file of unixfs-v0-2015, known to everyone.
    let empty = parse_cid("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH").unwrap();
    assert_eq!(store.block(&empty).await.unwrap().unwrap(), [0x0a, 4, 8, 2, 0x18, 0][..]);
    assert_eq!(store.scrub(&meta.cid).await.unwrap().damaged, []);
}

pub async fn refuses_layouts_of_other_bytes(store: &impl BlobStore) {
    let data = bytes(8, 50_000);
    let short = layout(Profile::V1_2025, &data[1..]);
    let right = layout(Profile::V1_2025, &data);
    let v0 = layout(Profile::V0_2015, &data);
    let torrent = torrent(&data, &right);
    for (layouts, torrent) in [
        (vec![], torrent.clone()),
        (vec![short.clone()], torrent.clone()),
        (vec![right.clone(), short], torrent.clone()),
        (vec![v0], torrent.clone()),
        (vec![right], osp_core::torrent::TorrentInfo { length: 7, ..torrent }),
    ] {
        let mut writer = store.writer().await.unwrap();
        writer.write(Bytes::from(data.clone())).await.unwrap();
        let refused = writer.commit(layouts, torrent).await;
        assert!(matches!(refused, Err(StoreError::Invalid(_))), "{refused:?}");
    }
    assert!(store.list(None, 10).await.unwrap().is_empty());
    // A layout of as many other bytes: refused when read.
    let other = bytes(9, 50_000);
    let lie = layout(Profile::V1_2025, &other);
    let mut writer = store.writer().await.unwrap();
    writer.write(Bytes::from(data.clone())).await.unwrap();
    let torrent = super::samples::torrent(&other, &lie);
    let meta = writer.commit(vec![lie], torrent).await.unwrap();
    assert!(matches!(store.read(&meta, 0..10).await, Err(StoreError::Corrupt { .. })));
    assert!(matches!(store.block(&meta.cid).await, Err(StoreError::Corrupt { .. })));
}

pub async fn scrub_finds_nothing_wrong(store: &impl BlobStore) {
    let meta = put(store, &bytes(10, 2_000_000), &ALL).await;
    let report = store.scrub(&meta.cid).await.unwrap();
    assert_eq!((report.bytes, report.damaged), (2_000_000, vec![]));
    let other = layout(Profile::V1_2025, b"other").root;
    assert!(matches!(store.scrub(&other).await, Err(StoreError::NotStored { .. })));
}
