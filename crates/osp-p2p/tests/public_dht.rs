//! The public DHT as plain rust-libp2p nodes speak it, on loopback: roots announced to them, providers found by them.

#![cfg(feature = "public-dht")]
use crate::common;

use common::LOCAL;
use futures_util::StreamExt as _;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    kad::{self, GetProvidersOk, QueryResult, RecordKey, store::MemoryStore},
    multiaddr::Protocol,
    noise,
    swarm::{NetworkBehaviour as _, SwarmEvent},
    tcp, yamux,
};
use osp_core::{
    Cid,
    content::{raw_cid, sha256},
};
use osp_p2p::{
    Config, P2p, PublicDhtConfig,
    host::public_dht::{PROTOCOL, Status},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};

/// Enough that not every one knows everybody's records: a record is told to 20.
const NODES: usize = 24;

enum Order {
    Provide(Cid),
    Find(Cid, oneshot::Sender<Vec<(PeerId, Vec<Multiaddr>)>>),
}

/// Plain nodes that know each other, and how to begin with them.
struct Network {
    bootstrap: Vec<Multiaddr>,
    nodes: Vec<(PeerId, mpsc::Sender<Order>)>,
}

impl Network {
    async fn start() -> Self {
        let (mut swarms, mut bootstrap) = (Vec::new(), Vec::new());
        for _ in 0..NODES {
            let mut swarm = plain_node();
            swarm.listen_on("/ip4/127.0.0.1/tcp/0".parse().unwrap()).unwrap();
            let address = loop {
                if let SwarmEvent::NewListenAddr { address, .. } = swarm.select_next_some().await {
                    break address;
                }
            };
            swarm.add_external_address(address.clone());
            bootstrap.push(address.with(Protocol::P2p(*swarm.local_peer_id())));
            swarms.push(swarm);
        }
        let mut nodes = Vec::new();
        for mut swarm in swarms {
            let me = *swarm.local_peer_id();
            for address in bootstrap.iter().filter(|at| at.iter().last() != Some(Protocol::P2p(me))) {
                let Some(Protocol::P2p(peer)) = address.iter().last() else { unreachable!() };
                swarm.behaviour_mut().add_address(&peer, address.clone());
            }
            let (sender, orders) = mpsc::channel(8);
            tokio::spawn(obey(swarm, orders));
            nodes.push((me, sender));
        }
        bootstrap.truncate(3);
        Self { bootstrap, nodes }
    }

    async fn find(&self, node: usize, cid: Cid) -> Vec<(PeerId, Vec<Multiaddr>)> {
        let (answer, answered) = oneshot::channel();
        self.nodes[node].1.send(Order::Find(cid, answer)).await.unwrap();
        answered.await.unwrap()
    }

    async fn join(&self, seed: u8, listen: &[&str], reached: bool) -> P2p {
        let mut config = Config::new([seed; 32]);
        config.listen = listen.iter().map(|address| address.parse().unwrap()).collect();
        config.blocks = Arc::new(());
        config.public_dht = Some(PublicDhtConfig { bootstrap: self.bootstrap.clone() });
        let (host, listening) = P2p::start(config).await.unwrap();
        for address in listening.into_iter().filter(|_| reached) {
            host.add_external_addr(address).await;
        }
        host
    }
}

fn plain_node() -> Swarm<kad::Behaviour<MemoryStore>> {
    let mut swarm = SwarmBuilder::with_new_identity()
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .unwrap()
        .with_behaviour(|key| {
            let me = key.public().to_peer_id();
            kad::Behaviour::with_config(me, MemoryStore::new(me), kad::Config::new(PROTOCOL))
        })
        .unwrap()
        .with_swarm_config(|config| config.with_idle_connection_timeout(Duration::from_secs(60)))
        .build();
    swarm.behaviour_mut().set_mode(Some(kad::Mode::Server));
    swarm
}

/// A node does what it is told until the test is over.
async fn obey(mut swarm: Swarm<kad::Behaviour<MemoryStore>>, mut orders: mpsc::Receiver<Order>) {
    let mut asked = None;
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                None => return,
                Some(Order::Provide(cid)) => {
                    swarm.behaviour_mut().start_providing(RecordKey::new(&cid.hash().to_bytes())).unwrap();
                }
                Some(Order::Find(cid, answer)) => {
                    let id = swarm.behaviour_mut().get_providers(RecordKey::new(&cid.hash().to_bytes()));
                    asked = Some((id, Vec::new(), answer));
                }
            },
            event = swarm.select_next_some() => {
                let SwarmEvent::Behaviour(kad::Event::OutboundQueryProgressed { id, result, step, .. }) = event
                else { continue };
                let Some((wanted, found, _)) = &mut asked else { continue };
                if id != *wanted {
                    continue;
                }
                if let QueryResult::GetProviders(Ok(GetProvidersOk::FoundProviders { providers, .. })) = result {
                    for peer in providers {
                        let dial = libp2p::swarm::ConnectionId::new_unchecked(0);
                        let role = libp2p::core::Endpoint::Dialer;
                        let at = swarm.behaviour_mut();
                        found.push((peer, at.handle_pending_outbound_connection(dial, Some(peer), &[], role).unwrap()));
                    }
                }
                if step.last && let Some((_, found, answer)) = asked.take() {
                    let _ = answer.send(found);
                }
            }
        }
    }
}

