//! Which IP addresses are not the public Internet's.
//!
//! After the IANA special-purpose registries (RFC 6890 and later). A listed address is refused whether or not
//! something answers there, so that a record cannot be used to find out what does.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of special address this is; `None` for a public one. Addresses that carry an IPv4 address inside
/// (mapped, NAT64, 6to4) are judged by it.
#[must_use]
pub fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => special_v4(v4),
        IpAddr::V6(v6) => special_v6(v6),
    }
}

fn special_v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "a «this network» address",
        [127, ..] => "a loopback address",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "a private address",
        [100, 64..=127, ..] => "a shared (carrier NAT) address",
        [169, 254, ..] => "a link-local address",
        [192, 0, 0, _] => "a protocol assignment",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "a documentation address",
        [192, 88, 99, _] => "a 6to4 relay address",
        [198, 18 | 19, ..] => "a benchmarking address",
        [224..=239, ..] => "a multicast address",
        [240..=255, ..] => "a reserved address",
        _ => return None,
    })
}

fn special_v6(address: Ipv6Addr) -> Option<&'static str> {
    let segments = address.segments();
    // The IPv4 address in two segments.
    let inner = |at: usize| {
        let [high, low] = [segments[at], segments[at + 1]].map(u16::to_be_bytes);
        special_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]))
    };
    Some(match segments {
        [0, 0, 0, 0, 0, 0, 0, 0] => "the unspecified address",
        [0, 0, 0, 0, 0, 0, 0, 1] => "a loopback address",
        // IPv4-mapped, and the well-known prefix of NAT64 (RFC 6052)
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => return inner(6),
        // 6to4 (RFC 3056)
        [0x2002, ..] => return inner(1),
        // Teredo, ORCHID, benchmarking: 2001::/23
        [0x2001, 0..=0x1ff, ..] => "a protocol assignment",
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => "a documentation address",
        // The only space that global addresses are given from
        [0x2000..=0x3fff, ..] => return None,
        [0xfc00..=0xfdff, ..] => "a unique local address",
        [0xfe80..=0xfebf, ..] => "a link-local address",
        [0xfec0..=0xfeff, ..] => "a site-local address",
        [0xff00..=0xffff, ..] => "a multicast address",
        _ => "a reserved address",
    })
}
