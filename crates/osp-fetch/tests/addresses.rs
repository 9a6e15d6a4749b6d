//! Addresses that a stranger must not make us ask, in every spelling.
#![allow(clippy::unwrap_used)]

use osp_fetch::{FetchError, Fetcher, Limits, Policy, Target, address::special};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr};

/// Hosts as they stand in a URL, all special.
const SPECIAL: &[&str] = &[
    // loopback, as the URL standard lets it be written
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    // this network, private, shared, link-local with the clouds' metadata services
    "0.0.0.0",
    "0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "100.100.100.200",
    // protocol assignments, documentation, benchmarking, 6to4 relay, multicast, reserved, broadcast
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.255",
    "192.88.99.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    // IPv6: unspecified, unique local (with a cloud's metadata service), link-local, site-local, multicast,
    // documentation, discard, Teredo, ORCHID, segment routing, IPv4-compatible
    "[::]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fdff::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[3fff:123::1]",
    "[100::1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[2001:20::1]",
    "[5f00::1]",
    "[::127.0.0.1]",
    "[::8.8.8.8]",
    "[4000::1]",
    // IPv4 inside: mapped, NAT64 (well-known and local prefix), 6to4
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::8.8.8.8]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2002:c0a8:101::1]",
];

const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.0.0.1",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.0.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450::1",
    "2001:4860:4860::8888",
    "2001:200::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
];

#[tokio::test]
async fn special_addresses_are_refused_when_learned_in_every_spelling() {
    let fetcher = Fetcher::new(&Policy::default()).unwrap();
    for host in SPECIAL {
        for url in [format!("http://{host}/x"), format!("https://{host}:8443/x")] {
            let target = Target::learned(&url).unwrap();
            let error = fetcher.get(target, Limits::document(9)).await.err().unwrap();
            assert!(matches!(error, FetchError::Private { .. }), "{url}: {error}");
            assert!(error.to_string().contains("--allow-private"), "{error}");
        }
    }
}

#[test]
fn public_addresses_are_public() {
    for address in PUBLIC {
        assert_eq!(special(address.parse().unwrap()), None, "{address}");
    }
}

#[test]
fn only_http_addresses_of_a_sane_form_are_targets() {
    for url in [
        "",
        "node.example:8080",
        "ftp://h/",
        "file:///etc/passwd",
        "http://",
        "https://?x",
        "javascript:1",
        "http://[::1",
        "http://a b/",
        "http://h:99999/",
        "data:,x",
        "unix:/run/x",
    ] {
        let Err(FetchError::BadUrl { .. }) = Target::typed(url) else { panic!("{url:?} was accepted") };
    }
    let long = format!("http://h/{}", "a".repeat(9000));
    assert!(matches!(Target::typed(&long), Err(FetchError::BadUrl { .. })));
    assert!(Target::typed("http://user:pw@h/").is_ok());
    for url in ["http://user:pw@h/", "http://user@h/", "http://:pw@h/"] {
        assert!(matches!(Target::learned(url), Err(FetchError::BadUrl { .. })), "{url}");
    }
}

#[test]
fn a_target_is_shown_without_secrets_and_joined_by_path() {
    let target = Target::typed("http://user:pw@Host.example:80/base/?token=1#f").unwrap();
    assert_eq!(target.to_string(), "http://host.example/base/");
    let joined = target.join("/ipfs/bafy?format=car&dag-scope=entity");
    assert_eq!(
        joined.url().as_str(),
        "http://user:pw@host.example/base/ipfs/bafy?format=car&dag-scope=entity"
    );
    let error = Target::learned("http://user:secret@host/").unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

proptest! {
    #[test]
    fn ipv4_is_judged_alike_however_it_is_carried(bits in any::<u32>()) {
        let v4 = Ipv4Addr::from(bits);
        let [a, b, c, d] = v4.octets();
        let kind = special(IpAddr::V4(v4));
        let (high, low) = (bits >> 16, bits & 0xffff);
        for text in [
            format!("::ffff:{high:x}:{low:x}"), format!("64:ff9b::{a}.{b}.{c}.{d}"), format!("2002:{high:x}:{low:x}::1"),
        ] {
            prop_assert_eq!(special(text.parse().unwrap()), kind, "{}", text);
        }
    }

    #[test]
    fn the_standard_library_finds_nothing_special_in_what_is_public(bits in any::<u128>(), v4 in any::<u32>()) {
        let v6 = std::net::Ipv6Addr::from(bits);
        if special(IpAddr::V6(v6)).is_none() {
            prop_assert!(!v6.is_loopback() && !v6.is_multicast() && !v6.is_unspecified());
            prop_assert!(!v6.is_unique_local() && !v6.is_unicast_link_local());
        }
        let v4 = Ipv4Addr::from(v4);
        if special(IpAddr::V4(v4)).is_none() {
            prop_assert!(!v4.is_private() && !v4.is_loopback() && !v4.is_link_local() && !v4.is_multicast());
            prop_assert!(!v4.is_documentation() && !v4.is_broadcast() && !v4.is_unspecified());
        }
    }
}
