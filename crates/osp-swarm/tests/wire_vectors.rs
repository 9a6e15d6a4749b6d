//! Bytes that others make: webtorrent's packages (tests/vectors) and the examples of the BEPs.
use bytes::Bytes;
use osp_swarm::{
    Block, InfoHash, PeerId, PieceIndex,
    wire::{
        Decoder, Handshake, Message,
        extension::{ExtendedHandshake, MetadataMessage, PexMessage},
        message::piece_header,
    },
};
use std::collections::BTreeMap;

fn recorded() -> BTreeMap<&'static str, Vec<u8>> {
    include_str!("vectors/webtorrent-wire.txt")
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, hex)| {
            let (digits, []) = hex.as_bytes().as_chunks::<2>() else { panic!("{name}: odd digits") };
            let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            (name, digits.iter().map(byte).collect())
        })
        .collect()
}

fn decode(bytes: &[u8]) -> Message {
    let mut decoder = Decoder::new();
    decoder.push(Bytes::copy_from_slice(bytes));
    let message = decoder.next().unwrap().unwrap();
    assert_eq!(decoder.next(), Ok(None), "one frame");
    message
}

fn extended(bytes: &[u8]) -> (u8, Bytes) {
    match decode(bytes) {
        Message::Extended { id, payload } => (id, payload),
        other => panic!("{other:?} is no extended message"),
    }
}

const BLOCK: Block = Block { piece: PieceIndex(3), begin: 16384, len: 16384 };

/// Each of webtorrent's messages reads as what was called there, and is what we write for it.
#[test]
fn webtorrents_messages_both_ways() {
    let data = Bytes::from_static(b"the bytes of the block");
    let messages = [
        ("keep-alive", Message::KeepAlive),
        ("choke", Message::Choke),
        ("unchoke", Message::Unchoke),
        ("interested", Message::Interested),
        ("not-interested", Message::NotInterested),
        ("have", Message::Have(PieceIndex(258))),
        ("bitfield", Message::Bitfield(Bytes::from_static(&[0xff, 0xa5, 0x80]))),
        ("request", Message::Request(BLOCK)),
        ("piece", Message::Piece { piece: PieceIndex(3), begin: 16384, data: data.clone() }),
        ("cancel", Message::Cancel(BLOCK)),
        ("port", Message::Port(6881)),
        ("suggest", Message::Suggest(PieceIndex(7))),
        ("have-all", Message::HaveAll),
        ("have-none", Message::HaveNone),
        ("reject", Message::Reject(BLOCK)),
        ("allowed-fast", Message::AllowedFast(PieceIndex(9))),
    ];
    let recorded = recorded();
    for (name, message) in messages {
        assert_eq!(decode(&recorded[name]), message, "{name}");
        let mut out = Vec::new();
        message.encode(&mut out);
        assert_eq!(out, recorded[name], "{name}");
    }
    let header = piece_header(Block { len: data.len() as u32, ..BLOCK });
    assert_eq!([&header[..], &data].concat(), recorded["piece"]);
}

#[test]
fn webtorrents_handshakes() {
    let recorded = recorded();
    let infohash = InfoHash(std::array::from_fn(|i| i as u8 + 1));
    let peer_id = PeerId(*b"-WW0300-abcdefghijkl");
    let handshake = Handshake::parse(recorded["handshake"].first_chunk().unwrap()).unwrap();
    assert_eq!(handshake, Handshake::ours(infohash, peer_id), "it speaks the same extensions as we");
    assert!(handshake.fast() && handshake.extended());
    assert_eq!(handshake.encode().as_slice(), recorded["handshake"]);

    let dht = Handshake::parse(recorded["handshake-dht"].first_chunk().unwrap()).unwrap();
    assert!(!dht.fast() && dht.extended());
    assert_eq!(dht.encode().as_slice(), recorded["handshake-dht"], "unknown bits are kept");

    let mut other = handshake.encode();
    other[19] ^= 1;
    assert_eq!(Handshake::parse(&other), None);
}

#[test]
fn webtorrents_extended_handshake() {
    let recorded = recorded();
    let (id, payload) = extended(&recorded["extended-handshake"]);
    let handshake = ExtendedHandshake {
        ut_metadata: Some(1),
        ut_pex: Some(2),
        metadata_size: Some(16400),
        client: Some("WebTorrent 3.0.21".to_owned()),
        port: Some(6881),
        your_ip: Some([192, 0, 2, 7].into()),
        ..ExtendedHandshake::default()
    };
    assert_eq!(id, 0);
    assert_eq!(ExtendedHandshake::parse(&payload), Some(handshake.clone()));
    assert_eq!(handshake.encode(), payload);
}

#[test]
fn webtorrents_metadata_messages() {
    let recorded = recorded();
    let data = Bytes::from_static(b"mmmmmmmmmmmmmmme");
    for (name, message) in [
        ("metadata-request", MetadataMessage::Request { part: 1 }),
        ("metadata-data", MetadataMessage::Data { part: 1, total: 16400, data }),
        ("metadata-reject", MetadataMessage::Reject { part: 5 }),
    ] {
        let (_, payload) = extended(&recorded[name]);
        assert_eq!(MetadataMessage::parse(&payload), Ok(Some(message.clone())), "{name}");
        assert_eq!(message.encode(), payload, "{name}");
    }
}

#[test]
fn webtorrents_peer_exchange() {
    let (_, payload) = extended(&recorded()["pex"]);
    let pex = PexMessage::parse(&payload).unwrap();
    let addresses = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    assert_eq!(pex.added, addresses(&["192.0.2.1:6881", "198.51.100.2:80", "[2001:db8::1]:6881"]));
    assert_eq!(pex.dropped, addresses(&["192.0.2.9:1", "[2001:db8::9]:2"]));
    // Ours differs in the flags alone, of which we know none.
    let theirs = String::from_utf8_lossy(&payload).replace("2:\x04\0", "2:\0\0");
    assert_eq!(String::from_utf8_lossy(&pex.encode()), theirs);
}

/// The examples in the text of BEP 9 and BEP 10.
#[test]
fn examples_of_the_standards() {
    for (text, message) in [
        ("d8:msg_typei0e5:piecei0ee", MetadataMessage::Request { part: 0 }),
        ("d8:msg_typei2e5:piecei0ee", MetadataMessage::Reject { part: 0 }),
        (
            "d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxxxxxx",
            MetadataMessage::Data { part: 0, total: 34256, data: Bytes::from_static(b"xxxxxxxx") },
        ),
    ] {
        assert_eq!(MetadataMessage::parse(&Bytes::from_static(text.as_bytes())), Ok(Some(message)), "{text}");
    }
    let example = b"d1:md11:LT_metadatai1e6:\xb5T_PEXi2ee1:pi6881e1:v13:\xc2\xb5Torrent 1.2e";
    let expected = ExtendedHandshake {
        port: Some(6881),
        client: Some("\u{b5}Torrent 1.2".to_owned()),
        ..ExtendedHandshake::default()
    };
    assert_eq!(ExtendedHandshake::parse(example), Some(expected));
}