async fn until(host: &P2p, wanted: impl Fn(&Status) -> bool) -> Status {
    let dht = host.public_dht().unwrap();
    for _ in 0..500 {
        let status = dht.status().await;
        if wanted(&status) {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    dht.status().await
}

fn cid(n: u8) -> Cid {
    raw_cid(sha256(&[n]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_announced_is_found_by_others_with_an_address() {
    let network = Network::start().await;
    let host = network.join(1, &LOCAL, true).await;
    host.public_dht().unwrap().announce(vec![cid(1), cid(2)]).await;
    let status = until(&host, |status| status.announced == 2).await;
    assert_eq!((status.announced, status.roots, status.server), (2, 2, true));
    let listening = host.listen_addrs().await;
    for node in [0, NODES - 1] {
        let found = network.find(node, cid(1)).await;
        // Several name it; what a node keeps itself comes without an address.
        let ours = found.iter().filter(|(peer, _)| *peer == host.peer_id());
        let addresses: Vec<&Multiaddr> = ours.flat_map(|(_, addresses)| addresses).collect();
        let told =
            |at: &Multiaddr| addresses.iter().any(|told| told.to_string().starts_with(&at.to_string()));
        assert!(listening.iter().all(told), "{addresses:?}");
    }
    assert!(network.find(0, cid(3)).await.is_empty());
    host.public_dht().unwrap().announce(vec![cid(2)]).await;
    assert_eq!(until(&host, |status| status.roots == 1).await.roots, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_announced_is_found_by_a_host_that_only_asks() {
    let network = Network::start().await;
    network.nodes[5].1.send(Order::Provide(cid(7))).await.unwrap();
    let host = network.join(2, &[], false).await;
    let dht = host.public_dht().unwrap();
    let mut found = Vec::new();
    for _ in 0..50 {
        found = dht.providers(&cid(7), 1).await;
        if !found.is_empty() {
            break;
        }
    }
    assert_eq!(found[0].peer, network.nodes[5].0);
    // The address holds: it is called there.
    assert_eq!(host.connect_learned(found[0].peer, found[0].addresses.clone()).await, Ok(found[0].peer));
    assert!(!dht.status().await.server);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_nobody_can_reach_announces_nothing_and_calls_nobody() {
    let network = Network::start().await;
    let hidden = network.join(3, &LOCAL, false).await;
    hidden.public_dht().unwrap().announce(vec![cid(1)]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let status = hidden.public_dht().unwrap().status().await;
    assert_eq!((status.roots, status.announced, status.peers), (1, 0, 0));
    assert!(hidden.peers().await.is_empty());
    // It does so as soon as an address is known.
    let address = hidden.listen_addrs().await.remove(0);
    hidden.add_external_addr(address).await;
    assert_eq!(until(&hidden, |status| status.announced == 1).await.announced, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hosts_of_ours_find_each_other_and_give_blocks() {
    let network = Network::start().await;
    let bytes = common::noise(5000);
    let (blocks, leaves) = common::file(&bytes);
    let mut config = Config::new([4; 32]);
    config.listen = LOCAL.iter().map(|address| address.parse().unwrap()).collect();
    config.blocks = Arc::new(blocks);
    config.public_dht = Some(PublicDhtConfig { bootstrap: network.bootstrap.clone() });
    let (giver, listening) = P2p::start(config).await.unwrap();
    for address in listening {
        giver.add_external_addr(address).await;
    }
    giver.public_dht().unwrap().announce(vec![leaves[0]]).await;
    assert_eq!(until(&giver, |status| status.announced == 1).await.announced, 1);
    let taker = network.join(5, &[], false).await;
    let found = taker.public_dht().unwrap().providers(&leaves[0], 4).await;
    let giver_found = found.iter().find(|found| found.peer == giver.peer_id()).unwrap();
    taker.connect_learned(giver_found.peer, giver_found.addresses.clone()).await.unwrap();
    let fetched = taker.session(vec![giver.peer_id()]).fetch(leaves[0]).await.unwrap();
    assert_eq!(fetched.data, bytes);
}
