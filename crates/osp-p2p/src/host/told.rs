//! Which addresses the listeners have told while the host starts.

use super::guard::ip;
use libp2p::{Multiaddr, core::transport::ListenerId};
use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

/// The listeners of a host that starts.
#[derive(Debug, Default)]
pub(super) struct Told(HashMap<ListenerId, Listener>);

#[derive(Debug)]
struct Listener {
    /// Its place in the configuration, from 0.
    index: usize,
    /// Whether it listens at every interface, and of which family. `None` for one address.
    every: Option<Family>,
    /// Where it listens.
    at: BTreeSet<IpAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

impl Told {
    /// One has been started.
    pub(super) fn listener(&mut self, id: ListenerId, index: usize, address: &Multiaddr) {
        let every = ip(address).filter(IpAddr::is_unspecified).map(family);
        self.0.insert(id, Listener { index, every, at: BTreeSet::new() });
    }

    /// One has told an address.
    pub(super) fn address(&mut self, id: ListenerId, address: &Multiaddr) {
        if let (Some(listener), Some(ip)) = (self.0.get_mut(&id), ip(address)) {
            listener.at.insert(ip);
        }
    }

    /// One has ended. Gives its place in the configuration.
    pub(super) fn closed(&mut self, id: ListenerId) -> Option<usize> {
        self.0.remove(&id).map(|listener| listener.index)
    }

    /// Whether each has told something, and those that listen at every interface of a family agree which there are.
    pub(super) fn complete(&self) -> bool {
        self.0.values().all(|listener| {
            let lacks = |other: &Listener| other.every == listener.every && other.at != listener.at;
            !listener.at.is_empty() && (listener.every.is_none() || !self.0.values().any(lacks))
        })
    }
}

fn family(ip: IpAddr) -> Family {
    if ip.is_ipv4() { Family::V4 } else { Family::V6 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Multiaddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_of_two_that_has_told_only_loopback_is_waited_for() {
        let (tcp, quic, mut told) = (ListenerId::next(), ListenerId::next(), Told::default());
        told.listener(tcp, 0, &at("/ip4/0.0.0.0/tcp/4001"));
        told.listener(quic, 1, &at("/ip4/0.0.0.0/udp/4001/quic-v1"));
        assert!(!told.complete());
        told.address(tcp, &at("/ip4/127.0.0.1/tcp/4001"));
        told.address(tcp, &at("/ip4/192.0.2.2/tcp/4001"));
        told.address(quic, &at("/ip4/127.0.0.1/udp/4001/quic-v1"));
        assert!(!told.complete());
        told.address(quic, &at("/ip4/192.0.2.2/udp/4001/quic-v1"));
        assert!(told.complete());
    }

    #[test]
    fn listeners_at_one_address_or_of_another_family_need_not_agree() {
        let (one, four, six, mut told) =
            (ListenerId::next(), ListenerId::next(), ListenerId::next(), Told::default());
        told.listener(one, 0, &at("/ip4/127.0.0.1/tcp/4001"));
        told.listener(four, 1, &at("/ip4/0.0.0.0/tcp/4002"));
        told.listener(six, 2, &at("/ip6/::/tcp/4003"));
        told.address(one, &at("/ip4/127.0.0.1/tcp/4001"));
        told.address(four, &at("/ip4/192.0.2.2/tcp/4002"));
        assert!(!told.complete());
        told.address(six, &at("/ip6/::1/tcp/4003"));
        assert!(told.complete());
        assert_eq!(told.closed(six), Some(2));
        assert_eq!(told.closed(six), None);
    }
}
