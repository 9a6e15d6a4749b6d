//! What a process keeps for the network from one question to the next: its host, who answers how fast, whose records
//! were good, how large the network is, and its counters.

use super::{driver::Contact, status::Counters};
use osp_discovery::{
    Point, UnixTime,
    gather::Reputation,
    lookup::{Book, Density, Group},
};
use osp_fetch::address::special;
use osp_p2p::{Kad, Multiaddr, P2p, PeerId, Protocol};
use osp_store::providers::Origin;
use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Members of the network that a lookup begins with.
const BEGIN_WITH: usize = 60;
/// How long a lookup that knows nobody waits for the attempt to meet somebody.
const MEET: Duration = Duration::from_secs(8);
/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(20);

/// Shared by everything that asks, for as long as the process lives.
pub(super) struct State {
    pub(super) host: P2p,
    pub(super) kad: Kad,
    /// Where this host lies in the key space.
    pub(super) own: Point,
    started: Instant,
    book: Mutex<Book<PeerId>>,
    reputation: Mutex<Reputation<PeerId>>,
    density: Mutex<Density>,
    joining: AtomicBool,
    /// Whether the settings name members at private addresses only, and private addresses are refused.
    pub(super) walled: bool,
    pub(super) counters: Counters,
}

impl State {
    pub(super) fn new(host: P2p, kad: Kad, walled: bool) -> Self {
        Self {
            own: point(&host.peer_id()),
            host,
            kad,
            started: Instant::now(),
            book: Mutex::default(),
            reputation: Mutex::default(),
            density: Mutex::default(),
            // The first attempt begins with the process.
            joining: AtomicBool::new(true),
            walled,
            counters: Counters::default(),
        }
    }

    /// Time since the start.
    pub(super) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// Failures and round trips of all lookups.
    pub(super) fn book(&self) -> MutexGuard<'_, Book<PeerId>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What providers were worth.
    pub(super) fn reputation(&self) -> MutexGuard<'_, Reputation<PeerId>> {
        self.reputation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How large the network is.
    pub(super) fn density(&self) -> MutexGuard<'_, Density> {
        self.density.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an attempt to meet somebody is under way.
    pub(super) fn set_joining(&self, joining: bool) {
        self.joining.store(joining, Ordering::Release);
    }

    /// Members of the network nearest to a point, of those known. While an attempt to meet somebody is under way it is
    /// waited for.
    pub(super) async fn nearest_known(&self, to: &Point) -> Vec<Contact> {
        let until = Instant::now() + MEET;
        loop {
            let joining = self.joining.load(Ordering::Acquire);
            let known = self.kad.closest_known(*to.as_bytes(), BEGIN_WITH).await;
            if !known.is_empty() || !joining || Instant::now() > until {
                return known.into_iter().map(contact).collect();
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Whether any member of the network is known.
    pub(super) async fn knows_somebody(&self) -> bool {
        !self.kad.closest_known(*self.own.as_bytes(), 1).await.is_empty()
    }
}

/// Seconds since 1970, as the machine's clock has them.
pub(super) fn unix_now() -> UnixTime {
    UnixTime(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// A number that nobody can foresee.
pub(super) fn seed() -> u64 {
    let mut bytes = [0; 8];
    if getrandom::fill(&mut bytes).is_err() {
        // Without randomness of the system no host would have started.
        return Instant::now().elapsed().as_nanos() as u64;
    }
    u64::from_le_bytes(bytes)
}

/// Where a peer lies.
pub(super) fn point(peer: &PeerId) -> Point {
    Point::of_peer(&peer.to_bytes())
}

/// A contact as lookups know it.
pub(super) fn contact(known: osp_p2p::Contact) -> Contact {
    Contact {
        peer: known.peer,
        point: point(&known.peer),
        group: group(&known.addresses),
        addresses: known.addresses,
    }
}

/// With whom a peer at these addresses may share an owner: the network (an IPv4 /24, an IPv6 /48) of the first public
/// one. On loopback and in a local network everybody is a neighbour.
pub(super) fn group(addresses: &[Multiaddr]) -> Option<Group> {
    let ip = |address: &Multiaddr| match address.iter().next()? {
        Protocol::Ip4(ip) => Some(ip.into()),
        Protocol::Ip6(ip) => Some(ip.into()),
        _ => None,
    };
    let public = addresses.iter().filter_map(ip).find(|ip| special(*ip).is_none())?;
    Some(Group(u64::from_be_bytes(Origin::of(public).to_bytes())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn neighbours_of_one_network_share_a_group_and_private_ones_have_none() {
        let of = |text: &str| group(&[text.parse().unwrap()]);
        assert_eq!(of("/ip4/9.9.9.1/tcp/1"), of("/ip4/9.9.9.200/udp/2/quic-v1"));
        assert_ne!(of("/ip4/9.9.9.1/tcp/1"), of("/ip4/9.9.8.1/tcp/1"));
        assert_eq!(of("/ip6/2620:fe::1/tcp/1"), of("/ip6/2620:fe:0:1::9/tcp/1"));
        assert_ne!(of("/ip6/2620:fe::1/tcp/1"), of("/ip6/2620:ff::1/tcp/1"));
        for private in ["/ip4/127.0.0.1/tcp/1", "/ip4/192.168.1.7/tcp/1", "/dns4/a.example/tcp/1"] {
            assert_eq!(of(private), None, "{private}");
        }
        let both = ["/ip4/10.0.0.1/tcp/1", "/ip4/9.9.9.1/tcp/1"].map(|text| text.parse().unwrap());
        assert_eq!(group(&both), of("/ip4/9.9.9.7/tcp/1"));
    }
}
