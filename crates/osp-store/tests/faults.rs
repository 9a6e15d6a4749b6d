//! What the embedded store does when its files are damaged, and when several processes have it open.
#![allow(clippy::unwrap_used, clippy::single_range_in_vec_init, missing_docs)]

#[allow(dead_code)]
#[path = "contract/samples.rs"]
mod samples;

use osp_core::unixfs::Profile;
use osp_store::{
    BlobMeta, BlobStore, Custody, Query, RecordIndex, Social, StoreError, embedded::EmbeddedStore,
};
use samples::{artist, bytes, retraction, store as put, track};
use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

const BOTH: [Profile; 2] = [Profile::V1_2025, Profile::V0_2015];
const MIB: u64 = 1 << 20;

/// The file of a blob, found by its name.
fn file_of(home: &Path, blob: &BlobMeta) -> PathBuf {
    let name = blob.cid.to_string();
    let shards = fs::read_dir(home.join("store/blobs")).unwrap();
    shards.map(|shard| shard.unwrap().path().join(&name)).find(|path| path.exists()).unwrap()
}

fn flip(path: &Path, at: u64) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], at).unwrap();
}

struct Fixture {
    home: tempfile::TempDir,
    data: Vec<u8>,
    blob: Arc<BlobMeta>,
    file: PathBuf,
}

impl Fixture {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let data = bytes(1, 3_400_000);
        let store = EmbeddedStore::open(home.path()).unwrap();
        let blob = put(&store, &data, &BOTH).await;
        let file = file_of(home.path(), &blob);
        Self { home, data, blob, file }
    }

    fn store(&self) -> EmbeddedStore {
        EmbeddedStore::open(self.home.path()).unwrap()
    }
}

fn is_corrupt<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Corrupt { .. }))
}

#[tokio::test]
async fn a_changed_byte_is_never_read() {
    let f = Fixture::new().await;
    flip(&f.file, MIB + 5);
    let store = f.store();
    for range in [MIB..MIB + 1, MIB + 4..MIB + 6, MIB - 10..MIB + 10, MIB..2 * MIB, 2 * MIB - 1..2 * MIB] {
        for _ in 0..2 {
            let read = store.read(&f.blob, range.clone()).await;
            assert!(is_corrupt(&read), "{range:?}");
        }
    }
    for range in [0..MIB, 0..10, 2 * MIB..3 * MIB, f.blob.size - 1..f.blob.size] {
        let read = store.read(&f.blob, range.clone()).await.unwrap();
        assert_eq!(read, f.data[range.start as usize..range.end as usize]);
    }
    // Blocks of either layout likewise.
    for root in &f.blob.roots {
        for leaf in &store.layout(root).await.unwrap().unwrap().leaves {
            let hit = (leaf.offset..leaf.end()).contains(&(MIB + 5));
            let block = BlobStore::block(&store, &leaf.cid()).await;
            assert_eq!(is_corrupt(&block), hit || near_damage(leaf.offset, leaf.end()), "{leaf:?}");
        }
    }
    assert_eq!(store.scrub(&f.blob.cid).await.unwrap().damaged, [MIB..2 * MIB]);
}

/// Whether bytes cannot be served because the mebibyte they lie in is damaged.
fn near_damage(start: u64, end: u64) -> bool {
    start < 2 * MIB && end > MIB
}

#[tokio::test]
async fn publishing_again_repairs() {
    let f = Fixture::new().await;
    let (here, elsewhere) = (f.store(), f.store());
    flip(&f.file, 7);
    assert!(is_corrupt(&here.read(&f.blob, 0..10).await));
    assert!(is_corrupt(&elsewhere.read(&f.blob, 0..10).await));
    put(&here, &f.data, &BOTH[..1]).await;
    assert_eq!(here.read(&f.blob, 0..10).await.unwrap(), f.data[..10]);
    // A process that still has the damaged file open notices.
    assert_eq!(elsewhere.read(&f.blob, 0..10).await.unwrap(), f.data[..10]);
    assert_eq!(here.scrub(&f.blob.cid).await.unwrap().damaged, []);
}

