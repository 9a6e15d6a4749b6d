//! Peer exchange (BEP 11): telling peers of each other.
//!
//! At most one message a minute each way, with the differences since the last. Told are peers that can be called: those
//! we called ourselves, and those that named their port. Never loopback, multicast or unspecified addresses; private
//! ones only where [`Config::exchange_private`](super::Config::exchange_private) says so.

use super::budget::{MAX_PEX_TOLD, PEX_INTERVAL};
use crate::{time::Time, wire::extension::PexMessage};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

/// What one peer was told, and when.
#[derive(Debug, Default)]
pub(crate) struct PexState {
    told: BTreeSet<SocketAddr>,
    told_at: Option<Time>,
    heard_at: Option<Time>,
}

impl PexState {
    pub(crate) fn is_due(&self, now: Time) -> bool {
        self.told_at.is_none_or(|at| now.since(at) >= PEX_INTERVAL)
    }

    /// The next message, if there is something to say. `current`: who can be called now, the receiver left out.
    pub(crate) fn tell(&mut self, current: &BTreeSet<SocketAddr>, now: Time) -> Option<PexMessage> {
        let added: Vec<SocketAddr> = current.difference(&self.told).take(MAX_PEX_TOLD).copied().collect();
        let dropped: Vec<SocketAddr> = self.told.difference(current).take(MAX_PEX_TOLD).copied().collect();
        if added.is_empty() && dropped.is_empty() {
            return None;
        }
        self.told.extend(added.iter().copied());
        for address in &dropped {
            self.told.remove(address);
        }
        self.told_at = Some(now);
        Some(PexMessage { added, dropped })
    }

    /// Whether a message is listened to: not when it comes much sooner than a minute after the last.
    pub(crate) fn hear(&mut self, now: Time) -> bool {
        // Clocks and queues differ; BEP 11 lets nobody send twice a minute.
        let soon = self.heard_at.is_some_and(|at| now.since(at) < PEX_INTERVAL / 2);
        if !soon {
            self.heard_at = Some(now);
        }
        !soon
    }
}

/// Whether an address may be told or believed.
pub(crate) fn is_exchangeable(address: SocketAddr, private_too: bool) -> bool {
    if address.port() == 0 {
        return false;
    }
    match address.ip() {
        IpAddr::V4(ip) => {
            let never = ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.octets()[0] == 0
                || ip.octets()[0] >= 240
                || ip.is_documentation() && !private_too;
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !never && (private_too || !(ip.is_private() || ip.is_link_local() || shared))
        }
        IpAddr::V6(ip) => {
            let never = ip.is_loopback() || ip.is_unspecified() || ip.is_multicast();
            let mapped = ip.to_ipv4_mapped().map(|v4| SocketAddr::new(IpAddr::V4(v4), address.port()));
            if let Some(mapped) = mapped {
                return is_exchangeable(mapped, private_too);
            }
            !never && (private_too || is_global_unicast(ip))
        }
    }
}

/// 2000::/3, where all addresses of the public internet are, without the ones for documentation.
fn is_global_unicast(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    a & 0xe000 == 0x2000 && !(a == 0x2001 && b == 0x0db8)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn loopback_is_never_exchanged_and_private_only_on_request() {
        for never in
            ["127.0.0.1:1", "[::1]:1", "0.0.0.0:1", "224.0.0.1:1", "[::ffff:127.0.0.1]:1", "8.8.8.8:0"]
        {
            assert!(!is_exchangeable(address(never), true), "{never}");
        }
        for private in
            ["10.0.0.1:1", "192.168.1.1:1", "100.64.0.1:1", "169.254.0.1:1", "[fd00::1]:1", "[fe80::1]:1"]
        {
            assert!(!is_exchangeable(address(private), false), "{private}");
            assert!(is_exchangeable(address(private), true), "{private}");
        }
        for public in ["8.8.8.8:6881", "[2606:4700::1]:6881"] {
            assert!(is_exchangeable(address(public), false), "{public}");
        }
    }

    #[test]
    fn only_differences_are_told_and_at_most_once_a_minute() {
        let mut pex = PexState::default();
        let one = BTreeSet::from([address("8.8.8.8:1")]);
        let two = BTreeSet::from([address("8.8.4.4:2")]);
        assert!(pex.is_due(Time::ZERO));
        assert_eq!(pex.tell(&one, Time::ZERO).unwrap().added, [address("8.8.8.8:1")]);
        assert!(!pex.is_due(Time::ZERO));
        let later = Time::ZERO + PEX_INTERVAL;
        assert!(pex.is_due(later));
        assert_eq!(pex.tell(&one, later), None, "nothing new");
        let message = pex.tell(&two, later).unwrap();
        assert_eq!(
            (message.added, message.dropped),
            (vec![address("8.8.4.4:2")], vec![address("8.8.8.8:1")])
        );
        assert!(pex.hear(Time::ZERO) && !pex.hear(Time::ZERO) && pex.hear(later));
    }
}
