//! Hubs on loopback that give each other files.

use crate::support::{
    File, Memory, Shelf, Way, config, hub, leech, pieces, reach, seed, setup,
    source::{Manner, Mirror},
    until, whole,
};
use osp_delivery::{
    SourceKind,
    torrent::{Held, Hub, HubConfig, Reach, Seeding, TorrentSetup},
};
use osp_swarm::{Demand, Geometry, PieceIndex, Playhead};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

async fn one_file(way: Way, len: usize) {
    let file = File::new(len, 1);
    let (giver, taker) = (hub(way).await, hub(way).await);
    seed(&giver, &file);
    let (torrent, content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
    whole(&torrent).await;
    until(async || content.completed.load(Ordering::SeqCst)).await;
    assert!(content.whole() == file.bytes, "the bytes differ");
    let stats = torrent.stats().await;
    assert_eq!(stats.bytes_from(SourceKind::BitTorrent), len as u64);
    assert!(torrent.culprits().is_empty());
    assert!(taker.account(file.infohash).unwrap().downloaded() >= len as u64);
    until(async || giver.account(file.infohash).unwrap().uploaded() >= len as u64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_over_tcp() {
    one_file(Way::Tcp, 5_000_001).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_file_over_utp() {
    one_file(Way::Utp, 1_500_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_smaller_than_a_block() {
    one_file(Way::Tcp, 17).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_info_dictionary_comes_from_the_peer() {
    let file = File::new(900_000, 2);
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    seed(&giver, &file);
    let content = Memory::empty(&file);
    let setup = TorrentSetup { info: None, ..setup(&taker, &file, content.clone()) };
    let torrent = taker.join(setup, reach(&[giver.local_addr().unwrap()])).unwrap();
    whole(&torrent).await;
    assert_eq!(torrent.info().borrow().as_deref(), Some(&file.info));
    assert!(content.whole() == file.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_library_is_opened_for_a_caller_and_closed_behind_it() {
    let files = [File::new(700_000, 3), File::new(800_000, 4)];
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    giver.seed_library(Arc::new(Shelf(files.to_vec())));
    assert!(giver.torrents().is_empty(), "nothing is open before somebody asks");
    for file in &files {
        let (torrent, content) = leech(&taker, file, &[giver.local_addr().unwrap()]);
        whole(&torrent).await;
        assert!(content.whole() == file.bytes);
        torrent.close().await;
    }
    until(async || giver.torrents().is_empty() && giver.connections() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_in_the_middle_is_served_first() {
    let file = File::new(8 * 1024 * 1024, 5);
    let mut config = config(Way::Tcp);
    // Slow enough that the order can be seen.
    config.upload_limit = Some(8_000_000);
    let (giver, taker) = (Hub::open(config).await.unwrap(), hub(Way::Tcp).await);
    seed(&giver, &file);
    let content = Memory::empty(&file);
    let setup = TorrentSetup { demand: Demand::Windows, ..setup(&taker, &file, content.clone()) };
    let torrent = taker.join(setup, Reach::default()).unwrap();
    let position = 5_000_000;
    torrent.set_playheads(vec![Playhead {
        position,
        rate: 40_000,
        buffered: Duration::ZERO,
        end: file.bytes.len() as u64,
    }]);
    torrent.add_addresses(vec![giver.local_addr().unwrap()], osp_fetch::Trust::Typed);
    let at = file.geometry().piece_at(position).unwrap();
    pieces(&torrent, |have| have.has(at)).await;
    let first = *content.order.lock().unwrap().first().unwrap();
    assert!(first >= at.0, "piece {first} came before the reader's {}", at.0);
    // What lies behind the reader is not asked for.
    assert!(!torrent.have().borrow().has(PieceIndex(0)));
    torrent.set_demand(Demand::Everything);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_give_on_what_they_have() {
    let file = File::new(4_000_000, 6);
    // The seed has room for one, and the others do not know it: they can only get it from each other.
    let mut config = config(Way::Tcp);
    config.engine.max_peers = 1;
    let giver = Hub::open(config).await.unwrap();
    let source = seed(&giver, &file);
    let first = hub(Way::Tcp).await;
    let (first_torrent, _content) = leech(&first, &file, &[giver.local_addr().unwrap()]);
    until(async || !source.stats().await.swarm.peers.is_empty()).await;
    let mut others = Vec::new();
    let mut known = vec![first.local_addr().unwrap()];
    for _ in 0..4 {
        let hub = hub(Way::Tcp).await;
        let (torrent, content) = leech(&hub, &file, &known);
        known.push(hub.local_addr().unwrap());
        others.push((hub, torrent, content));
    }
    whole(&first_torrent).await;
    for (_, torrent, content) in &others {
        whole(torrent).await;
        assert!(content.whole() == file.bytes);
    }
    assert!(first_torrent.account().uploaded() > 0, "the first listener gave nothing on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_alone_gives_everything() {
    for manner in [Manner::Honest, Manner::Long] {
        let file = File::new(1_000_000, 7);
        let taker = hub(Way::Tcp).await;
        let content = Memory::empty(&file);
        let mirror = Mirror::new("https://mirror.example", &file, manner);
        let reach = Reach { sources: vec![mirror.clone()], ..Reach::default() };
        let torrent = taker.join(setup(&taker, &file, content.clone()), reach).unwrap();
        whole(&torrent).await;
        assert!(content.whole() == file.bytes);
        let stats = torrent.stats().await;
        assert_eq!(stats.bytes_from(SourceKind::Http), file.bytes.len() as u64);
        assert_eq!(stats.web_seeds[0].name, "https://mirror.example");
        assert!(torrent.culprits().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_geometry_alone_is_enough_for_web_seeds() {
    let file = File::new(1_000_000, 8);
    let taker = hub(Way::Tcp).await;
    let content = Memory::empty(&file);
    let setup = TorrentSetup {
        info: None,
        geometry: Geometry::by_rule(file.bytes.len() as u64),
        ..setup(&taker, &file, content.clone())
    };
    let mirror = Mirror::new("https://mirror.example", &file, Manner::Honest);
    let torrent = taker.join(setup, Reach { sources: vec![mirror], ..Reach::default() }).unwrap();
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_already_is_not_fetched_again() {
    let file = File::new(2_000_000, 9);
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    seed(&giver, &file);
    let content = Memory::full(&file);
    let mut held = osp_swarm::Bitfield::all(file.geometry().pieces());
    held.clear(PieceIndex(3));
    held.clear(PieceIndex(30));
    let setup = TorrentSetup { held: Held::Pieces(held), ..setup(&taker, &file, content.clone()) };
    let torrent = taker.join(setup, reach(&[giver.local_addr().unwrap()])).unwrap();
    whole(&torrent).await;
    let mut came = content.order.lock().unwrap().clone();
    came.sort_unstable();
    assert_eq!(came, [3, 30]);
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_ends_by_the_listeners_choice() {
    let file = File::new(500_000, 10);
    let giver = hub(Way::Tcp).await;
    seed(&giver, &file);
    let from = giver.local_addr().unwrap();

    let taker = hub(Way::Tcp).await;
    let policy = |seeding, content| TorrentSetup { seeding, ..setup(&taker, &file, content) };
    let content = Memory::empty(&file);
    let torrent = taker.join(policy(Seeding::Off, content.clone()), reach(&[from])).unwrap();
    torrent.closed().await;
    assert!(content.whole() == file.bytes);
    assert_eq!(taker.account(file.infohash).unwrap().uploaded(), 0);

    let torrent = taker.join(policy(Seeding::Ratio(1.0), Memory::empty(&file)), reach(&[from])).unwrap();
    whole(&torrent).await;
    assert!(!torrent.is_closed(), "nobody has been given anything yet");
    // One listener takes it all from there.
    let last = hub(Way::Tcp).await;
    let (taken, _content) = leech(&last, &file, &[taker.local_addr().unwrap()]);
    whole(&taken).await;
    torrent.closed().await;
    assert!(taker.account(file.infohash).unwrap().uploaded() >= 500_000);
    assert!(taker.find(file.infohash).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_nobody_can_call_still_calls() {
    let file = File::new(300_000, 11);
    let giver = hub(Way::Tcp).await;
    seed(&giver, &file);
    let taker = Hub::open(HubConfig { listen: None, utp: false, ..config(Way::Tcp) }).await.unwrap();
    assert_eq!(taker.local_addr(), None);
    let (torrent, _content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
    whole(&torrent).await;
}
