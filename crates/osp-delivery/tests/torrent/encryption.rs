//! Hubs that open their connections plainly, with MSE, or either way.

use crate::support::{File, LONG, Shelf, Way, config, leech, seed, soon_hangs_up, until, whole};
use bytes::Bytes;
use osp_delivery::torrent::{Encryption, Hub, HubConfig};
use osp_peers::{
    PeerStream,
    mse::{self, Method},
    tcp,
};
use osp_swarm::{InfoHash, PeerId, wire::Handshake};
use std::{net::SocketAddr, sync::Arc, time::Duration};

const POLICIES: [Encryption; 4] =
    [Encryption::Off, Encryption::Allowed, Encryption::Preferred, Encryption::Required];

async fn hub(way: Way, encryption: Encryption) -> Hub {
    Hub::open(HubConfig { encryption, ..config(way) }).await.unwrap()
}

/// Every pair of settings but off and required finds a way, whoever calls.
async fn every_pair(way: Way) {
    let file = File::new(70_000, 1);
    for called in POLICIES {
        let seeding = hub(way, called).await;
        seed(&seeding, &file);
        for calling in POLICIES {
            let hub = hub(way, calling).await;
            let (torrent, content) = leech(&hub, &file, &[seeding.local_addr().unwrap()]);
            use Encryption::{Off, Required};
            if !matches!((calling, called), (Off, Required) | (Required, Off)) {
                whole(&torrent).await;
                assert!(content.whole() == file.bytes, "{calling:?} calls {called:?}");
            } else {
                // Long enough for several calls.
                tokio::time::sleep(Duration::from_millis(500)).await;
                assert_eq!(hub.totals().1, 0, "{calling:?} calls {called:?}");
            }
            hub.close().await;
        }
        seeding.close().await;
    }
}

#[tokio::test]
async fn every_pair_of_settings_over_tcp() {
    every_pair(Way::Tcp).await;
}

#[tokio::test]
async fn every_pair_of_settings_over_utp() {
    every_pair(Way::Utp).await;
}

/// What comes of a plain call: the handshake that answers, or nothing.
async fn call_plainly(address: SocketAddr, infohash: InfoHash) -> Option<Bytes> {
    let mut stream = tcp::connect(address).await.unwrap();
    let words = Handshake::ours(infohash, PeerId([1; 20])).encode().to_vec();
    stream.writer.write(vec![words.into()]).await.unwrap();
    stream.reader.read().await.ok().flatten()
}

/// The same with MSE: the keys of one torrent, a handshake for another perhaps.
async fn call_wrapped(
    address: SocketAddr,
    [keys, meant]: [InfoHash; 2],
    offered: &[Method],
) -> Option<Bytes> {
    let stream = tcp::connect(address).await.unwrap();
    let words: Bytes = Handshake::ours(meant, PeerId([1; 20])).encode().to_vec().into();
    let mut stream: PeerStream = mse::call(stream, keys, offered, words.clone()).await.ok()?;
    stream.writer.write(vec![words]).await.unwrap();
    stream.reader.read().await.ok().flatten()
}

#[tokio::test]
async fn a_library_is_found_by_its_hashed_names() {
    let files: Vec<_> = (0..50).map(|i| File::new(20_000, i)).collect();
    let hub = hub(Way::Tcp, Encryption::Allowed).await;
    let address = hub.local_addr().unwrap();
    hub.seed_library(Arc::new(Shelf(files.clone())));
    let last = files.last().unwrap().infohash;
    for offered in [&[Method::Plain][..], &[Method::Rc4]] {
        // Once the library has been listed.
        until(async || call_wrapped(address, [last; 2], offered).await.is_some()).await;
    }
    assert!(hub.find(last).is_some(), "opened for the caller");
    let unknown = File::new(20_000, 99).infohash;
    assert_eq!(call_wrapped(address, [unknown; 2], &[Method::Rc4]).await, None);
    let first = files[0].infohash;
    assert_eq!(
        call_wrapped(address, [last, first], &[Method::Rc4]).await,
        None,
        "another than its keys are of"
    );
    assert!(hub.find(first).is_none());
    // What the library no longer has is no longer found.
    hub.seed_library(Arc::new(Shelf(files[..1].to_vec())));
    until(async || call_wrapped(address, [first; 2], &[Method::Rc4]).await.is_some()).await;
    until(async || hub.find(last).is_none()).await;
    assert_eq!(call_wrapped(address, [last; 2], &[Method::Rc4]).await, None);
}

#[tokio::test]
async fn who_requires_encryption_says_nothing_to_others() {
    let file = File::new(20_000, 1);
    let required = hub(Way::Tcp, Encryption::Required).await;
    seed(&required, &file);
    let address = required.local_addr().unwrap();
    assert_eq!(call_plainly(address, file.infohash).await, None);
    assert_eq!(call_wrapped(address, [file.infohash; 2], &[Method::Plain]).await, None);
    assert!(call_wrapped(address, [file.infohash; 2], &[Method::Plain, Method::Rc4]).await.is_some());

    let off = hub(Way::Tcp, Encryption::Off).await;
    seed(&off, &file);
    let address = off.local_addr().unwrap();
    assert_eq!(call_wrapped(address, [file.infohash; 2], &[Method::Plain]).await, None);
    assert!(call_plainly(address, file.infohash).await.is_some());
}

/// A caller that begins and says no more costs its place for as long as any other, no longer.
#[tokio::test]
async fn a_silent_exchange_is_given_up() {
    let file = File::new(20_000, 1);
    let hub = Hub::open(soon_hangs_up(Way::Tcp)).await.unwrap();
    seed(&hub, &file);
    let mut stream = tcp::connect(hub.local_addr().unwrap()).await.unwrap();
    stream.writer.write(vec![Bytes::from_static(&[7; 96])]).await.unwrap();
    assert!(stream.reader.read().await.unwrap().is_some(), "a key");
    let end = tokio::time::timeout(LONG, stream.reader.read()).await.expect("it hangs up");
    assert!(matches!(end, Ok(None) | Err(_)));
    assert_eq!(hub.connections(), 0);
}
