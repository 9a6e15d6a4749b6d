//! How many connections there are, in all and from one address.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

/// Counts connections over all torrents.
#[derive(Clone)]
pub(crate) struct Limits(Arc<Inner>);

struct Inner {
    max: usize,
    per_address: usize,
    allow_private: bool,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    /// By address, an IPv6 one by its /64: that is what one household has. No more entries than connections.
    by_address: HashMap<IpAddr, usize>,
}

/// The right to one connection, until it is dropped.
pub(crate) struct Permit {
    limits: Limits,
    address: Option<IpAddr>,
}

impl Limits {
    /// `max` connections in all, `per_address` from each public address. Private ones are counted only in all when
    /// they are allowed: a whole household, or a test, is behind one.
    pub(crate) fn new(max: usize, per_address: usize, allow_private: bool) -> Self {
        Self(Arc::new(Inner { max, per_address, allow_private, open: Mutex::default() }))
    }

    /// One more connection, to this address if it has one. `None` when that is one too many.
    pub(crate) fn take(&self, remote: Option<SocketAddr>) -> Option<Permit> {
        let address = remote
            .map(|r| household(r.ip()))
            .filter(|ip| !(self.0.allow_private && osp_fetch::address::special(*ip).is_some()));
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.total >= self.0.max {
            return None;
        }
        if let Some(address) = address {
            let count = open.by_address.entry(address).or_default();
            if *count >= self.0.per_address {
                return None;
            }
            *count += 1;
        }
        open.total += 1;
        Some(Permit { limits: self.clone(), address })
    }

    /// Connections that are open.
    pub(crate) fn open(&self) -> usize {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).total
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.limits.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.total -= 1;
        if let Some(address) = self.address
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(text.parse().unwrap(), 6881))
    }

    #[test]
    fn one_address_cannot_take_all() {
        let limits = Limits::new(4, 2, false);
        let first = limits.take(at("1.2.3.4")).unwrap();
        let _second = limits.take(at("1.2.3.4")).unwrap();
        assert!(limits.take(at("1.2.3.4")).is_none());
        assert!(limits.take(at("::ffff:1.2.3.4")).is_none(), "the same address, written as IPv6");
        drop(first);
        let _third = limits.take(at("1.2.3.4")).unwrap();
        let _others = (limits.take(at("2001:db8:0:1::5")).unwrap(), limits.take(None).unwrap());
        assert!(limits.take(at("9.9.9.9")).is_none(), "four in all");
        assert_eq!(limits.open(), 4);
    }

    #[test]
    fn a_household_counts_once() {
        let limits = Limits::new(9, 1, false);
        let held = limits.take(at("2a00:1:2:3::1")).unwrap();
        assert!(limits.take(at("2a00:1:2:3:ffff::2")).is_none());
        assert!(limits.take(at("2a00:1:2:4::1")).is_some());
        drop(held);
        assert_eq!(limits.open(), 0);
        assert!(limits.0.open.lock().unwrap().by_address.is_empty());
    }

    #[test]
    fn private_addresses_share_when_they_are_allowed() {
        let limits = Limits::new(9, 1, true);
        let _held: Vec<_> = (0..5).map(|_| limits.take(at("192.168.1.9")).unwrap()).collect();
        assert_eq!(limits.open(), 5);
    }
}
