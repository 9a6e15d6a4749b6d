//! A hub beside another BitTorrent program: `torrent_peer give|take LENGTH FOLDER`.
//!
//! Makes a file of so many bytes, its torrent `FOLDER/x.torrent`, and a tracker for the two to meet. With `give` the
//! file is seeded from memory; with `take` it is written to `FOLDER` for the other program to seed, and downloaded
//! from it, which ends the program.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/torrent/support/mod.rs"]
mod torrent_support;

use osp_delivery::torrent::{Hub, HubConfig, Reach};
use osp_fetch::{Fetcher, Policy};
use osp_peers::tracker::Trackers;
use std::{path::Path, time::Instant};
use torrent_support::{File, Memory, Way, config, seed, setup, tracker::Tracker, until, whole};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, length, folder] = arguments.as_slice() else { panic!("give|take LENGTH FOLDER") };
    let file = File::new(length.parse().unwrap(), 1);
    let tracker = Tracker::start().await;
    let torrent = file.info.to_torrent_file(std::slice::from_ref(&tracker.url), &[]);
    std::fs::write(Path::new(folder).join("x.torrent"), torrent).unwrap();
    let fetcher = Fetcher::new(&Policy { allow_private: true, ..Policy::default() }).unwrap();
    let hub = Hub::open(HubConfig {
        trackers: Some(Trackers::new(fetcher, None)),
        announce: vec![tracker.url.clone()],
        utp: true,
        ..config(Way::Tcp)
    })
    .await
    .unwrap();
    println!("{} at {}", file.info.name, hub.local_addr().unwrap());
    if mode == "give" {
        let torrent = seed(&hub, &file);
        until(async || torrent.stats().await.swarm.uploaded >= file.bytes.len() as u64).await;
        println!("gave {:?}", torrent.stats().await.swarm.peers);
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    } else {
        std::fs::write(Path::new(folder).join(&file.info.name), &file.bytes).unwrap();
        until(async || !tracker.said().is_empty()).await;
        let started = Instant::now();
        let content = Memory::empty(&file);
        let torrent = hub.join(setup(&hub, &file, content.clone()), Reach::default()).unwrap();
        whole(&torrent).await;
        assert!(content.whole() == file.bytes);
        println!(
            "took in {:.2} s from {:?}",
            started.elapsed().as_secs_f64(),
            torrent.stats().await.swarm.peers
        );
    }
    hub.close().await;
}
