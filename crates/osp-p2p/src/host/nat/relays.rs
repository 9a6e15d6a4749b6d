//! Which peers relay for this host, and what it relays for others.

use libp2p::{Multiaddr, PeerId, StreamProtocol, core::transport::ListenerId, multiaddr::Protocol, relay};
use std::{collections::HashMap, time::Duration};

/// Relays used at the same time: one may go.
pub const MAX_RELAYS: usize = 2;

/// What a peer speaks that relays for others.
pub(in crate::host) const HOP: StreamProtocol = relay::HOP_PROTOCOL_NAME;

/// The bounds within which this host relays for others: enough to meet through, not to carry music. Attempts are
/// limited by peer and by address as rust-libp2p does by default.
#[must_use]
pub fn relay_limits() -> relay::Config {
    relay::Config {
        max_reservations: 64,
        max_reservations_per_peer: 2,
        reservation_duration: Duration::from_secs(3600),
        max_circuits: 16,
        max_circuits_per_peer: 2,
        max_circuit_duration: Duration::from_secs(60),
        max_circuit_bytes: 128 * 1024,
        ..relay::Config::default()
    }
}

/// Whether an address leads over a relay.
pub(in crate::host) fn is_relayed(address: &Multiaddr) -> bool {
    address.iter().any(|part| part == Protocol::P2pCircuit)
}

/// The relays of this host.
#[derive(Debug, Default)]
pub(in crate::host) struct Relays {
    reserved: HashMap<ListenerId, PeerId>,
}

impl Relays {
    /// The address to listen on at a peer that offers to relay and is reached at `address`. `None` if there are enough
    /// relays, or it is one.
    pub(in crate::host) fn wanted(&self, peer: PeerId, address: Multiaddr) -> Option<Multiaddr> {
        if self.reserved.len() >= MAX_RELAYS || self.reserved.values().any(|other| *other == peer) {
            return None;
        }
        Some(address.with_p2p(peer).ok()?.with(Protocol::P2pCircuit))
    }

    pub(in crate::host) fn reserved(&mut self, listener: ListenerId, peer: PeerId) {
        self.reserved.insert(listener, peer);
    }

    /// A listener has ended.
    pub(in crate::host) fn closed(&mut self, listener: ListenerId) {
        self.reserved.remove(&listener);
    }

    pub(in crate::host) fn count(&self) -> usize {
        self.reserved.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn enough_relays_are_enough_and_a_lost_one_is_replaced() {
        let at = || "/ip4/9.9.9.9/tcp/1".parse::<Multiaddr>().unwrap();
        let (one, two, three, mut relays) =
            (PeerId::random(), PeerId::random(), PeerId::random(), Relays::default());
        assert!(is_relayed(&relays.wanted(one, at()).unwrap()));
        let listener = ListenerId::next();
        relays.reserved(listener, one);
        assert_eq!(relays.wanted(one, at()), None);
        relays.reserved(ListenerId::next(), two);
        assert_eq!(relays.wanted(three, at()), None);
        relays.closed(listener);
        assert!(relays.wanted(three, at()).is_some());
    }
}
