//! Blobs: writing one large one, hashing it on first read, and reading ranges of it again and again.
//!
//! `cargo run --release -p osp-store --example blob_bench [MEBIBYTES]`
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use bytes::Bytes;
use osp_core::{
    torrent::TorrentInfo,
    unixfs::{LayoutBuilder, Profile},
};
use osp_store::{BlobStore, embedded::EmbeddedStore};
use std::{sync::Arc, time::Instant};

const MIB: u64 = 1 << 20;
const RANGE: u64 = 64 * 1024;

#[tokio::main]
async fn main() {
    let mib: u64 = std::env::args().nth(1).map_or(1024, |n| n.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(home.path()).unwrap();
    // One buffer, its head changed every time: filling and hashing are not what is measured.
    let mut chunk: Vec<u8> = (0..MIB).map(|n| (n * 31 % 251) as u8).collect();
    let mut layout = LayoutBuilder::new(Profile::V1_2025);
    let chunks: Vec<Bytes> = (0..mib)
        .map(|n| {
            chunk[..8].copy_from_slice(&n.to_le_bytes());
            layout.push(Profile::V1_2025.leaf(&chunk));
            Bytes::copy_from_slice(&chunk)
        })
        .collect();
    let layout = layout.finish();
    let torrent = TorrentInfo::new(mib * MIB, &layout.root, Vec::new());

    let started = Instant::now();
    let mut writer = store.writer().await.unwrap();
    for chunk in &chunks {
        writer.write(chunk.clone()).await.unwrap();
    }
    let written = started.elapsed();
    let blob = writer.commit(vec![layout], torrent).await.unwrap();
    let total = started.elapsed();
    drop(chunks);
    println!(
        "write {mib} MiB: {:.2} s, of them {:.2} s commit; {:.0} MB/s",
        total.as_secs_f64(),
        (total - written).as_secs_f64(),
        (mib * MIB) as f64 / 1e6 / total.as_secs_f64()
    );

    let started = Instant::now();
    for n in 0..mib {
        store.read(&blob, n * MIB..(n + 1) * MIB).await.unwrap();
    }
    let seconds = started.elapsed().as_secs_f64();
    println!("first read, hashed: {:.0} MB/s", (mib * MIB) as f64 / 1e6 / seconds);

    for tasks in [1_u64, 2, 16] {
        let each = 40_000 / tasks;
        let started = Instant::now();
        let mut running = Vec::new();
        for task in 0..tasks {
            let (store, root, ranges) = (store.clone(), blob.cid, mib * MIB / RANGE);
            running.push(tokio::spawn(async move {
                let mut state = task + 1;
                for _ in 0..each {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let at = (state >> 33) % ranges * RANGE;
                    let blob = store.find(&root).await.unwrap().unwrap();
                    assert_eq!(store.read(&blob, at..at + RANGE).await.unwrap().len() as u64, RANGE);
                }
            }));
        }
        for task in running {
            task.await.unwrap();
        }
        let rate = (each * tasks) as f64 / started.elapsed().as_secs_f64();
        println!("find and read 64 KiB, {tasks:>2} tasks: {rate:.0} per second");
    }

    let started = Instant::now();
    let small = Arc::new(EmbeddedStore::open(home.path()).unwrap());
    for n in 0..50_u64 {
        let data = Bytes::copy_from_slice(&n.to_le_bytes());
        let mut layout = LayoutBuilder::new(Profile::V1_2025);
        layout.push(Profile::V1_2025.leaf(&data));
        let layout = layout.finish();
        let torrent = TorrentInfo::new(8, &layout.root, Vec::new());
        let mut writer = small.writer().await.unwrap();
        writer.write(data).await.unwrap();
        writer.commit(vec![layout], torrent).await.unwrap();
    }
    println!("commit of a small blob: {:.2} ms", started.elapsed().as_secs_f64() * 1e3 / 50.0);
}
