//! Hubs that find each other through a tracker, and in the local network.

use crate::support::{File, Memory, Shelf, Way, config, leech, setup, tracker::Tracker, until, whole};
use osp_delivery::torrent::{Hub, HubConfig, Reach};
use osp_fetch::{Fetcher, Policy, Trust};
use osp_peers::{local::LocalConfig, tracker::Trackers};
use osp_tracker::Event;
use std::sync::Arc;

async fn tracked(announce: &[&Tracker]) -> Hub {
    let fetcher = Fetcher::new(&Policy { allow_private: true, ..Policy::default() }).unwrap();
    let config = HubConfig {
        trackers: Some(Trackers::new(fetcher, None)),
        announce: announce.iter().map(|tracker| tracker.url.clone()).collect(),
        ..config(Way::Tcp)
    };
    Hub::open(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_is_found_through_its_tracker_and_says_goodbye() {
    let tracker = Tracker::start().await;
    let files: Vec<File> = (0..5).map(|i| File::new(200_000, i)).collect();
    let giver = tracked(&[&tracker]).await;
    giver.seed_library(Arc::new(Shelf(files.clone())));
    until(async || files.iter().all(|f| tracker.said().iter().any(|said| said.infohash == f.infohash))).await;
    assert!(giver.torrents().is_empty(), "announced, but not open");
    assert!(tracker.said().iter().all(|said| said.left == Some(0)));
    assert!(tracker.said().iter().all(|said| Some(said.port) == giver.local_addr().map(|a| a.port())));

    // The magnet names the tracker: the taker has none of its own.
    let taker = tracked(&[]).await;
    let content = Memory::empty(&files[3]);
    let reach = Reach { trackers: vec![(tracker.url.clone(), Trust::Learned)], ..Reach::default() };
    let torrent = taker.join(setup(&taker, &files[3], content.clone()), reach).unwrap();
    whole(&torrent).await;
    assert!(content.whole() == files[3].bytes);
    let port = taker.local_addr().unwrap().port();
    let first = tracker.said().into_iter().find(|said| said.port == port).unwrap();
    assert_eq!((first.event, first.left), (Event::Started, Some(200_000)));

    torrent.close().await;
    giver.close().await;
    for (port, torrents) in [(port, 1), (giver.local_addr().unwrap().port(), 5)] {
        let stopped = async || {
            let said = tracker.said();
            said.iter().filter(|said| said.port == port && said.event == Event::Stopped).count() == torrents
        };
        until(stopped).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_to_be_announced_is_not() {
    let tracker = Tracker::start().await;
    let hub = tracked(&[&tracker]).await;
    let (quiet, loud) = (File::new(1000, 1), File::new(1000, 2));
    let reach = Reach { announce: false, ..Reach::default() };
    let _quiet = hub.join(setup(&hub, &quiet, Memory::empty(&quiet)), reach).unwrap();
    let _loud = hub.join(setup(&hub, &loud, Memory::empty(&loud)), Reach::default()).unwrap();
    until(async || !tracker.said().is_empty()).await;
    assert!(tracker.said().iter().all(|said| said.infohash == loud.infohash));
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_find_each_other_without_a_tracker() {
    let near = || async {
        let local = LocalConfig { port: 36771, loopback: true, ..LocalConfig::new(0) };
        Hub::open(HubConfig { local: Some(local), ..config(Way::Tcp) }).await.unwrap()
    };
    let file = File::new(300_000, 3);
    let (giver, taker) = (near().await, near().await);
    giver.seed_library(Arc::new(Shelf(vec![file.clone()])));
    let (torrent, content) = leech(&taker, &file, &[]);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
}