#[tokio::test]
async fn a_missing_file_is_damage() {
    let f = Fixture::new().await;
    fs::remove_file(&f.file).unwrap();
    let store = f.store();
    assert!(is_corrupt(&store.read(&f.blob, 0..1).await));
    assert!(is_corrupt(
        &BlobStore::block(&store, &store.layout(&f.blob.cid).await.unwrap().unwrap().leaves[0].cid()).await
    ));
    let report = store.scrub(&f.blob.cid).await.unwrap();
    assert_eq!((report.bytes, report.damaged), (0, std::iter::once(0..f.blob.size).collect()));
    assert!(store.remove(&f.blob).await.unwrap());
}

#[tokio::test]
async fn a_truncated_file_is_damage_from_there_on() {
    let f = Fixture::new().await;
    File::options().write(true).open(&f.file).unwrap().set_len(MIB + 100).unwrap();
    let store = f.store();
    assert_eq!(store.read(&f.blob, 0..MIB).await.unwrap(), f.data[..MIB as usize]);
    assert!(is_corrupt(&store.read(&f.blob, MIB..MIB + 10).await));
    assert_eq!(store.scrub(&f.blob.cid).await.unwrap().damaged, [MIB..f.blob.size]);
}

#[tokio::test]
async fn truncation_after_the_check_gives_no_bytes_that_are_not_there() {
    let f = Fixture::new().await;
    let store = f.store();
    store.read(&f.blob, 0..MIB).await.unwrap();
    File::options().write(true).open(&f.file).unwrap().set_len(100).unwrap();
    assert_eq!(store.read(&f.blob, 0..100).await.unwrap(), f.data[..100]);
    assert!(is_corrupt(&store.read(&f.blob, 50..200).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_write_and_read_one_folder() {
    let home = tempfile::tempdir().unwrap();
    let stores: Vec<EmbeddedStore> = (0..3).map(|_| EmbeddedStore::open(home.path()).unwrap()).collect();
    let mut tasks = Vec::new();
    for (n, store) in (0_u8..).zip(stores.clone()) {
        tasks.push(tokio::spawn(async move {
            for i in 0..12_u64 {
                // Every second blob is one that the others write too.
                let seed = if i % 2 == 0 { i } else { i + 100 * u64::from(n) };
                let data = bytes(seed, 20_000);
                let blob = put(&store, &data, &BOTH).await;
                let record = track(&format!("Track {n} {i}")).content(&blob.cid).sign(&artist(n));
                store.put(&[record]).await.unwrap();
                assert_eq!(store.read(&blob, 0..blob.size).await.unwrap(), data);
                if i % 4 == 3 {
                    assert!(store.remove(&blob).await.unwrap());
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for store in &stores {
        let counts = store.counts().await.unwrap();
        assert_eq!((counts.tracks, counts.artists, counts.blobs), (36, 3, 6 + 3 * 3));
        for cid in store.list(None, 100).await.unwrap() {
            assert_eq!(store.scrub(&cid).await.unwrap().damaged, []);
        }
    }
    assert!(fs::read_dir(home.path().join("store/tmp")).unwrap().next().is_none());
    assert_eq!(stores[0].generation().await.unwrap(), stores[1].generation().await.unwrap());
}

#[tokio::test]
async fn one_process_sees_what_another_did() {
    let home = tempfile::tempdir().unwrap();
    let (one, two) = (EmbeddedStore::open(home.path()).unwrap(), EmbeddedStore::open(home.path()).unwrap());
    let before = two.generation().await.unwrap();
    let record = track("Song").sign(&artist(1));
    one.put(std::slice::from_ref(&record)).await.unwrap();
    assert_ne!(two.generation().await.unwrap(), before);
    let query = Query { text: Some("sonh".into()), limit: 5, ..Query::default() };
    assert_eq!(two.search(&query).await.unwrap().records.len(), 1);
    one.put(&[retraction(&record.id(), &artist(1))]).await.unwrap();
    assert_eq!(two.search(&query).await.unwrap().records.len(), 0);
}

#[tokio::test]
async fn leftovers_go_and_live_writers_stay() {
    let home = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(home.path()).unwrap();
    let data = bytes(1, 5_000);
    let blob = put(&store, &data, &BOTH).await;
    let mut writer = store.writer().await.unwrap();
    writer.write(data.clone().into()).await.unwrap();
    // As a killed process leaves them: a part; a marker of a moved file without a row; and of one with a row.
    let tmp = home.path().join("store/tmp");
    let lost = samples::layout(Profile::V1_2025, b"lost");
    fs::write(tmp.join("1-2-3.part"), b"half").unwrap();
    fs::write(tmp.join(format!("{}~1-2-4.doubt", lost.root)), b"").unwrap();
    fs::write(tmp.join(format!("{}~1-2-5.doubt", blob.cid)), b"").unwrap();
    fs::write(tmp.join("..~.doubt"), b"").unwrap();
    let name = lost.root.to_string();
    let shard = home.path().join("store/blobs").join(&name[name.len() - 3..name.len() - 1]);
    fs::create_dir_all(&shard).unwrap();
    fs::write(shard.join(&name), b"lost").unwrap();

    let reopened = EmbeddedStore::open(home.path()).unwrap();
    assert_eq!(fs::read_dir(&tmp).unwrap().count(), 1, "the live writer's part");
    assert!(!shard.join(&name).exists());
    assert_eq!(reopened.read(&blob, 0..10).await.unwrap(), data[..10]);
    let layout = samples::layout(Profile::V1_2025, &data);
    let torrent = samples::torrent(&data, &layout);
    writer.commit(vec![layout], torrent).await.unwrap();
    assert_eq!(fs::read_dir(&tmp).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("store")).unwrap();
    fs::write(home.path().join("store/index.sqlite3"), vec![b'x'; 8192]).unwrap();
    let refused = EmbeddedStore::open(home.path()).err().unwrap();
    assert!(refused.to_string().contains("osp restore"), "{refused}");
}

#[tokio::test]
async fn a_store_of_schema_1_opens_with_what_is_in_it() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("store")).unwrap();
    let db = rusqlite::Connection::open(home.path().join("store/index.sqlite3")).unwrap();
    db.execute_batch(include_str!("fixtures/schema-1.sql")).unwrap();
    db.close().unwrap();
    let store = EmbeddedStore::open(home.path()).unwrap();
    let query = Query { text: Some("endgame".into()), limit: 5, ..Query::default() };
    let page = store.search(&query).await.unwrap();
    assert_eq!(page.records.len(), 1);
    let record = osp_core::record::Record::parse(&page.records[0].json).unwrap().verify().unwrap();
    assert_eq!(record.as_track().unwrap().title(), "Endgame");
    let blob = store.find(&record.as_track().unwrap().content()).await.unwrap().unwrap();
    assert_eq!((blob.size, blob.roots.len()), (7, 2));
    assert_eq!(store.blocks().await.unwrap().len(), 1);
    store.put(&[track("Another").sign(&artist(9))]).await.unwrap();
}

#[tokio::test]
async fn a_store_of_schema_2_opens_with_what_is_in_it_and_takes_profiles() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join("store")).unwrap();
    let db = rusqlite::Connection::open(home.path().join("store/index.sqlite3")).unwrap();
    db.execute_batch(include_str!("fixtures/schema-1.sql")).unwrap();
    // A released step is never edited, so this is what schema 2 was.
    db.execute_batch(include_str!("../src/embedded/sql/v2.sql")).unwrap();
    db.execute("INSERT INTO followed VALUES ('did:key:z6Mk1', 1, 7, 'https://a.example')", []).unwrap();
    db.pragma_update(None, "user_version", 2).unwrap();
    db.close().unwrap();
    let store = EmbeddedStore::open(home.path()).unwrap();
    assert_eq!(store.followed().await.unwrap().len(), 1);
    let query = Query { text: Some("endgame".into()), limit: 5, ..Query::default() };
    let page = store.search(&query).await.unwrap();
    let record = osp_core::record::Record::parse(&page.records[0].json).unwrap();
    assert!(store.profile(&record.artist()).await.unwrap().is_none());
    let draft = osp_core::record::ProfileDraft { name: "Ana".into(), ..Default::default() };
    let profile = draft.sign(&artist(9), "2026-01-15T12:00:00Z").unwrap();
    store.put(std::slice::from_ref(&profile)).await.unwrap();
    assert!(store.trust(&record.artist(), None, 1).await.unwrap());
    drop(store);
    let reopened = EmbeddedStore::open(home.path()).unwrap();
    assert_eq!(reopened.profile(&profile.artist()).await.unwrap().unwrap().id, profile.id());
    assert_eq!(reopened.trusted().await.unwrap().len(), 1);
}
