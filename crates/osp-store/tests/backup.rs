//! Backups: consistent, complete, and verified when they are brought back.
#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "contract/samples.rs"]
mod samples;

use osp_core::{
    record::{Follow, FollowState, ProfileDraft},
    unixfs::Profile,
};
use osp_store::{BlobStore, Query, RecordIndex, Social, StoreError, embedded::EmbeddedStore};
use samples::{artist, bytes, store as put, track};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

const OURS: [Profile; 1] = [Profile::V1_2025];

fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_made_while_others_write_is_whole() {
    let (home, copy, back) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = EmbeddedStore::open(home.path()).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let first = put(&store, &bytes(0, 2_000_000), &OURS).await;
    store.put(&[track("First").content(&first.cid).sign(&artist(1))]).await.unwrap();
    let writing = tokio::spawn({
        let (store, stop) = (EmbeddedStore::open(home.path()).unwrap(), Arc::clone(&stop));
        async move {
            let mut n = 1;
            while !stop.load(Ordering::Relaxed) {
                let blob = put(&store, &bytes(n, 30_000), &OURS).await;
                store.put(&[track(&format!("T{n}")).content(&blob.cid).sign(&artist(1))]).await.unwrap();
                if n % 3 == 0 {
                    store.remove(&blob).await.unwrap();
                }
                n += 1;
            }
        }
    });
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    store.backup(copy.path()).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();

    let report = EmbeddedStore::restore(copy.path(), back.path()).await.unwrap();
    assert_eq!(report.damaged, []);
    let restored = EmbeddedStore::open(back.path()).unwrap();
    let counts = restored.counts().await.unwrap();
    assert_eq!((counts.blobs, counts.bytes), (report.blobs, report.bytes));
    assert!(counts.tracks >= 1);
    for cid in restored.list(None, 10_000).await.unwrap() {
        assert_eq!(restored.scrub(&cid).await.unwrap().damaged, []);
    }
    let query = Query { text: Some("first".into()), limit: 5, ..Query::default() };
    assert_eq!(restored.search(&query).await.unwrap().records.len(), 1);
    // A backup is a store like any other.
    let opened = EmbeddedStore::open(copy.path()).unwrap();
    assert_eq!(opened.read(&first, 0..10).await.unwrap(), bytes(0, 10));
}

#[tokio::test]
async fn a_damaged_blob_is_named_and_left_out() {
    let (home, copy, back) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = EmbeddedStore::open(home.path()).unwrap();
    let bad = put(&store, &bytes(1, 100_000), &OURS).await;
    let good = put(&store, &bytes(2, 100_000), &OURS).await;
    let gone = put(&store, &bytes(3, 100_000), &OURS).await;
    store.backup(copy.path()).await.unwrap();
    for file in files_below(&copy.path().join("store/blobs")) {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name == bad.cid.to_string() {
            let mut data = fs::read(&file).unwrap();
            data[50_000] ^= 1;
            fs::write(&file, data).unwrap();
        } else if name == gone.cid.to_string() {
            fs::remove_file(&file).unwrap();
        }
    }
    let report = EmbeddedStore::restore(copy.path(), back.path()).await.unwrap();
    let mut damaged = report.damaged.clone();
    damaged.sort();
    let mut expected = vec![bad.cid, gone.cid];
    expected.sort();
    assert_eq!((report.blobs, report.bytes, damaged), (1, 100_000, expected));
    let restored = EmbeddedStore::open(back.path()).unwrap();
    assert_eq!(restored.find(&bad.cid).await.unwrap(), None);
    assert_eq!(restored.read(&good, 0..10).await.unwrap(), bytes(2, 10));
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = EmbeddedStore::open(home.path()).unwrap();
    drop(EmbeddedStore::open(other.path()).unwrap());
    assert!(matches!(store.backup(other.path()).await, Err(StoreError::Io { .. })));
    assert!(matches!(EmbeddedStore::restore(home.path(), other.path()).await, Err(StoreError::Io { .. })));
    let empty = tempfile::tempdir().unwrap();
    let target = empty.path().join("new");
    assert!(matches!(EmbeddedStore::restore(empty.path(), &target).await, Err(StoreError::Io { .. })));
    assert!(!target.exists());
}

#[tokio::test]
async fn profiles_follows_and_the_trust_list_come_back() {
    let (home, copy, back) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = EmbeddedStore::open(home.path()).unwrap();
    let (ana, bob, updated) = (artist(1), artist(2), "2026-01-15T12:00:00Z");
    let profile = ProfileDraft { name: "Ana".into(), ..ProfileDraft::default() }.sign(&ana, updated).unwrap();
    let follow = Follow::sign(&bob.did(), FollowState::Follow, &ana, updated).unwrap();
    store.put(&[profile.clone(), follow.clone()]).await.unwrap();
    store.trust(&bob.did(), Some("met"), 5).await.unwrap();
    store.backup(copy.path()).await.unwrap();
    EmbeddedStore::restore(copy.path(), back.path()).await.unwrap();
    let restored = EmbeddedStore::open(back.path()).unwrap();
    assert_eq!(restored.profile(&ana.did()).await.unwrap().unwrap().json, profile.to_bytes());
    assert_eq!(restored.follows(&ana.did(), 5).await.unwrap()[0].id, follow.id());
    assert_eq!(restored.trusted().await.unwrap(), store.trusted().await.unwrap());
    let feed: Vec<_> = restored.feed(0, 9).await.unwrap().into_iter().map(|(_, r)| r.id).collect();
    assert_eq!(feed, [profile.id(), follow.id()]);
}
