//! Messages written by js-libp2p, read and written as they are.

use bytes::Bytes;
use osp_p2p::{
    Multiaddr, PeerId,
    kad::{Connection, Kind, Message, Peer},
};

fn read(hex: &str) -> (Vec<u8>, Message) {
    let hex = hex.trim();
    let digits = (0..hex.len()).step_by(2);
    let bytes: Vec<u8> = digits.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    let message = Message::decode(bytes.clone().into()).unwrap();
    (bytes, message)
}

fn key() -> Bytes {
    [0x12, 0x20].into_iter().chain(0..32).collect()
}

fn peer(n: u8, addresses: &[&str], connection: Connection) -> Peer {
    let id = [&[0, 36, 8, 1, 18, 32][..], &[n; 32]].concat();
    let addresses = addresses.iter().map(|text| text.parse::<Multiaddr>().unwrap().to_vec().into());
    PeerId::from_bytes(&id).unwrap();
    Peer { id: id.into(), addresses: addresses.collect(), connection }
}

#[test]
fn messages_of_js_libp2p_are_read_and_written_byte_for_byte() {
    let none = Connection::None;
    let cases = [
        (include_str!("vectors/kad/js-find-node-question.hex"), Message::new(Kind::FindNode, key())),
        (
            include_str!("vectors/kad/js-find-node-answer.hex"),
            Message {
                closer: vec![
                    peer(1, &["/ip4/9.9.9.9/tcp/4001"], none),
                    peer(
                        2,
                        &["/ip4/9.9.9.8/udp/4001/quic-v1", "/dns4/example.org/tcp/443/wss"],
                        Connection::Connected,
                    ),
                ],
                ..Message::new(Kind::FindNode, key())
            },
        ),
        (
            include_str!("vectors/kad/js-get-providers-answer.hex"),
            Message {
                closer: vec![peer(1, &[], none)],
                providers: vec![peer(3, &["/ip6/2606:4700::1/tcp/4001"], none)],
                ..Message::new(Kind::GetProviders, key())
            },
        ),
        (
            include_str!("vectors/kad/js-add-provider.hex"),
            Message {
                providers: vec![peer(4, &["/ip4/9.9.9.9/tcp/4001"], none)],
                ..Message::new(Kind::AddProvider, key())
            },
        ),
        (include_str!("vectors/kad/js-ping.hex"), Message::new(Kind::Other(5), Bytes::new())),
    ];
    for (hex, expected) in cases {
        let (bytes, message) = read(hex);
        assert_eq!(message, expected);
        assert_eq!(message.encode(), bytes);
    }
}
