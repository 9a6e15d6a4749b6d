//! Extended messages: round trips, what other peers do, and what nobody should.
use bytes::Bytes;
use osp_swarm::wire::extension::{
    ExtendedHandshake, MAX_CLIENT_BYTES, MAX_PEX_ADDRESSES, METADATA_PART, MetadataMessage, PexMessage,
};
use proptest::{option, prelude::*};
use std::net::{IpAddr, SocketAddr};

fn handshakes() -> impl Strategy<Value = ExtendedHandshake> {
    let ids = (option::of(1u8..), option::of(1u8..));
    let numbers = (option::of(1u32..), option::of(1u32..), option::of(1u16..));
    let client = option::of("[ -~]{0,64}");
    let ip = option::of(any::<IpAddr>().prop_map(|ip| ip.to_canonical()));
    (ids, numbers, client, ip, any::<bool>()).prop_map(|(ids, numbers, client, your_ip, upload_only)| {
        ExtendedHandshake {
            ut_metadata: ids.0,
            ut_pex: ids.1,
            metadata_size: numbers.0,
            reqq: numbers.1,
            client,
            port: numbers.2,
            your_ip,
            upload_only,
        }
    })
}

fn metadata_messages() -> impl Strategy<Value = MetadataMessage> {
    let data = proptest::collection::vec(any::<u8>(), 0..64);
    prop_oneof![
        any::<u32>().prop_map(|part| MetadataMessage::Request { part }),
        any::<u32>().prop_map(|part| MetadataMessage::Reject { part }),
        (any::<u32>(), any::<u32>(), data).prop_map(|(part, total, data)| MetadataMessage::Data {
            part,
            total,
            data: data.into()
        }),
    ]
}

proptest! {
    #[test]
    fn handshakes_read_back(handshake in handshakes()) {
        prop_assert_eq!(ExtendedHandshake::parse(&handshake.encode()), Some(handshake));
    }

    #[test]
    fn metadata_messages_read_back(message in metadata_messages()) {
        prop_assert_eq!(MetadataMessage::parse(&message.encode().into()), Ok(Some(message)));
    }

    #[test]
    fn peer_exchange_reads_back(
        added in proptest::collection::vec(any::<SocketAddr>(), 0..20),
        dropped in proptest::collection::vec(any::<SocketAddr>(), 0..20),
    ) {
        let read = PexMessage::parse(&PexMessage { added: added.clone(), dropped: dropped.clone() }.encode()).unwrap();
        for (read, given) in [(&read.added, &added), (&read.dropped, &dropped)] {
            for address in read {
                let same = |other: &SocketAddr| {
                    other.ip().to_canonical() == address.ip() && other.port() == address.port()
                };
                prop_assert!(given.iter().any(same));
            }
        }
        prop_assert_eq!(PexMessage::parse(&read.encode()), Some(read));
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = ExtendedHandshake::parse(&bytes);
        let _ = PexMessage::parse(&bytes);
        let _ = MetadataMessage::parse(&bytes.into());
    }
}

#[test]
fn handshakes_as_others_send_them() {
    let parse = |text: &str| ExtendedHandshake::parse(text.as_bytes());
    // Unsorted, with members of the wrong type, and with bytes after it.
    let odd =
        parse("d1:v4:peer1:md6:ut_pexi0e11:ut_metadatai3ee13:metadata_size2:no4:reqqi-1e1:pi70000eexyz")
            .unwrap();
    let expected = ExtendedHandshake {
        ut_metadata: Some(3),
        client: Some("peer".to_owned()),
        ..ExtendedHandshake::default()
    };
    assert_eq!(odd, expected);
    assert_eq!(parse("de"), Some(ExtendedHandshake::default()));
    assert_eq!(parse("d1:mdee").map(|handshake| handshake.ut_metadata), Some(None));
    assert_eq!(parse("d1:md11:ut_metadatai256eee").unwrap().ut_metadata, None);
    assert_eq!(parse("d13:metadata_sizei4294967296ee").unwrap().metadata_size, None);
    assert_eq!(parse("d6:yourip3:abce").unwrap().your_ip, None);
    assert!(parse("d11:upload_onlyi1ee").unwrap().upload_only);
    for broken in ["", "le", "i1e", "d", "d1:v", "d1:vi1e"] {
        assert_eq!(parse(broken), None, "{broken}");
    }
}

#[test]
fn names_of_programs_are_short_and_printable() {
    let name = |bytes: &[u8]| {
        let payload = [format!("d1:v{}:", bytes.len()).as_bytes(), bytes, b"e"].concat();
        ExtendedHandshake::parse(&payload).unwrap().client.unwrap()
    };
    assert_eq!(name(&[b'a'; 5000]), "a".repeat(MAX_CLIENT_BYTES));
    assert_eq!(name(b"\x1b[31mred\x00\n\xff"), "[31mred");
    // A character is not cut in half.
    assert_eq!(name("\u{20ac}".repeat(30).as_bytes()), "\u{20ac}".repeat(21));
}

