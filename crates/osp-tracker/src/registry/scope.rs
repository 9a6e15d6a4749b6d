//! Who may be told whose address.

use std::net::{IpAddr, Ipv6Addr};

/// From where an address can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// This machine.
    Loopback,
    /// This network: private, link-local, shared (carrier NAT) and unique local addresses.
    Private,
    /// Anywhere.
    Public,
}

impl Scope {
    /// `None` for what nobody can be called at: unspecified, multicast, broadcast, documentation.
    pub(super) fn of(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(v4) => match v4.octets() {
                [127, ..] => Some(Self::Loopback),
                [0 | 224..=255, ..] | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => None,
                [100, 64..=127, ..] => Some(Self::Private),
                _ if v4.is_private() || v4.is_link_local() => Some(Self::Private),
                _ => Some(Self::Public),
            },
            IpAddr::V6(v6) if v6.is_loopback() => Some(Self::Loopback),
            IpAddr::V6(v6) => match v6.segments() {
                [0xfe80..=0xfebf | 0xfc00..=0xfdff, ..] => Some(Self::Private),
                [0x2001, 0xdb8, ..] => None,
                [0x2000..=0x3fff, ..] => Some(Self::Public),
                _ => None,
            },
        }
    }

    /// Whether somebody here may be told an address of `other`: nobody is told one that means another machine to him.
    pub(super) fn sees(self, other: Self) -> bool {
        self <= other
    }
}

/// Who counts as one: an IPv4 address, or an IPv6 /64, which is what one line is given (RFC 6177).
pub(super) fn holder(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(text: &str) -> Option<Scope> {
        Scope::of(text.parse().unwrap())
    }

    #[test]
    fn each_kind_of_address() {
        for (scope, addresses) in [
            (Some(Scope::Loopback), &["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"][..]),
            (
                Some(Scope::Private),
                &["10.1.1.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "fd00::1", "fe80::1"],
            ),
            (Some(Scope::Public), &["8.8.8.8", "2a00::1", "::ffff:8.8.8.8"]),
            (None, &["0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "ff02::1", "2001:db8::1", "192.0.2.1"]),
        ] {
            for address in addresses {
                assert_eq!(of(address), scope, "{address}");
            }
        }
    }
}
