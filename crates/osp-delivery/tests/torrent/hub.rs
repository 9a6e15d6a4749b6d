//! The hub: who is let in, how much is open at once, and that everything ends.

use crate::support::{
    File, Memory, Shelf, Way, config, hub, leech,
    peer::Scripted,
    pieces, seed, setup, soon_hangs_up,
    source::{Manner, Mirror},
    until, whole,
};
use osp_delivery::torrent::{Hub, HubConfig, JoinError, Reach};
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    runtime::Handle,
};

/// Reads to the end: the other side has hung up.
async fn hung_up(mut socket: TcpStream) {
    let mut rest = Vec::new();
    let _ = socket.read_to_end(&mut rest).await;
    assert!(rest.is_empty(), "it answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_say_nothing_or_nonsense_are_hung_up_on() {
    let hub = Hub::open(soon_hangs_up(Way::Tcp)).await.unwrap();
    let address = hub.local_addr().unwrap();
    hung_up(TcpStream::connect(address).await.unwrap()).await;
    let mut nonsense = TcpStream::connect(address).await.unwrap();
    nonsense.write_all(&[b'x'; 68]).await.unwrap();
    hung_up(nonsense).await;
    let file = File::new(1000, 1);
    assert!(Scripted::call(address, file.infohash, 1).await.is_err(), "a torrent it does not have");
    until(async || hub.connections() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_may_be_silent_at_once() {
    let hub = Hub::open(HubConfig { half_open: 2, ..config(Way::Tcp) }).await.unwrap();
    let file = File::new(1000, 1);
    seed(&hub, &file);
    let address = hub.local_addr().unwrap();
    let silent = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    hung_up(TcpStream::connect(address).await.unwrap()).await;
    drop(silent);
    until(async || Scripted::call(address, file.infohash, 1).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_in_drops_is_read_and_nothing_after_it_is_lost() {
    let hub = hub(Way::Tcp).await;
    let file = File::new(100_000, 2);
    seed(&hub, &file);
    let mut socket = TcpStream::connect(hub.local_addr().unwrap()).await.unwrap();
    socket.set_nodelay(true).unwrap();
    let ours = osp_swarm::wire::Handshake {
        reserved: [0; 8],
        infohash: file.infohash,
        peer_id: osp_swarm::PeerId([9; 20]),
    };
    let mut bytes = ours.encode().to_vec();
    // An «interested» in the same packet as the handshake's last byte.
    osp_swarm::wire::Message::Interested.encode(&mut bytes);
    let (most, last) = bytes.split_at(67);
    for byte in most.chunks(10) {
        socket.write_all(byte).await.unwrap();
        tokio::task::yield_now().await;
    }
    socket.write_all(last).await.unwrap();
    let mut peer = Scripted::over(socket).await.unwrap();
    loop {
        match peer.hear().await {
            Some(osp_swarm::wire::Message::Unchoke) => break,
            Some(_) => {}
            None => panic!("it hung up"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_capped_over_all_torrents() {
    let hub = Hub::open(HubConfig { max_connections: 3, ..config(Way::Tcp) }).await.unwrap();
    let files = [File::new(1000, 1), File::new(1000, 2)];
    hub.seed_library(Arc::new(Shelf(files.to_vec())));
    let address = hub.local_addr().unwrap();
    let mut peers = Vec::new();
    for id in 1..=3 {
        peers.push(Scripted::call(address, files[id % 2].infohash, id as u8).await.unwrap());
    }
    assert!(Scripted::call(address, files[0].infohash, 4).await.is_err());
    assert_eq!(hub.connections(), 3);
    drop(peers);
    until(async || hub.connections() == 0).await;
    until(async || Scripted::call(address, files[0].infohash, 5).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torrent_is_joined_once() {
    let hub = hub(Way::Tcp).await;
    let file = File::new(1000, 3);
    let first = seed(&hub, &file);
    let again = hub.join(setup(&hub, &file, Memory::empty(&file)), Reach::default());
    let Err(JoinError::AlreadyOpen(open)) = again else { panic!("joined twice") };
    assert!(open.is_same(&first));
    first.close().await;
    assert!(hub.find(file.infohash).is_none());
    let _third = seed(&hub, &file);
    assert_eq!(hub.torrents().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_takes_the_place_of_a_torrent_that_was_called_for() {
    let (hub, other) = (hub(Way::Tcp).await, self::hub(Way::Tcp).await);
    let file = File::new(200_000, 4);
    hub.seed_library(Arc::new(Shelf(vec![file.clone()])));
    let _peer = Scripted::call(hub.local_addr().unwrap(), file.infohash, 1).await.unwrap();
    let called_for = hub.find(file.infohash).unwrap();
    seed(&other, &file);
    let (joined, _content) = leech(&hub, &file, &[other.local_addr().unwrap()]);
    called_for.closed().await;
    assert!(hub.find(file.infohash).unwrap().is_same(&joined), "the new one was forgotten with the old one");
    whole(&joined).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_running() {
    let file = File::new(8_000_000, 5);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    for _ in 0..3 {
        let giver = Hub::open(HubConfig { upload_limit: Some(5_000_000), ..config(Way::Tcp) }).await.unwrap();
        let taker = hub(Way::Tcp).await;
        seed(&giver, &file);
        giver.seed_library(Arc::new(Shelf(vec![File::new(1000, 6)])));
        let (torrent, _content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
        torrent.add_source(Mirror::new("https://stalls.example", &file, Manner::Stalls));
        pieces(&torrent, |have| have.count() > 2).await;
        // In the middle of everything.
        torrent.close().await;
        assert!(torrent.is_closed());
        let stats = torrent.stats().await;
        assert!(stats.swarm.pieces > 2, "the last numbers stay");
        taker.close().await;
        giver.close().await;
        drop((giver, taker, torrent));
    }
    until(async || tasks() <= before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_is_dropped_ends_too() {
    let file = File::new(1_000_000, 7);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    let seeded = seed(&giver, &file);
    let (torrent, _content) = leech(&taker, &file, &[giver.local_addr().unwrap()]);
    whole(&torrent).await;
    drop((giver, taker));
    torrent.closed().await;
    seeded.closed().await;
    until(async || tasks() <= before).await;
}
