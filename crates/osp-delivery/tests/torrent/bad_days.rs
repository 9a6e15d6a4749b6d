//! Peers and web seeds that lie, stall, flood and die.

use crate::support::{
    File, Memory, Way, config, hub, leech,
    peer::{Scripted, false_seed},
    pieces, seed, setup,
    source::{Manner, Mirror},
    until, whole,
};
use bytes::Bytes;
use osp_delivery::{
    SourceKind,
    torrent::{Hub, Reach},
};
use osp_swarm::{Block, PieceIndex, wire::Message};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_lies_is_dropped_and_named() {
    let file = File::new(3_000_000, 1);
    let (liar, _task) = false_seed(&file, 66, |_, data| Some(data.iter().map(|b| b ^ 0xff).collect())).await;
    let taker = hub(Way::Tcp).await;
    let (torrent, content) = leech(&taker, &file, &[liar]);
    until(async || !torrent.culprits().is_empty()).await;
    let giver = hub(Way::Tcp).await;
    seed(&giver, &file);
    torrent.add_addresses(vec![giver.local_addr().unwrap()], osp_fetch::Trust::Typed);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
    let culprits = torrent.culprits();
    assert_eq!(culprits.len(), 1, "{culprits:?}");
    let told = culprits[0].to_string();
    assert!(told.starts_with("a peer was dropped") && !told.contains("127.0.0.1"), "{told}");
    assert!(torrent.stats().await.swarm.wasted > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_lie_in_ten_is_found_among_honest_peers() {
    let file = File::new(6_000_000, 2);
    let lie = |block: Block, data: Bytes| {
        let lies = block.piece.0 % 10 == 3;
        Some(if lies { data.iter().map(|b| b ^ 1).collect() } else { data })
    };
    let (liar, _task) = false_seed(&file, 66, lie).await;
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    seed(&giver, &file);
    let (torrent, content) = leech(&taker, &file, &[liar, giver.local_addr().unwrap()]);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
    assert!(torrent.culprits().len() <= 1, "only one of them lied: {:?}", torrent.culprits());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_stalls_or_breaks_off_is_replaced() {
    for manner in [Manner::Stalls, Manner::Short, Manner::Absent] {
        let file = File::new(1_500_000, 3);
        let taker = hub(Way::Tcp).await;
        let content = Memory::empty(&file);
        let bad = Mirror::new("https://bad.example", &file, manner);
        let good = Mirror::new("https://good.example", &file, Manner::Honest);
        let reach = Reach { sources: vec![bad.clone(), good], ..Reach::default() };
        let torrent = taker.join(setup(&taker, &file, content.clone()), reach).unwrap();
        whole(&torrent).await;
        assert!(content.whole() == file.bytes);
        assert!(torrent.culprits().is_empty(), "it did not lie");
        assert!(bad.fetches.load(Ordering::Relaxed) > 0, "it was never asked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_seed_that_lies_is_dropped_and_named() {
    let file = File::new(1_500_000, 4);
    let taker = hub(Way::Tcp).await;
    let content = Memory::empty(&file);
    let bad = Mirror::new("https://bad.example", &file, Manner::Lies);
    let reach = Reach { sources: vec![bad], ..Reach::default() };
    let torrent = taker.join(setup(&taker, &file, content.clone()), reach).unwrap();
    until(async || !torrent.culprits().is_empty()).await;
    assert_eq!(torrent.culprits()[0].name, "https://bad.example");
    assert_eq!(torrent.have().borrow().count(), 0, "nothing of it was kept");
    let good = Mirror::new("https://good.example", &file, Manner::Honest);
    torrent.add_source(good);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
    let stats = torrent.stats().await;
    assert!(!stats.web_seeds[0].active && stats.web_seeds[1].active);
    assert_eq!(stats.web_seeds[0].bytes, 0);
    assert_eq!(stats.bytes_from(SourceKind::Http), file.bytes.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_that_is_killed_midway_is_replaced() {
    let file = File::new(6_000_000, 5);
    let taker = hub(Way::Tcp).await;
    let mut slow = config(Way::Tcp);
    slow.upload_limit = Some(500_000);
    let first = Hub::open(slow).await.unwrap();
    seed(&first, &file);
    let (torrent, content) = leech(&taker, &file, &[first.local_addr().unwrap()]);
    pieces(&torrent, |have| have.count() >= 5).await;
    first.close().await;
    drop(first);
    assert!(!torrent.have().borrow().is_complete(), "it was too fast to be killed midway");
    let mirror = Mirror::new("https://mirror.example", &file, Manner::Honest);
    torrent.add_source(mirror.clone());
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
    assert!(torrent.culprits().is_empty());
    let stats = torrent.stats().await;
    assert!(stats.bytes_from(SourceKind::BitTorrent) > 0 && stats.bytes_from(SourceKind::Http) > 0);
}

/// Asks for everything, and takes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_never_reads_holds_nobody_back() {
    let file = File::new(30_000_000, 6);
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    let content = Memory::full(&file);
    let opened = osp_delivery::torrent::TorrentSetup {
        held: osp_delivery::torrent::Held::All,
        ..setup(&giver, &file, content.clone())
    };
    let source = giver.join(opened, Reach::default()).unwrap();
    let mut deaf = Scripted::call(giver.local_addr().unwrap(), file.infohash, 77).await.unwrap();
    let nothing = osp_swarm::Bitfield::none(file.geometry().pieces());
    let hello = [Message::Bitfield(Bytes::copy_from_slice(nothing.as_bytes())), Message::Interested];
    deaf.say(&hello).await.unwrap();
    while deaf.hear().await.unwrap() != Message::Unchoke {}
    let requests: Vec<Message> =
        (0..100).flat_map(|i| file.geometry().blocks(PieceIndex(i))).map(Message::Request).collect();
    for some in requests.chunks(200) {
        if deaf.say(some).await.is_err() {
            break;
        }
    }
    let (torrent, taken) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
    whole(&torrent).await;
    assert!(taken.whole() == file.bytes);
    // In the end it is hung up on, with next to nothing read for it.
    until(async || source.stats().await.swarm.peers.len() <= 1).await;
    drop(deaf);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_ends_the_connection_and_nothing_else() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let file = File::new(400_000, 7);
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    seed(&giver, &file);
    let mut peer = Scripted::call(giver.local_addr().unwrap(), file.infohash, 78).await.unwrap();
    peer.socket.write_all(&[0xff; 4096]).await.unwrap();
    let mut rest = Vec::new();
    let _ = peer.socket.read_to_end(&mut rest).await;
    let (torrent, _content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
    whole(&torrent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_hangs_up_is_not_called_for_ever() {
    let file = File::new(400_000, 8);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let task = tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            drop(socket);
        }
    });
    let taker = hub(Way::Tcp).await;
    let (torrent, _content) = leech(&taker, &file, &[address]);
    // Plainly and at once with MSE, four times with pauses of 100, 200 and 400 ms; then never again.
    until(async || calls.load(Ordering::Relaxed) == 8).await;
    torrent.add_addresses(vec![address], osp_fetch::Trust::Typed);
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert_eq!(calls.load(Ordering::Relaxed), 8);
    let giver = hub(Way::Tcp).await;
    seed(&giver, &file);
    torrent.add_addresses(vec![giver.local_addr().unwrap()], osp_fetch::Trust::Typed);
    whole(&torrent).await;
    task.abort();
}
