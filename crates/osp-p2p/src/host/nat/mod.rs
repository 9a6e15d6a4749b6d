//! Being reached, and reaching others, through routers.
//!
//! | part | protocol | |
//! |---|---|---|
//! | probe | AutoNAT v2 | peers are asked to dial back at the addresses that others have seen this host at; what they reach becomes an external address. Peers are answered alike. |
//! | relays | circuit relay v2 (client), DCUtR | while no address has been confirmed, up to [`MAX_RELAYS`] connected peers that offer it are asked to relay; whoever comes over a relay is met directly if the routers let packets through |
//! | relay server | circuit relay v2 (server) | relays for others within [`relay_limits`]: only to help two peers to meet |
//! | local | mDNS | peers on the local network, which are connected to |
//!
//! Each can be switched off. Dialling back for others stays behind the guard: nobody is answered about an address in the
//! local network.
//!
//! What AutoNAT v2 of rust-libp2p does not do: an address that one peer could not reach is not tried again while the host
//! runs, and a confirmed one is not doubted.

mod local;
mod probe;
mod relays;

pub(super) use local::Local;
pub(super) use probe::Probe;
pub(super) use relays::{HOP, Relays, is_relayed};
pub use relays::{MAX_RELAYS, relay_limits};

use libp2p::Multiaddr;

/// What a host does about routers. Nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NatConfig {
    /// Finds out whether this host is reached, and helps others to.
    pub probe: bool,
    /// Uses relays while it is not, and meets peers through them.
    pub relays: bool,
    /// Relays for others.
    pub relay_server: bool,
    /// Looks for peers on the local network, unless it listens on loopback only.
    pub local: bool,
}

impl NatConfig {
    /// What suits a node at home and one on a server alike: it relays for nobody.
    #[must_use]
    pub fn usual() -> Self {
        Self { probe: true, relays: true, relay_server: false, local: true }
    }
}

/// Whether others reach this host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reachability {
    /// Addresses at which it is reached: the operator's, and those confirmed. Those over a relay are among them.
    pub external: Vec<Multiaddr>,
    /// Addresses that a peer tried in vain.
    pub failed: Vec<Multiaddr>,
    /// Peers that relay for it.
    pub relays: usize,
}

impl Reachability {
    /// Yes, no, or not known yet.
    #[must_use]
    pub fn directly(&self) -> Option<bool> {
        let relayed = |address: &Multiaddr| relays::is_relayed(address);
        if self.external.iter().any(|address| !relayed(address)) {
            Some(true)
        } else if self.failed.is_empty() {
            None
        } else {
            Some(false)
        }
    }
}
