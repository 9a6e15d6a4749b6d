//! One hostile peer, message by message: what it costs, and what ends it.
use crate::support;

use bytes::Bytes;
use osp_swarm::{
    Bitfield, Block, Config, ConnId, Event, PeerId, PeerKind, PieceIndex, Reason, Refused, Verdict,
    wire::{Handshake, Message},
};
use support::*;

fn block(piece: u32, index: u32) -> Block {
    Block { piece: PieceIndex(piece), begin: index * 16_384, len: 16_384 }
}

fn data(block: Block, byte: u8) -> Message {
    Message::Piece {
        piece: block.piece,
        begin: block.begin,
        data: Bytes::from(vec![byte; block.len as usize]),
    }
}

#[test]
fn floods_without_effect_end_the_connection() {
    let floods = [
        Message::KeepAlive,
        Message::Unknown(77),
        Message::Unchoke,
        Message::NotInterested,
        Message::Suggest(PieceIndex(1)),
        Message::AllowedFast(PieceIndex(1)),
        Message::Cancel(block(0, 0)),
        Message::Reject(block(0, 0)),
        Message::Extended { id: 99, payload: Bytes::new() },
        Message::Extended { id: 0, payload: Bytes::from_static(b"de") },
        Message::Request(block(0, 0)),
        Message::HaveNone,
    ];
    for flood in floods {
        let mut engine = seed(Config::default());
        let hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
        for _ in 0..30 {
            hand.say(&mut engine, &vec![flood.clone(); 100], at(1.0));
            assert!(engine.load().within_bounds(), "{flood:?}");
        }
        let reasons = closed(&mut engine);
        assert!(matches!(reasons.as_slice(), [Reason::Protocol(_)]), "{flood:?}: {reasons:?}");
    }
}

#[test]
fn broken_words_end_the_connection() {
    let too_long = Block { piece: PieceIndex(0), begin: 0, len: 131_073 };
    let outside = Block { piece: PieceIndex(9), begin: 65_536, len: 1 };
    let nowhere = Block { piece: PieceIndex(u32::MAX), begin: u32::MAX, len: u32::MAX };
    let broken = [
        Message::Request(too_long),
        Message::Request(outside),
        Message::Request(nowhere),
        Message::Have(PieceIndex(10)),
        Message::Bitfield(Bytes::from_static(&[0; 3])),
        Message::Bitfield(Bytes::from_static(&[0xff, 0xff])),
        data(Block { piece: PieceIndex(10), begin: 0, len: 16_384 }, 7),
        Message::Extended { id: 0, payload: Bytes::from_static(b"i1e") },
    ];
    for message in broken {
        let mut engine = leech(Config::default());
        let hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
        hand.say(&mut engine, std::slice::from_ref(&message), at(0.1));
        let reasons = closed(&mut engine);
        assert!(matches!(reasons.as_slice(), [Reason::Protocol(_)]), "{message:?}: {reasons:?}");
    }
}

#[test]
fn a_queue_of_requests_is_bounded_and_the_rest_refused() {
    let mut engine = seed(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Interested], at(0.0));
    hand.hear(&mut engine, at(0.0));
    let requests: Vec<Message> = (0..1000)
        .map(|n| Message::Request(Block { piece: PieceIndex(n % 10), begin: n, len: 16_384 }))
        .collect();
    hand.say(&mut engine, &requests, at(0.1));
    assert_eq!(engine.load().queued_uploads, 512);
    let said = hand.hear_ordinary(&mut engine, at(0.1));
    assert_eq!(said.iter().filter(|message| matches!(message, Message::Reject(_))).count(), 488);
    assert_eq!(said.iter().filter(|message| matches!(message, Message::Piece { .. })).count(), 512);
}

