//! Whatever peers, web seeds and the driver do, in whatever order: no panic, and every bound holds.
use crate::support;

use bytes::Bytes;
use osp_swarm::{
    Block, Config, ConnId, Demand, Event, FetchFault, Geometry, PeerId, PeerKind, PieceIndex, Playhead, Time,
    Verdict, WebSeed, WebSeedId,
    wire::{Handshake, Message},
};
use proptest::prelude::*;
use std::time::Duration;
use support::*;

#[derive(Clone, Debug)]
enum Act {
    Meet(u8),
    Say(u8, Message),
    Answer(u8),
    Raw(u8, Vec<u8>),
    Gone(u8),
    Wait(u16),
    Verdict(Verdict),
    Bytes(u8, u32),
    FetchEnds(bool),
    Mirror(u8),
    NoMirror(u8),
    Read(u32, u16),
    Demand(Demand),
    Forget(u32),
    Info,
}

fn block() -> impl Strategy<Value = Block> {
    let len = prop_oneof![4 => Just(16_384u32), 1 => any::<u32>()];
    (0..12u32, 0..6u32, len).prop_map(|(piece, index, len)| Block {
        piece: PieceIndex(piece),
        begin: index * 16_384,
        len,
    })
}

fn message() -> impl Strategy<Value = Message> {
    let payload = || proptest::collection::vec(any::<u8>(), 0..40).prop_map(Bytes::from);
    prop_oneof![
        1 => Just(Message::KeepAlive),
        1 => Just(Message::Choke),
        3 => Just(Message::Unchoke),
        2 => Just(Message::Interested),
        1 => Just(Message::NotInterested),
        2 => Just(Message::HaveAll),
        1 => Just(Message::HaveNone),
        1 => (0..11u32).prop_map(|piece| Message::Have(PieceIndex(piece))),
        1 => (0..11u32).prop_map(|piece| Message::AllowedFast(PieceIndex(piece))),
        1 => Just(Message::Bitfield(Bytes::from_static(&[0xf0, 0x40]))),
        1 => payload().prop_map(Message::Bitfield),
        2 => block().prop_map(Message::Request),
        1 => block().prop_map(Message::Cancel),
        1 => block().prop_map(Message::Reject),
        1 => (any::<u8>(), payload()).prop_map(|(id, payload)| Message::Extended { id: id % 4, payload }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let who = || 0..5u8;
    prop_oneof![
        2 => who().prop_map(Act::Meet),
        6 => (who(), message()).prop_map(|(who, message)| Act::Say(who, message)),
        6 => who().prop_map(Act::Answer),
        1 => (who(), proptest::collection::vec(any::<u8>(), 0..40)).prop_map(|(who, raw)| Act::Raw(who, raw)),
        1 => who().prop_map(Act::Gone),
        4 => any::<u16>().prop_map(Act::Wait),
        3 => prop_oneof![3 => Just(Verdict::Good), 1 => Just(Verdict::Bad), 1 => Just(Verdict::Lost)].prop_map(Act::Verdict),
        4 => (any::<u8>(), 1..200_000u32).prop_map(|(which, len)| Act::Bytes(which, len)),
        2 => any::<bool>().prop_map(Act::FetchEnds),
        1 => (0..3u8).prop_map(Act::Mirror),
        1 => (0..3u8).prop_map(Act::NoMirror),
        2 => (0..700_000u32, any::<u16>()).prop_map(|(at, rate)| Act::Read(at, rate)),
        1 => prop_oneof![Just(Demand::Everything), Just(Demand::Windows), Just(Demand::Nothing)].prop_map(Act::Demand),
        1 => (0..11u32).prop_map(Act::Forget),
        1 => Just(Act::Info),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn no_order_of_events_panics_or_breaks_a_bound(
        acts in proptest::collection::vec(act(), 1..150), seed in any::<u64>(), known in any::<bool>(),
    ) {
        let mut engine = osp_swarm::Engine::new(Config::default(), infohash(), PeerId([9; 20]), seed, Time::ZERO);
        engine.set_geometry(Geometry::of(&info()).unwrap(), Time::ZERO);
        if known {
            engine.set_info(info(), Time::ZERO);
        }
        let mut now = Time::ZERO;
        let (mut next, mut conns) = (0u64, [ConnId(0); 5]);
        let mut asked: Vec<(ConnId, Block)> = Vec::new();
        let (mut checks, mut fetches) = (Vec::new(), Vec::new());
        let mut good = std::collections::BTreeSet::new();
        for act in acts {
            let conn = |who: u8| conns[usize::from(who)];
            match act {
                Act::Meet(who) => {
                    next += 1;
                    conns[usize::from(who)] = ConnId(next);
                    let mut name = [who; 20];
                    name[0] = next as u8;
                    if engine.add_peer(ConnId(next), peer_info(PeerKind::Tcp), None, now).is_ok() {
                        let words = Handshake::ours(infohash(), PeerId(name)).encode();
                        engine.received(ConnId(next), Bytes::copy_from_slice(&words), now);
                    }
                }
                Act::Say(who, message) => {
                    let mut out = Vec::new();
                    message.encode(&mut out);
                    engine.received(conn(who), out.into(), now);
                }
                Act::Answer(who) => {
                    let theirs: Vec<Block> =
                        asked.iter().filter(|(c, _)| *c == conn(who)).map(|(_, block)| *block).collect();
                    asked.retain(|(c, _)| *c != conn(who));
                    for block in theirs {
                        let data = Bytes::from(vec![7; block.len as usize]);
                        let mut out = Vec::new();
                        Message::Piece { piece: block.piece, begin: block.begin, data }.encode(&mut out);
                        engine.received(conn(who), out.into(), now);
                    }
                }
                Act::Raw(who, raw) => engine.received(conn(who), raw.into(), now),
                Act::Gone(who) => engine.closed(conn(who), now),
                Act::Wait(ms) => {
                    now = now + Duration::from_millis(u64::from(ms));
                    engine.handle_timeout(now);
                }
                Act::Verdict(verdict) => {
                    if let Some(piece) = checks.pop() {
                        if verdict == Verdict::Good {
                            good.insert(piece);
                        }
                        engine.checked(piece, verdict, now);
                    }
                }
                Act::Bytes(which, len) => {
                    if let Some((seed, fetch)) = fetches.get(usize::from(which) % fetches.len().max(1)) {
                        engine.fetched(*seed, *fetch, Bytes::from(vec![7; len as usize]), now);
                    }
                }
                Act::FetchEnds(well) => {
                    if let Some((seed, fetch)) = fetches.pop() {
                        let result = if well { Ok(()) } else { Err(FetchFault::Failed) };
                        engine.fetch_ended(seed, fetch, result, now);
                    }
                }
                Act::Mirror(id) => {
                    let align = [1, 65_536, 1000][usize::from(id)];
                    engine.add_web_seed(WebSeedId(u32::from(id)), WebSeed { align, parallel: 2, free: id == 2 }, now);
                }
                Act::NoMirror(id) => engine.remove_web_seed(WebSeedId(u32::from(id)), now),
                Act::Read(at, rate) => {
                    let head = Playhead {
                        position: u64::from(at),
                        rate: u32::from(rate),
                        buffered: Duration::from_millis(u64::from(rate % 3000)),
                        end: 650_000,
                    };
                    engine.set_playheads(&[head], now);
                }
                Act::Demand(demand) => engine.set_demand(demand, now),
                Act::Forget(piece) => {
                    good.remove(&PieceIndex(piece));
                    engine.forget_piece(PieceIndex(piece), now);
                }
                Act::Info => {
                    engine.set_info(info(), now);
                }
            }
            while let Some(event) = engine.poll_event() {
                match event {
                    Event::Check(piece) => checks.push(piece),
                    Event::Fetch { seed, fetch, range } => {
                        prop_assert!(range.end <= 655_360 && !range.is_empty());
                        fetches.push((seed, fetch));
                    }
                    _ => {}
                }
            }
            while let Some(conn) = engine.sendable() {
                let mut decoder = osp_swarm::wire::Decoder::new();
                while let Some(outgoing) = engine.poll_send(conn, now) {
                    if let osp_swarm::Outgoing::Bytes(mut bytes) = outgoing {
                        if bytes.starts_with(b"\x13Bit") {
                            bytes = bytes.slice(68..);
                        }
                        decoder.push(bytes);
                        while let Some(message) = decoder.next().unwrap() {
                            if let Message::Request(block) = message {
                                asked.push((conn, block));
                            }
                        }
                    }
                }
            }
            let load = engine.load();
            prop_assert!(load.within_bounds(), "{load:?}");
            let have = engine.pieces().unwrap();
            for piece in (0..10).map(PieceIndex).filter(|piece| have.has(*piece)) {
                prop_assert!(good.contains(&piece), "{piece:?} counts and was never found good");
            }
        }
    }
}
