//! Being reached and reaching others: AutoNAT, relays, hole punching, between hosts on loopback.

use osp_p2p::{Config, Multiaddr, NatConfig, P2p, Protocol};
use std::time::Duration;

const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

async fn host(seed: u8, listen: &[&str], allow_private: bool, nat: NatConfig) -> (P2p, Vec<Multiaddr>) {
    let mut config = Config::new([seed; 32]);
    config.listen = listen.iter().map(|at| at.parse().unwrap()).collect();
    config.allow_private = allow_private;
    config.nat = nat;
    let (p2p, addresses) = P2p::start(config).await.unwrap();
    let peer = p2p.peer_id();
    (p2p, addresses.into_iter().map(|at| at.with_p2p(peer).unwrap()).collect())
}

async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    for _ in 0..1500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} never came");
}

fn probing() -> NatConfig {
    NatConfig { probe: true, ..NatConfig::default() }
}

#[tokio::test]
async fn a_host_learns_that_it_is_reached() {
    let (server, at) = host(1, &[QUIC], true, probing()).await;
    let (asker, listening) = host(2, &[QUIC], true, probing()).await;
    assert_eq!(asker.reachability().await.directly(), None);
    asker.connect(at[0].clone()).await.unwrap();
    until("a confirmed address", || async { asker.reachability().await.directly() == Some(true) }).await;
    let external = asker.reachability().await.external;
    assert_eq!(external.len(), 1);
    assert!(listening[0].to_string().starts_with(&external[0].to_string()), "{external:?} {listening:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_host_learns_that_it_is_not_reached() {
    // The server does not dial private addresses that others name.
    let (server, at) = host(1, &[QUIC], false, probing()).await;
    let (asker, _) = host(2, &[QUIC], true, probing()).await;
    asker.connect(at[0].clone()).await.unwrap();
    until("a failed address", || async { asker.reachability().await.directly() == Some(false) }).await;
    assert!(asker.reachability().await.external.is_empty());
    server.shutdown().await;
}

#[tokio::test]
async fn claims_of_private_addresses_are_not_even_tried() {
    let (_server, at) = host(1, &[QUIC], true, probing()).await;
    let (asker, _) = host(2, &[QUIC], false, probing()).await;
    asker.connect(at[0].clone()).await.unwrap();
    // Longer than the interval between two probes.
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(asker.reachability().await, osp_p2p::Reachability::default());
}

#[tokio::test]
async fn peers_meet_over_a_relay_and_then_directly() {
    let relaying = NatConfig { relay_server: true, ..NatConfig::default() };
    let (relay, at) = host(1, &[QUIC], true, relaying).await;
    let bare = |address: &Multiaddr| {
        let mut bare = address.clone();
        bare.pop();
        bare
    };
    relay.add_external_addr(bare(&at[0])).await;
    let using = NatConfig { relays: true, ..NatConfig::default() };
    let (hidden, _) = host(2, &[QUIC], true, using).await;
    hidden.connect(at[0].clone()).await.unwrap();
    until("a reservation", || async { !hidden.reachability().await.external.is_empty() }).await;
    let reachability = hidden.reachability().await;
    assert_eq!((reachability.relays, reachability.directly()), (1, None));
    let over = reachability.external[0].clone();
    assert!(over.iter().any(|part| part == Protocol::P2pCircuit), "{over}");

    // Nobody told it where the other listens.
    let (caller, _) = host(3, &[QUIC], true, using).await;
    let circuit = if over.iter().last() == Some(Protocol::P2p(hidden.peer_id())) {
        over
    } else {
        over.with_p2p(hidden.peer_id()).unwrap()
    };
    assert_eq!(caller.connect(circuit).await, Ok(hidden.peer_id()));
    until("a direct connection", || async { caller.directly_connected(hidden.peer_id()) }).await;
}

#[tokio::test]
async fn a_host_that_listens_nowhere_is_reached_over_a_relay() {
    let relaying = NatConfig { relay_server: true, ..NatConfig::default() };
    let (relay, at) = host(1, &[QUIC], true, relaying).await;
    let mut address = at[0].clone();
    address.pop();
    relay.add_external_addr(address).await;
    let using = NatConfig { relays: true, ..NatConfig::default() };
    let (hidden, _) = host(2, &[], true, using).await;
    let (caller, _) = host(3, &[], true, using).await;
    hidden.connect(at[0].clone()).await.unwrap();
    until("a reservation", || async { !hidden.reachability().await.external.is_empty() }).await;
    let circuit = at[0].clone().with(Protocol::P2pCircuit).with_p2p(hidden.peer_id()).unwrap();
    assert_eq!(caller.connect(circuit).await, Ok(hidden.peer_id()));
    assert!(!caller.directly_connected(hidden.peer_id()));
    // A lost relay is noticed.
    relay.shutdown().await;
    until("the end of it", || async { hidden.reachability().await.relays == 0 }).await;
}

#[tokio::test]
async fn nobody_relays_unless_asked_to() {
    let (relay, at) = host(1, &[QUIC], true, NatConfig::usual()).await;
    let mut address = at[0].clone();
    address.pop();
    relay.add_external_addr(address).await;
    let (hidden, _) = host(2, &[QUIC], true, NatConfig { relays: true, ..NatConfig::default() }).await;
    hidden.connect(at[0].clone()).await.unwrap();
    let circuit = at[0].clone().with(Protocol::P2pCircuit).with_p2p(hidden.peer_id()).unwrap();
    let (caller, _) = host(3, &[], true, NatConfig { relays: true, ..NatConfig::default() }).await;
    assert!(caller.connect(circuit).await.is_err());
    assert_eq!(hidden.reachability().await.relays, 0);
}