#[test]
fn blocks_that_nobody_asked_for_are_not_kept() {
    let mut engine = leech(Config::default());
    let hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    for n in 0..100 {
        hand.say(&mut engine, &[data(block(n % 10, n % 4), 7)], at(0.1));
    }
    let mut reasons = Vec::new();
    while let Some(event) = engine.poll_event() {
        match event {
            Event::Block { .. } => panic!("a block was kept"),
            Event::Close { reason, .. } => reasons.push(reason),
            _ => {}
        }
    }
    assert!(matches!(reasons.as_slice(), [Reason::Protocol(_)]), "{reasons:?}");
}

#[test]
fn a_single_sender_of_a_bad_piece_is_named_and_banned_and_a_lost_one_blames_nobody() {
    let mut engine = leech(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveAll, Message::Unchoke], at(0.0));
    let mut answer = |engine: &mut osp_swarm::Engine, now, verdict| {
        let mut checks = Vec::new();
        for message in hand.hear_ordinary(engine, now) {
            if let Message::Request(block) = message {
                hand.say(engine, &[data(block, 8)], now);
            }
        }
        while let Some(event) = engine.poll_event() {
            match event {
                Event::Check(piece) => checks.push(piece),
                Event::Close { .. } => panic!("it was closed before anything was checked"),
                _ => {}
            }
        }
        if let Some(piece) = checks.first() {
            engine.checked(*piece, verdict, now);
        }
        checks.len()
    };
    assert!(answer(&mut engine, at(0.1), Verdict::Lost) > 0);
    assert!(closed(&mut engine).is_empty(), "nobody's fault but ours");
    pass(&mut engine, 0.1, 5.0);
    assert!(answer(&mut engine, at(5.0), Verdict::Bad) > 0, "it was asked again after a pause");
    let reasons = closed(&mut engine);
    assert!(matches!(reasons.as_slice(), [Reason::BadPiece(_)]), "{reasons:?}");
    assert_eq!(engine.pieces().unwrap().count(), 0);
    let info = || peer_info(PeerKind::Tcp);
    assert_eq!(engine.add_peer(ConnId(2), info(), None, at(6.0)), Err(Refused::Banned), "by its address");
    let mut name = [b'h'; 20];
    name[12..].copy_from_slice(&CONN.0.to_be_bytes());
    let again = Handshake::ours(infohash(), PeerId(name));
    let elsewhere = osp_swarm::PeerInfo { address: None, ..info() };
    let refused = engine.add_peer(ConnId(3), elsewhere, Some(again), at(6.0));
    assert_eq!(refused, Err(Refused::Banned), "by its name");
}

#[test]
fn who_is_silent_for_two_minutes_is_gone_and_we_are_not_silent_ourselves() {
    let mut engine = leech(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone], at(0.0));
    hand.hear(&mut engine, at(0.0));
    pass(&mut engine, 0.0, 58.0);
    assert!(hand.hear(&mut engine, at(58.0)).contains(&Message::KeepAlive));
    pass(&mut engine, 58.0, 119.0);
    assert!(closed(&mut engine).is_empty());
    pass(&mut engine, 119.0, 122.0);
    assert_eq!(closed(&mut engine), [Reason::Silent]);
}

#[test]
fn a_connection_without_a_handshake_does_not_keep_its_place() {
    let mut engine = leech(Config::default());
    engine.add_peer(CONN, peer_info(PeerKind::Tcp), None, at(0.0)).unwrap();
    pass(&mut engine, 0.0, 22.0);
    assert_eq!(closed(&mut engine), [Reason::Silent]);
}

