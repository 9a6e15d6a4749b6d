//! This home on IPFS: the libp2p host of the process, the blocks it gives and the peers it asks.
//!
//! ```text
//!  osp node      one identity for good (p2p-key), listens, gives every block that the gateway gives
//!  osp resolve   an identity for once, listens nowhere, asks the peers that were named; started when first needed
//! ```
//!
//! With `public-dht = true` the node announces the roots of what was published here to the public DHT of IPFS, and both
//! ask it for peers when nobody else has something.

mod announce;
mod blocks;
mod giving;
mod identity;
mod listen;
mod peers;

pub(crate) use announce::announce;
pub use identity::IdentityError;
pub use listen::DEFAULT_P2P;
pub(crate) use listen::{arrivals, listen};
pub use peers::TypedPeerError;

pub(crate) use blocks::StoreBlocks;
use giving::Giving;
pub(crate) use peers::Routers;

use crate::{
    Home, Node,
    config::{discovery::Discovery, peers::Peers},
    discovery::network,
    home::NodeLock,
};
use osp_delivery::download::BlockSource;
use osp_p2p::{Config, Multiaddr, NatConfig, P2p, Protocol, PublicDhtConfig, StartError};
use serde::Serialize;
use std::sync::{Arc, OnceLock};
use tokio::sync::OnceCell;

/// The libp2p host of a process. Cheap to clone.
#[derive(Clone)]
pub struct Ipfs(Arc<Inner>);

struct Inner {
    home: Home,
    allow_private: bool,
    /// How the network of nodes is met, if it is.
    discovery: Arc<OnceLock<Discovery>>,
    /// Of the file in which a client notes whom it met.
    lock: OnceLock<NodeLock>,
    host: OnceCell<P2p>,
    /// Addresses the operator gave, of a host that listens.
    external: OnceLock<Vec<Multiaddr>>,
    /// How the public DHT is joined, if it is.
    public_dht: OnceLock<PublicDhtConfig>,
}

/// A peer as the delegated routing interface writes it (specs.ipfs.tech/routing/http-routing-v1, schema `peer`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Provider {
    /// Always `peer`.
    pub schema: &'static str,
    /// Its peer id.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its multiaddrs, without the peer id.
    pub addrs: Vec<String>,
    /// How it gives blocks.
    pub protocols: [&'static str; 1],
}

/// What routing calls Bitswap.
const BITSWAP: &str = "transport-bitswap";

impl Ipfs {
    /// None started yet.
    pub(crate) fn new(home: &Home, allow_private: bool, discovery: Arc<OnceLock<Discovery>>) -> Self {
        Self(Arc::new(Inner {
            home: home.clone(),
            allow_private,
            discovery,
            lock: OnceLock::new(),
            host: OnceCell::new(),
            external: OnceLock::new(),
            public_dht: OnceLock::new(),
        }))
    }

    /// Joins the public DHT of IPFS, if the settings say so, with the host that is started from now on.
    pub fn use_public_dht(&self, settings: &Peers) {
        if let Some(config) = settings.public_dht_config() {
            let _ = self.0.public_dht.set(config);
        }
    }

    /// The host. Where the process serves with none, one that listens nowhere is started, with an identity that
    /// nobody meets again.
    ///
    /// # Errors
    /// [`StartError`].
    pub(crate) async fn host(&self) -> Result<&P2p, StartError> {
        let start = || async {
            let mut identity = [0; 32];
            getrandom::fill(&mut identity).map_err(|error| StartError::Transport(error.to_string()))?;
            let client = self.0.discovery.get().and_then(|settings| network::client(&self.0.home, settings));
            let config = Config {
                allow_private: self.0.allow_private,
                public_dht: self.0.public_dht.get().cloned(),
                // Others are called over relays, where need be; this host is called by nobody.
                nat: NatConfig { relays: client.is_some(), ..NatConfig::default() },
                kad: client.as_ref().map(|client| client.kad.clone()),
                ..Config::new(identity)
            };
            if let Some(lock) = client.and_then(|client| client.lock) {
                let _ = self.0.lock.set(lock);
            }
            P2p::start(config).await.map(|(host, _)| host)
        };
        self.0.host.get_or_try_init(start).await
    }

    /// The host that gives blocks, if this process has one.
    #[must_use]
    pub fn serving(&self) -> Option<&P2p> {
        self.0.external.get().and_then(|_| self.0.host.get())
    }

    /// Where the serving host is reached: as the operator says, then where it listens. Loopback only when there is
    /// nothing else.
    pub async fn addresses(&self) -> Vec<Multiaddr> {
        let (Some(host), Some(external)) = (self.serving(), self.0.external.get()) else { return Vec::new() };
        let mut all = external.clone();
        let (near, far): (Vec<_>, Vec<_>) = host.listen_addrs().await.into_iter().partition(is_loopback);
        all.extend(far);
        if all.is_empty() { near } else { all }
    }

    /// The serving host as others are told of it.
    pub async fn provider(&self) -> Option<Provider> {
        let id = self.serving()?.peer_id().to_string();
        let addrs = self.addresses().await.iter().map(ToString::to_string).collect();
        Some(Provider { schema: "peer", id, addrs, protocols: [BITSWAP] })
    }

    /// Where the serving host is reached, with its peer id: what others name in `--from`.
    pub async fn named_addresses(&self) -> Option<Vec<String>> {
        let id = self.serving()?.peer_id();
        Some(self.addresses().await.iter().map(|address| format!("{address}/p2p/{id}")).collect())
    }
}

fn is_loopback(address: &Multiaddr) -> bool {
    match address.iter().next() {
        Some(Protocol::Ip4(ip)) => ip.is_loopback(),
        Some(Protocol::Ip6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

/// Whether a place was named by a multiaddr, not by a URL.
#[must_use]
pub fn is_multiaddr(text: &str) -> bool {
    text.starts_with('/')
}

impl Node {
    /// The libp2p host of this process.
    #[must_use]
    pub fn ipfs(&self) -> &Ipfs {
        let lazy = self.lazy();
        lazy.ipfs
            .get_or_init(|| Ipfs::new(self.home(), self.allows_private(), Arc::clone(&lazy.joining.settings)))
    }

    /// A peer that the user named by its multiaddr, private or not.
    ///
    /// # Errors
    /// [`TypedPeerError`].
    pub fn typed_peer(&self, text: &str) -> Result<Arc<dyn BlockSource>, TypedPeerError> {
        peers::typed(self.ipfs(), text)
    }
}

/// Checks the multiaddr of a peer, as [`Node::typed_peer`] takes it.
///
/// # Errors
/// [`TypedPeerError`].
pub fn check_typed(text: &str) -> Result<(), TypedPeerError> {
    peers::parse_typed(text).map(|_| ())
}
