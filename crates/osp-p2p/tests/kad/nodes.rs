//! Hosts for tests.

use osp_p2p::{Config, Contact, Kad, KadConfig, KadMode, Multiaddr, P2p, RecordsServer};
use osp_store::{DiscoveryStore, providers::Limits};
use std::{path::Path, sync::Arc, time::Duration};

pub struct Node {
    pub host: P2p,
    pub kad: Kad,
    pub addresses: Vec<Multiaddr>,
    _dir: Option<tempfile::TempDir>,
}

#[derive(Clone, Default)]
pub struct Options {
    pub mode: KadMode,
    pub limits: Limits,
    /// Does not allow private addresses.
    pub public: bool,
    pub records: Option<Arc<dyn RecordsServer>>,
    /// Not on QUIC.
    pub tcp: bool,
}

pub async fn start_at(seed: u8, home: &Path, options: Options) -> Node {
    let mut config = Config::new([seed; 32]);
    let listen = if options.tcp { "/ip4/127.0.0.1/tcp/0" } else { "/ip4/127.0.0.1/udp/0/quic-v1" };
    config.listen = vec![listen.parse().unwrap()];
    config.allow_private = !options.public;
    let store = DiscoveryStore::open(&home.join("discovery.db"), options.limits).unwrap();
    config.kad = Some(KadConfig { store, mode: options.mode });
    config.records = options.records;
    let (host, addresses) = P2p::start(config).await.unwrap();
    let kad = host.kad().unwrap();
    Node { host, kad, addresses, _dir: None }
}

pub async fn start(seed: u8, options: Options) -> Node {
    let dir = tempfile::tempdir().unwrap();
    let node = start_at(seed, dir.path(), options).await;
    Node { _dir: Some(dir), ..node }
}

impl Node {
    /// How others reach it.
    pub fn contact(&self) -> Contact {
        Contact { peer: self.host.peer_id(), addresses: self.addresses.clone() }
    }

    /// The address with the peer id.
    pub fn address(&self) -> Multiaddr {
        self.addresses[0].clone().with_p2p(self.host.peer_id()).unwrap()
    }
}

/// A key of the form that is kept.
pub fn key(n: u32) -> Vec<u8> {
    let mut key = vec![0x12, 0x20];
    key.extend((0..8).flat_map(|part| (n.wrapping_mul(0x9e37_79b9) ^ part).to_be_bytes()));
    key
}

/// Waits until something holds; fails the test if it never does.
pub async fn until<F: Future<Output = bool>>(what: &str, holds: impl Fn() -> F) {
    for _ in 0..1500 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} never came");
}