#[test]
fn we_do_not_talk_to_ourselves_nor_of_another_torrent_nor_twice_to_the_same() {
    let mut engine = leech(Config::default());
    let ourselves = Handshake::ours(infohash(), PeerId(*b"-OS0001-engineengine"));
    let other = Handshake::ours(osp_swarm::InfoHash([9; 20]), PeerId([1; 20]));
    let info = || peer_info(PeerKind::Tcp);
    assert_eq!(engine.add_peer(ConnId(1), info(), Some(ourselves), at(0.0)), Err(Refused::Ourselves));
    assert_eq!(engine.add_peer(ConnId(2), info(), Some(other), at(0.0)), Err(Refused::OtherTorrent));
    let same = Handshake::ours(infohash(), PeerId([1; 20]));
    assert_eq!(engine.add_peer(ConnId(3), info(), Some(same), at(0.0)), Ok(()));
    assert_eq!(engine.add_peer(ConnId(4), info(), Some(same), at(0.0)), Err(Refused::Duplicate));
    engine.add_peer(ConnId(5), info(), None, at(0.0)).unwrap();
    engine.received(ConnId(5), Bytes::copy_from_slice(&same.encode()), at(0.0));
    assert_eq!(closed(&mut engine), [Reason::Refused(Refused::Duplicate)]);
}

#[test]
fn two_who_have_everything_part() {
    let mut engine = seed(Config::default());
    let hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveAll], at(0.0));
    pass(&mut engine, 0.0, 32.0);
    assert_eq!(closed(&mut engine), [Reason::Useless]);
}

#[test]
fn what_is_there_is_said_as_it_comes() {
    let mut engine = leech(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone], at(0.0));
    assert_eq!(hand.hear_ordinary(&mut engine, at(0.0)), [Message::HaveNone]);
    let mut some = Bitfield::none(10);
    some.set(PieceIndex(2));
    engine.add_pieces(&some, at(0.1));
    some.set(PieceIndex(5));
    engine.add_pieces(&some, at(0.1));
    let said = hand.hear_ordinary(&mut engine, at(0.2));
    assert_eq!(said, [Message::Have(PieceIndex(2)), Message::Have(PieceIndex(5))]);
}

#[test]
fn asking_and_cancelling_without_reading_the_answers_ends_the_connection() {
    let mut engine = seed(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Interested], at(0.0));
    hand.hear(&mut engine, at(0.0));
    // Each pair is accepted and has an effect; what piles up is the answer to the cancel.
    let pair = [Message::Request(block(0, 0)), Message::Cancel(block(0, 0))];
    let pairs: Vec<Message> = pair.into_iter().cycle().take(1000).collect();
    for _ in 0..200 {
        hand.say(&mut engine, &pairs, at(0.1));
        assert!(engine.load().within_bounds(), "{:?}", engine.load());
    }
    let reasons = closed(&mut engine);
    assert!(matches!(reasons.as_slice(), [Reason::Protocol(_)]), "{reasons:?}");
}

#[test]
fn a_slow_drip_of_refused_requests_does_not_pile_answers_up() {
    let mut engine = seed(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    let hello = Message::Extended { id: 0, payload: Bytes::from_static(b"d1:md11:ut_metadatai3eee") };
    hand.say(&mut engine, &[Message::HaveNone, hello], at(0.0));
    hand.hear(&mut engine, at(0.0));
    let ours = osp_swarm::wire::extension::UT_METADATA;
    let ask = osp_swarm::wire::extension::MetadataMessage::Request { part: 99 }.encode();
    let ask = Message::Extended { id: ours, payload: ask.into() };
    // Below the rate of messages without effect that is borne.
    for second in 1..400 {
        hand.say(&mut engine, &vec![ask.clone(); 90], at(f64::from(second)));
        assert!(engine.load().within_bounds(), "after {second} s: {:?}", engine.load());
    }
}

#[test]
fn a_handshake_that_drips_does_not_keep_its_place() {
    let mut engine = seed(Config::default());
    engine.add_peer(CONN, peer_info(PeerKind::Tcp), None, at(0.0)).unwrap();
    for second in 1..60 {
        engine.received(CONN, Bytes::from_static(&[19]), at(f64::from(second)));
        pass(&mut engine, f64::from(second), f64::from(second) + 0.9);
    }
    assert!(!closed(&mut engine).is_empty(), "a byte a second is no handshake");
}
