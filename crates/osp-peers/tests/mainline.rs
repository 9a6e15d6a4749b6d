//! The mainline DHT, among nodes on this machine.
#![allow(clippy::unwrap_used)]
#![cfg(feature = "mainline")]

use mainline::Testnet;
use osp_peers::mainline::{Mainline, MainlineConfig};
use osp_swarm::InfoHash;

#[tokio::test]
async fn an_announced_peer_is_found_and_private_addresses_only_where_allowed() {
    let net = Testnet::builder(8).build().unwrap();
    let node = |allow_private| {
        let bootstrap = Some(net.bootstrap.clone());
        Mainline::start(&MainlineConfig { bootstrap, allow_private, ..MainlineConfig::default() }).unwrap()
    };
    let infohash = InfoHash([9; 20]);
    node(true).announce(infohash, 4711).await.unwrap();
    let found = node(true).peers(infohash).await;
    assert_eq!(found.iter().map(|peer| peer.port()).collect::<Vec<_>>(), [4711]);
    assert!(found[0].ip().is_loopback());
    assert_eq!(node(false).peers(infohash).await, []);
    assert_eq!(node(true).peers(InfoHash([8; 20])).await, []);
}
