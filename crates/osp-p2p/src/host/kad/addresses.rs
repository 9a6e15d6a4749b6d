//! Which addresses are kept and passed on, and this host's own.

use super::{ADDRESS_BYTES, MAX_ADDRESSES};
use crate::host::{guard::Guard, nat::is_relayed, transport};
use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};
use std::sync::{Arc, Mutex, PoisonError};

/// The addresses of `peer` among these that may be passed on, without its id, within the bounds; the ones that connect
/// fastest first.
pub(super) fn vet(
    guard: &Guard,
    peer: &PeerId,
    addresses: impl IntoIterator<Item = Multiaddr>,
) -> Vec<Multiaddr> {
    let bare = addresses.into_iter().filter_map(|address| without_peer(peer, address));
    let mut good: Vec<Multiaddr> =
        bare.filter(|address| transport::speaks(address) && guard.shareable(address)).collect();
    good.sort_by_key(rank);
    good.dedup();
    let (suffix, mut bytes) = (peer.to_bytes().len() + 3, 0);
    good.truncate(MAX_ADDRESSES);
    good.retain(|address| {
        bytes += address.len() + suffix + 2;
        bytes <= ADDRESS_BYTES
    });
    good
}

/// The address without the peer's id at its end. `None` if it ends in another's.
pub(super) fn without_peer(peer: &PeerId, mut address: Multiaddr) -> Option<Multiaddr> {
    match address.iter().last()? {
        Protocol::P2p(named) if named == *peer => {
            address.pop();
            Some(address)
        }
        Protocol::P2p(_) => None,
        _ => Some(address),
    }
}

/// QUIC takes one round trip, TCP several, WebSocket one more; a relay is the last resort.
fn rank(address: &Multiaddr) -> u8 {
    let has = |wanted: fn(&Protocol<'_>) -> bool| address.iter().any(|part| wanted(&part));
    if is_relayed(address) {
        3
    } else if has(|part| matches!(part, Protocol::QuicV1)) {
        0
    } else if has(|part| matches!(part, Protocol::Ws(_) | Protocol::Wss(_))) {
        2
    } else {
        1
    }
}

/// The addresses of this host. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Own {
    peer: PeerId,
    guard: Guard,
    known: Arc<Mutex<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    external: Vec<Multiaddr>,
    listening: Vec<Multiaddr>,
}

/// Addresses of each kind that are remembered; a host has a few.
const MAX_KNOWN: usize = 64;

impl Own {
    pub(super) fn new(peer: PeerId, guard: &Guard) -> Self {
        Self { peer, guard: guard.clone(), known: Arc::default() }
    }

    /// What is told to others: where this host is known to be reached, and where it listens, if strangers may use it.
    pub(super) fn told(&self) -> Vec<Multiaddr> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        vet(&self.guard, &self.peer, known.external.iter().chain(&known.listening).cloned())
    }

    /// Whether others reach it directly, as far as is known.
    pub(super) fn reached(&self) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let direct = |address: &Multiaddr| !is_relayed(address) && self.guard.shareable(address);
        known.external.iter().any(direct) || self.guard.allows_private() && known.listening.iter().any(direct)
    }

    pub(super) fn external(&self, address: &Multiaddr, there: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known.external, address, there);
    }

    pub(super) fn listening(&self, address: &Multiaddr, there: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut known.listening, address, there);
    }
}

fn change(list: &mut Vec<Multiaddr>, address: &Multiaddr, there: bool) {
    list.retain(|known| known != address);
    if there && list.len() < MAX_KNOWN {
        list.push(address.clone());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_what_strangers_may_use_is_kept_and_no_other_peers_addresses() {
        let (peer, other) = (PeerId::random(), PeerId::random());
        let given = [
            at("/ip4/192.168.1.7/tcp/4001"),
            at("/ip4/9.9.9.9/tcp/4001").with(Protocol::P2p(peer)),
            at("/ip4/9.9.9.9/tcp/4001"),
            at("/ip4/9.9.9.9/udp/4001/quic-v1"),
            at("/ip4/8.8.8.8/tcp/4001").with(Protocol::P2p(other)),
            at("/ip4/9.9.9.9/udp/4001/webrtc-direct"),
        ];
        let guard = Guard::new(false);
        guard.allow([192, 168, 1, 7].into());
        let kept = vet(&guard, &peer, given.clone());
        assert_eq!(kept, [at("/ip4/9.9.9.9/udp/4001/quic-v1"), at("/ip4/9.9.9.9/tcp/4001")]);
        assert_eq!(vet(&Guard::new(true), &peer, given).len(), 3);
    }

    #[test]
    fn addresses_of_one_peer_are_bounded_in_bytes() {
        let peer = PeerId::random();
        let many = (0..100).map(|n| at(&format!("/ip4/9.9.9.{n}/tcp/4001")));
        let kept = vet(&Guard::new(false), &peer, many);
        let bytes: usize = kept.iter().map(|a| a.clone().with(Protocol::P2p(peer)).len() + 2).sum();
        assert!(!kept.is_empty() && kept.len() <= MAX_ADDRESSES && bytes <= ADDRESS_BYTES, "{bytes}");
        let long = at(&format!("/dns4/{}/tcp/1", "a".repeat(250)));
        assert!(vet(&Guard::new(false), &peer, [long]).is_empty());
    }

    #[test]
    fn a_host_behind_a_router_is_not_reached_until_an_address_is_confirmed() {
        let own = Own::new(PeerId::random(), &Guard::new(false));
        own.listening(&at("/ip4/192.168.1.7/tcp/4001"), true);
        assert!(!own.reached() && own.told().is_empty());
        own.external(&at("/ip4/9.9.9.9/tcp/4001/p2p-circuit"), true);
        assert!(!own.reached());
        own.external(&at("/ip4/9.9.9.8/tcp/4001"), true);
        assert!(own.reached());
        own.external(&at("/ip4/9.9.9.8/tcp/4001"), false);
        assert!(!own.reached());
    }
}
