//! Which of the addresses that a tracker names are called.

use osp_fetch::{Fetcher, Trust, Url, address::special};
use std::net::{IpAddr, SocketAddr};

/// Those that may be called. A tracker on this machine or network that the user typed speaks of this machine and
/// network, so its word is taken; any other may name public addresses only, unless the operator allows more.
pub(super) fn judged(
    fetcher: &Fetcher,
    tracker: &Url,
    trust: Trust,
    mut addresses: Vec<SocketAddr>,
) -> Vec<SocketAddr> {
    let near = trust == Trust::Typed && is_near(tracker);
    addresses.retain(|address| {
        let ip = address.ip();
        address.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && (near || fetcher.allows(ip))
    });
    addresses
}

fn is_near(tracker: &Url) -> bool {
    let host = tracker.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| special(ip).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use osp_fetch::Policy;

    #[test]
    fn special_addresses_only_from_near_trackers_that_were_typed() {
        let named = || ["8.8.8.8:1", "127.0.0.1:1", "192.168.1.1:1", "8.8.8.8:0", "0.0.0.0:1", "224.0.0.1:1"];
        let count = |open: bool, tracker: &str, trust| {
            let fetcher = Fetcher::new(&Policy { allow_private: open, extra_ca: None }).unwrap();
            let addresses = named().iter().map(|a| a.parse().unwrap()).collect();
            judged(&fetcher, &Url::parse(tracker).unwrap(), trust, addresses).len()
        };
        assert_eq!(count(false, "http://tracker.example/", Trust::Typed), 1);
        assert_eq!(count(false, "http://tracker.example/", Trust::Learned), 1);
        assert_eq!(count(false, "udp://127.0.0.1:80", Trust::Typed), 3);
        assert_eq!(count(false, "http://localhost/", Trust::Typed), 3);
        assert_eq!(count(false, "http://127.0.0.1/", Trust::Learned), 1);
        assert_eq!(count(true, "http://tracker.example/", Trust::Learned), 3);
    }
}
