//! Local discovery between two clients on this machine's loopback interface.
#![allow(clippy::unwrap_used)]

use osp_peers::local::{LocalConfig, LocalDiscovery, LocalPeer};
use osp_swarm::InfoHash;
use std::{net::UdpSocket, time::Duration};

/// A port that nobody uses just now, so that tests do not hear each other.
fn config(listening: u16, port: u16) -> LocalConfig {
    LocalConfig { port, loopback: true, ..LocalConfig::new(listening) }
}

fn free_port() -> u16 {
    UdpSocket::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn two_clients_find_each_other_by_the_torrent_they_share_and_not_themselves() {
    let port = free_port();
    let (a, mut found_by_a) = LocalDiscovery::start(&config(1001, port)).unwrap();
    let (b, mut found_by_b) = LocalDiscovery::start(&config(1002, port)).unwrap();
    let (shared, other) = (InfoHash([1; 20]), InfoHash([2; 20]));
    let _held = (a.announce(shared), a.announce(other), b.announce(shared));
    for (found, port) in [(&mut found_by_a, 1002), (&mut found_by_b, 1001)] {
        let peer: LocalPeer =
            tokio::time::timeout(Duration::from_secs(10), found.recv()).await.unwrap().unwrap();
        assert_eq!((peer.infohash, peer.address.port()), (shared, port));
    }
    // Nothing of oneself, and nothing that one did not ask for.
    tokio::time::sleep(Duration::from_millis(300)).await;
    while let Ok(peer) = found_by_a.try_recv() {
        assert_eq!((peer.infohash, peer.address.port()), (shared, 1002));
    }
    while let Ok(peer) = found_by_b.try_recv() {
        assert_eq!((peer.infohash, peer.address.port()), (shared, 1001));
    }
}
