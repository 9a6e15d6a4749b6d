//! What a host is started with.

use super::{kad::KadConfig, nat::NatConfig, records::RecordsServer};
use crate::bitswap::{Blocks, Uploads};
use libp2p::Multiaddr;
use std::{fmt, sync::Arc};

/// What a host is started with.
#[derive(Clone)]
pub struct Config {
    /// The 32 bytes of an Ed25519 private key: the host's identity, to be kept across starts.
    pub identity: [u8; 32],
    /// Where to listen: `/ip4/0.0.0.0/tcp/4001`, `/ip4/0.0.0.0/udp/4001/quic-v1`, `/ip4/0.0.0.0/tcp/4002/ws`.
    pub listen: Vec<Multiaddr>,
    /// Addresses under which others reach this host, as the operator knows them (a port forwarded, a reverse proxy
    /// with `/dns4/example.org/tcp/443/tls/ws`). They are told to peers.
    pub external: Vec<Multiaddr>,
    /// Private and special addresses that strangers name may be dialled.
    pub allow_private: bool,
    /// The program's version, for the agent `opensound/VERSION`.
    pub version: String,
    /// Connections in all; half of them may be incoming.
    pub max_connections: u32,
    /// The blocks to serve.
    pub blocks: Arc<dyn Blocks>,
    /// How fast they are given, and who counts it.
    pub uploads: Arc<dyn Uploads>,
    /// Takes part in Kademlia of OpenSound's own.
    pub kad: Option<KadConfig>,
    /// What is done about routers between this host and others.
    pub nat: NatConfig,
    /// Who answers requests for records.
    pub records: Option<Arc<dyn RecordsServer>>,
    /// Takes part in the public DHT of IPFS.
    #[cfg(feature = "public-dht")]
    pub public_dht: Option<super::PublicDhtConfig>,
}

impl Config {
    /// A host that listens nowhere and serves nothing, with the limits a node on a small machine can bear.
    #[must_use]
    pub fn new(identity: [u8; 32]) -> Self {
        Self {
            identity,
            listen: Vec::new(),
            external: Vec::new(),
            allow_private: false,
            version: env!("CARGO_PKG_VERSION").into(),
            max_connections: 256,
            blocks: Arc::new(()),
            uploads: Arc::new(()),
            kad: None,
            nat: NatConfig::default(),
            records: None,
            #[cfg(feature = "public-dht")]
            public_dht: None,
        }
    }
}

/// Without the identity.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("external", &self.external)
            .field("allow_private", &self.allow_private)
            .field("version", &self.version)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}
