//! Peers on the local network.

use libp2p::{Multiaddr, PeerId};
use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Peers of the local network that are remembered.
const MAX_PEERS: usize = 64;

/// A peer is not called more often than this.
const AGAIN: Duration = Duration::from_secs(60);

/// Who answered on the local network, and when it was called last.
#[derive(Debug, Default)]
pub(in crate::host) struct Local(HashMap<PeerId, Instant>);

impl Local {
    /// Whether these listeners are worth telling the local network of: one of them is not on loopback.
    pub(in crate::host) fn worth(listening: &[Multiaddr]) -> bool {
        listening.iter().filter_map(crate::host::guard::ip).any(|ip| !ip.is_loopback())
    }

    /// A peer says that it is here. Gives its IP address if it is to be called there: one of the local network. What
    /// a name server answers in there is not believed to be on this machine, or a link-local service of a data centre.
    pub(in crate::host) fn found(
        &mut self,
        peer: PeerId,
        address: &Multiaddr,
        now: Instant,
    ) -> Option<IpAddr> {
        let ip = crate::host::guard::ip(address).filter(local)?;
        let called = self.0.get(&peer).is_some_and(|at| now.duration_since(*at) < AGAIN);
        if called || self.0.len() >= MAX_PEERS && !self.0.contains_key(&peer) {
            return None;
        }
        self.0.insert(peer, now);
        Some(ip)
    }

    pub(in crate::host) fn gone(&mut self, peer: &PeerId) {
        self.0.remove(peer);
    }

    pub(in crate::host) fn peers(&self) -> impl Iterator<Item = &PeerId> {
        self.0.keys()
    }
}

fn local(ip: &IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private(),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(ip: &str) -> Multiaddr {
        format!("/ip4/{ip}/udp/4001/quic-v1").parse().unwrap()
    }

    #[test]
    fn only_addresses_of_the_local_network_are_called_and_not_all_the_time() {
        let (peer, now, mut found) = (PeerId::random(), Instant::now(), Local::default());
        for elsewhere in ["127.0.0.1", "169.254.169.254", "9.9.9.9", "0.0.0.0"] {
            assert_eq!(found.found(peer, &at(elsewhere), now), None);
        }
        assert!(found.found(peer, &at("192.168.1.7"), now).is_some());
        assert_eq!(found.found(peer, &at("192.168.1.7"), now), None);
        assert!(found.found(peer, &at("192.168.1.7"), now + AGAIN).is_some());
        for _ in 0..500 {
            found.found(PeerId::random(), &at("10.0.0.1"), now);
        }
        assert_eq!(found.0.len(), MAX_PEERS);
    }

    #[test]
    fn who_listens_on_loopback_alone_is_not_on_the_local_network() {
        assert!(!Local::worth(&[at("127.0.0.1"), at("127.0.0.1")]));
        assert!(Local::worth(&[at("127.0.0.1"), at("0.0.0.0")]));
    }
}
