//! How many connections one address may hold, so that one client cannot take every place.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// Connections that are open, by who holds them.
#[derive(Clone)]
pub(crate) struct Crowd {
    most: usize,
    held: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place; dropping it frees the place.
pub(crate) struct Place {
    /// `None` for an address that is not counted.
    counted: Option<(Crowd, IpAddr)>,
}

impl Crowd {
    /// At most `most` connections for each address.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, held: Arc::default() }
    }

    /// A place for a connection from `address`; `None` when it holds as many as it may. This machine's own addresses
    /// are not counted: a reverse proxy is there, and its connections are everybody's.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return Some(Place { counted: None });
        }
        let holder = holder(address);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(holder).or_insert(0);
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { counted: Some((self.clone(), holder)) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((crowd, holder)) = self.counted.take() else { return };
        let mut held = crowd.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&holder) {
            *count -= 1;
            if *count == 0 {
                held.remove(&holder);
            }
        }
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 /64, which is what one line is given (RFC 6177).
fn holder(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_address_has_its_places_and_gets_them_back() {
        let crowd = Crowd::new(2);
        let first = crowd.admit(ip("192.0.2.1")).unwrap();
        let _second = crowd.admit(ip("::ffff:192.0.2.1")).unwrap();
        assert!(crowd.admit(ip("192.0.2.1")).is_none());
        let other = crowd.admit(ip("192.0.2.2"));
        assert!(other.is_some());
        drop(first);
        assert!(crowd.admit(ip("192.0.2.1")).is_some());
        drop((_second, other));
        assert!(crowd.held.lock().unwrap().is_empty(), "nothing stays of who has left");
    }

    #[test]
    fn an_ipv6_network_is_one_holder() {
        let crowd = Crowd::new(1);
        let _place = crowd.admit(ip("2001:db8::1")).unwrap();
        assert!(crowd.admit(ip("2001:db8::ffff:1")).is_none());
        assert!(crowd.admit(ip("2001:db8:0:1::1")).is_some());
    }

    #[test]
    fn this_machine_is_not_counted() {
        let crowd = Crowd::new(0);
        for own in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(crowd.admit(ip(own)).is_some(), "{own}");
        }
        assert!(crowd.admit(ip("192.0.2.1")).is_none());
    }
}
