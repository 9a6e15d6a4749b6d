//! What blocks, retractions and damage do to content: handing it in again, and asking for it.

use crate::support::{Server, artist, noise, track};
use axum::http::StatusCode;
use osp_core::{
    Cid,
    record::{Retraction, Verified},
    unixfs::Profile,
};
use osp_store::{BlobStore as _, Block, RecordIndex as _, embedded::EmbeddedStore};
use std::path::{Path, PathBuf};

async fn retract(server: &Server, record: &Verified<osp_core::record::Record>) {
    let word = Retraction::sign(&record.id(), None, &artist()).unwrap();
    server.post(word.to_bytes()).await;
}

/// The raw bytes, a block of a file and a CAR are all content.
fn ways_to(cid: &Cid) -> [String; 3] {
    ["", "?format=raw", "?format=car"].map(|query| format!("/ipfs/{cid}{query}"))
}

#[tokio::test]
async fn retracted_content_is_gone_as_retracted_and_may_be_published_anew() {
    let server = Server::new();
    let bytes = noise(300_000, 1);
    let record = server.publish("First", &bytes).await;
    let cid = record.as_track().unwrap().content();
    retract(&server, &record).await;
    for path in ways_to(&cid) {
        let answer = server.get(&path).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "retracted".into()), "{path}");
    }
    // By the known CID and by one that this node has not seen yet.
    assert_eq!(server.put(&cid.to_string(), &bytes).await.status, StatusCode::OK);
    server.node.blobs().remove(&server.node.blobs().find(&cid).await.unwrap().unwrap()).await.unwrap();
    assert_eq!(server.put(&cid.to_string(), &bytes).await.status, StatusCode::CREATED);
    assert_eq!(server.get(&format!("/ipfs/{cid}")).await.status, StatusCode::GONE, "no current record yet");
    let again = track("Second", &cid, &[]);
    assert_eq!(server.post(again.to_bytes()).await.status, StatusCode::CREATED);
    for path in ways_to(&cid) {
        assert_eq!(server.get(&path).await.status, StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn only_a_block_of_the_content_itself_keeps_it_out() {
    let server = Server::new();
    let bytes = noise(300_000, 2);
    let record = server.publish("T", &bytes).await;
    let cid = record.as_track().unwrap().content();
    for (block, put) in [
        (Block::Artist(artist().did()), StatusCode::OK),
        (Block::Record(record.id()), StatusCode::OK),
        (Block::Content(cid), StatusCode::FORBIDDEN),
    ] {
        server.node.records().block(&block, None).await.unwrap();
        assert_eq!(server.put(&cid.to_string(), &bytes).await.status, put, "{block:?}");
        for path in ways_to(&cid) {
            let answer = server.get(&path).await;
            assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "blocked".into()), "{path}");
        }
        server.node.records().unblock(&block).await.unwrap();
    }
}

#[tokio::test]
async fn handing_in_what_is_damaged_here_repairs_it_for_every_process() {
    let server = Server::new();
    let bytes = noise(2_500_000, 3);
    let cid = server.store(&bytes, &[Profile::V0_2015]).await[0];
    let (blobs, path) = (server.node.blobs(), format!("/ipfs/{cid}"));
    let other = EmbeddedStore::open(server.home.path()).unwrap();
    let meta = other.find(&cid).await.unwrap().unwrap();
    // The other process has the file open and has found its first part good.
    assert!(other.read(&meta, 0..1000).await.unwrap() == bytes[..1000]);
    assert!(server.get(&path).await.body == bytes);

    let file = file_of(server.home.path(), &cid);
    let mut damaged = bytes.clone();
    damaged[5] ^= 1;
    damaged[2_000_000] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    assert!(!blobs.scrub(&cid).await.unwrap().damaged.is_empty());

    assert_eq!(server.put(&cid.to_string(), &bytes).await.status, StatusCode::CREATED);
    assert!(server.get(&path).await.body == bytes);
    assert_eq!(server.put(&cid.to_string(), &bytes).await.status, StatusCode::OK, "whole again");
    // What it may not have looked at in the last moment.
    other.generation().await.unwrap();
    for at in (0..bytes.len()).step_by(500_000) {
        let range = at as u64..(at + 500_000) as u64;
        assert!(other.read(&meta, range).await.unwrap() == bytes[at..at + 500_000], "from {at}");
    }

    std::fs::remove_file(&file).unwrap();
    assert_eq!(server.put(&cid.to_string(), &bytes).await.status, StatusCode::CREATED, "lost, too");
    assert!(server.get(&path).await.body == bytes);
}

/// The file of a blob, wherever the store keeps it.
fn file_of(folder: &Path, cid: &Cid) -> PathBuf {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_name().to_str() == Some(&cid.to_string()) {
                return entry.path();
            }
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
    panic!("no file of {cid}")
}
