//! Peers beyond what libp2p-kad's table knows of them: which are connected, where their connections come from, and who
//! is not reached any more.

use libp2p::{Multiaddr, PeerId};
use osp_store::providers::Origin;
use std::collections::{HashMap, HashSet};

/// Failed attempts in a row after which a peer leaves the routing table.
const MAX_FAILURES: u8 = 2;

/// Peers whose failures are counted; a table has a few hundred.
const MAX_FAILING: usize = 1024;

/// What is known of peers. Bounded by the host's connections but for the failures.
#[derive(Debug, Default)]
pub(super) struct Peers {
    origins: HashMap<PeerId, Origin>,
    /// Connected ones that answer Kademlia's questions.
    servers: HashSet<PeerId>,
    failures: HashMap<PeerId, u8>,
}

impl Peers {
    pub(super) fn connected(&mut self, peer: PeerId, address: &Multiaddr) {
        self.failures.remove(&peer);
        let origin = crate::host::guard::ip(address).map_or_else(Origin::unknown, Origin::of);
        self.origins.entry(peer).or_insert(origin);
    }

    pub(super) fn gone(&mut self, peer: &PeerId) {
        self.origins.remove(peer);
        self.servers.remove(peer);
    }

    pub(super) fn set_server(&mut self, peer: PeerId, server: bool) {
        if !server {
            self.servers.remove(&peer);
        } else if self.origins.contains_key(&peer) {
            self.servers.insert(peer);
        }
    }

    pub(super) fn servers(&self) -> impl ExactSizeIterator<Item = PeerId> {
        self.servers.iter().copied()
    }

    /// The network a peer's connection comes from.
    pub(super) fn origin(&self, peer: &PeerId) -> Origin {
        self.origins.get(peer).copied().unwrap_or_else(Origin::unknown)
    }

    /// An attempt to reach a peer failed. Says whether it should leave the table. While nobody at all is connected the
    /// fault is rather this host's.
    pub(super) fn failed(&mut self, peer: PeerId) -> bool {
        if self.origins.is_empty() || self.origins.contains_key(&peer) {
            return false;
        }
        if self.failures.len() == MAX_FAILING && !self.failures.contains_key(&peer) {
            self.failures.clear();
        }
        let count = self.failures.entry(peer).or_default();
        *count += 1;
        let out = *count >= MAX_FAILURES;
        if out {
            self.failures.remove(&peer);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_peer_that_is_not_reached_leaves_unless_nobody_is() {
        let (one, other, mut peers) = (PeerId::random(), PeerId::random(), Peers::default());
        assert!(!peers.failed(one) && !peers.failed(one) && !peers.failed(one));
        peers.connected(other, &"/ip4/9.9.9.9/tcp/1".parse().unwrap());
        assert!(!peers.failed(one));
        assert!(peers.failed(one));
        assert!(!peers.failed(other) && !peers.failed(other));
    }

    #[test]
    fn failures_counted_are_bounded() {
        let mut peers = Peers::default();
        peers.connected(PeerId::random(), &"/ip4/9.9.9.9/tcp/1".parse().unwrap());
        for _ in 0..5000 {
            peers.failed(PeerId::random());
        }
        assert!(peers.failures.len() <= MAX_FAILING);
    }
}
