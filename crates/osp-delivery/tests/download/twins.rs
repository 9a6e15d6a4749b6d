//! Two CIDs of the same bytes: both records name one torrent, and a process has every torrent open once.

use crate::shelf::{Shelf, hub};
use crate::support::*;
use osp_core::unixfs::Profile;
use osp_delivery::{
    download::{Download, DownloadRequest, WhenLeft},
    torrent::Hub,
};
use osp_fetch::Trust;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The same bytes under two CIDs, a peer that has them and gives little until it is told to, and a bench.
struct Twins {
    tracks: [Track; 2],
    seeder: Hub,
    gives: Arc<Semaphore>,
    bench: Bench,
}

impl Twins {
    async fn new() -> Self {
        let tracks = [Profile::V1_2025, Profile::V0_2015].map(|profile| Track::new(profile, 3 * MIB + 77));
        assert_ne!(tracks[0].file.cid(), tracks[1].file.cid());
        assert_eq!(tracks[0].magnet().infohash, tracks[1].magnet().infohash);
        let (gives, seeder) = (Arc::new(Semaphore::new(4)), hub().await);
        seeder.seed_library(Arc::new(Shelf::new(&tracks[0], Some(&gives))));
        Self { tracks, seeder, gives, bench: Bench::with_hub(Some(hub().await)) }
    }

    fn request(&self, which: usize) -> DownloadRequest {
        let mut request = self.tracks[which].by_record(&[]);
        request.peers.push((self.seeder.local_addr().unwrap(), Trust::Typed));
        request
    }

    fn open(&self, which: usize) -> Download {
        self.bench.downloads.open(self.request(which))
    }

    async fn whole(&self, download: &Download) {
        assert!(read_all(download).await.unwrap() == self.tracks[0].file.bytes);
        download.finished().await.unwrap();
    }
}

/// Waits until a download has joined its torrent and has a peer.
async fn connected(download: &Download) {
    while download.progress().await.peers == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_under_another_cid_do_not_stop_a_running_download() {
    let twins = Twins::new().await;
    let one = twins.open(0);
    connected(&one).await;
    let other = twins.open(1);
    other.size().await.unwrap();
    // Time for the second to do harm: it must find the torrent open.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(one.progress().await.peers, 1, "the first one's torrent is still open");
    twins.gives.add_permits(10_000);
    twins.whole(&one).await;
    twins.whole(&other).await;
    let cid = twins.tracks[1].file.cid();
    assert!(other.finished().await.unwrap().roots.contains(&cid));
    assert_eq!(twins.bench.kept().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_first_is_stopped_the_second_goes_on_with_the_peers() {
    let twins = Twins::new().await;
    let mut request = twins.request(0);
    request.when_left = WhenLeft::Stop;
    let one = twins.bench.downloads.open(request);
    connected(&one).await;
    let other = twins.open(1);
    other.size().await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    drop(one);
    twins.gives.add_permits(10_000);
    twins.whole(&other).await;
    assert_eq!(twins.bench.kept().len(), 1);
}