#[test]
fn metadata_messages_that_are_broken() {
    let parse = |text: &str| MetadataMessage::parse(&Bytes::copy_from_slice(text.as_bytes()));
    assert_eq!(parse("d8:msg_typei3e5:piecei0ee"), Ok(None), "kinds to come are passed over");
    for broken in [
        "",
        "d5:piecei0ee",
        "d8:msg_typei0ee",
        "d8:msg_typei0e5:piecei-1ee",
        "d8:msg_typei0e5:piecei4294967296ee",
        "d8:msg_typei1e5:piecei0eexx",
        "d8:msg_typei1e5:piecei0e10:total_sizei-5eexx",
    ] {
        assert_eq!(parse(broken), Err(()), "{broken}");
    }
    let part =
        |len: usize| parse(&("d8:msg_typei1e5:piecei0e10:total_sizei99999ee".to_owned() + &"x".repeat(len)));
    assert!(part(METADATA_PART).is_ok());
    assert_eq!(part(METADATA_PART + 1), Err(()));
}

/// Addresses that no other host can call are neither told nor believed.
#[test]
fn addresses_that_mean_nothing_to_others() {
    let useless = [
        "127.0.0.1:6881",
        "127.9.9.9:6881",
        "0.0.0.0:6881",
        "192.0.2.1:0",
        "224.0.0.1:6881",
        "255.255.255.255:6881",
        "[::1]:6881",
        "[::]:6881",
        "[::ffff:127.0.0.1]:6881",
        "[2001:db8::1]:0",
        "[ff02::1]:6881",
    ];
    let added: Vec<SocketAddr> = useless.iter().map(|text| text.parse().unwrap()).collect();
    let told = PexMessage { added: added.clone(), dropped: added.clone() }.encode();
    assert_eq!(told, b"d5:added0:7:added.f0:6:added60:8:added6.f0:7:dropped0:8:dropped60:e");

    // The same lists as a peer without such manners sends them.
    let v4: Vec<u8> = compact(added.iter().filter(|address| address.is_ipv4()));
    let v6: Vec<u8> = compact(added.iter().filter(|address| address.is_ipv6()));
    for (key, list) in [("5:added", &v4), ("6:added6", &v6), ("7:dropped", &v4), ("8:dropped6", &v6)] {
        let payload = [format!("d{key}{}:", list.len()).as_bytes(), list, b"e"].concat();
        assert_eq!(PexMessage::parse(&payload), Some(PexMessage::default()), "{key}");
    }
}

/// An address of IPv4 that is written as one of IPv6 is the same address.
#[test]
fn mapped_addresses_are_what_they_are() {
    let mapped: SocketAddr = "[::ffff:192.0.2.1]:6881".parse().unwrap();
    let plain: SocketAddr = "192.0.2.1:6881".parse().unwrap();
    let payload = [b"d6:added618:", compact([mapped].iter()).as_slice(), b"e"].concat();
    assert_eq!(PexMessage::parse(&payload).unwrap().added, [plain]);
    assert_eq!(
        PexMessage { added: vec![mapped], ..PexMessage::default() }.encode(),
        PexMessage { added: vec![plain], ..PexMessage::default() }.encode()
    );
    let payload = [b"d6:yourip16:", &compact([mapped].iter())[..16], b"e"].concat();
    assert_eq!(ExtendedHandshake::parse(&payload).unwrap().your_ip, Some(plain.ip()));
}

#[test]
fn peer_exchange_is_bounded() {
    let many: Vec<SocketAddr> = (1..=1000).map(|port| SocketAddr::new([192, 0, 2, 1].into(), port)).collect();
    let told = PexMessage { added: many.clone(), dropped: Vec::new() }.encode();
    assert_eq!(PexMessage::parse(&told).unwrap().added, many[..MAX_PEX_ADDRESSES]);
    let list = compact(many.iter());
    let payload = [format!("d5:added{}:", list.len()).as_bytes(), &list, b"e"].concat();
    assert_eq!(PexMessage::parse(&payload).unwrap().added, many[..MAX_PEX_ADDRESSES]);
    let many: Vec<SocketAddr> =
        many.iter().map(|peer| format!("[2001:db8::1]:{}", peer.port()).parse().unwrap()).collect();
    let told = PexMessage { added: Vec::new(), dropped: many.clone() }.encode();
    assert_eq!(PexMessage::parse(&told).unwrap().dropped, many[..MAX_PEX_ADDRESSES]);
    let list = compact(many.iter());
    let payload = [format!("d8:dropped6{}:", list.len()).as_bytes(), &list, b"e"].concat();
    assert_eq!(PexMessage::parse(&payload).unwrap().dropped, many[..MAX_PEX_ADDRESSES]);
    for broken in ["d5:added5:abcdee", "d6:added67:abcdefge", "d7:dropped1:ae", "le", ""] {
        assert_eq!(PexMessage::parse(broken.as_bytes()), None, "{broken}");
    }
    assert_eq!(PexMessage::parse(b"de"), Some(PexMessage::default()));
}

fn compact<'a>(addresses: impl Iterator<Item = &'a SocketAddr>) -> Vec<u8> {
    let mut out = Vec::new();
    for address in addresses {
        match address.ip() {
            IpAddr::V4(ip) => out.extend(ip.octets()),
            IpAddr::V6(ip) => out.extend(ip.octets()),
        }
        out.extend(address.port().to_be_bytes());
    }
    out
}
