//! What is said before the other side has spoken. A webtorrent page that is unchoked before it has sent its first
//! ordinary message never asks for anything.
use crate::support;

use bytes::Bytes;
use osp_swarm::{
    Bitfield, Block, Config, PeerKind, PieceIndex,
    wire::{Message, extension::ExtendedHandshake},
};
use support::*;

fn extended_hello() -> Message {
    Message::Extended { id: 0, payload: Bytes::from(ExtendedHandshake::default().encode()) }
}

#[test]
fn to_a_silent_browser_nothing_but_what_we_have_is_said() {
    let mut engine = seed(Config::default());
    let mut page = Hand::shake(&mut engine, CONN, PeerKind::WebRtc, true, at(0.0));
    page.say(&mut engine, &[extended_hello(), Message::KeepAlive], at(0.0));
    assert_eq!(page.hear_ordinary(&mut engine, at(0.0)), [Message::HaveAll]);
    pass(&mut engine, 0.0, 60.0);
    assert!(page.hear_ordinary(&mut engine, at(60.0)).is_empty());
    page.say(
        &mut engine,
        &[Message::Bitfield(Bytes::copy_from_slice(Bitfield::none(10).as_bytes()))],
        at(60.0),
    );
    let said = page.hear_ordinary(&mut engine, at(60.0));
    assert!(!said.contains(&Message::Unchoke), "it has not asked for an unchoke: {said:?}");
    page.say(&mut engine, &[Message::Interested], at(60.1));
    assert_eq!(page.hear_ordinary(&mut engine, at(60.1)), [Message::Unchoke]);
}

#[test]
fn a_browser_that_shows_interest_first_is_unchoked_after_it() {
    let mut engine = seed(Config::default());
    let mut page = Hand::shake(&mut engine, CONN, PeerKind::WebRtc, false, at(0.0));
    let said = page.hear_ordinary(&mut engine, at(0.0));
    assert_eq!(said, [Message::Bitfield(Bytes::copy_from_slice(Bitfield::all(10).as_bytes()))]);
    page.say(&mut engine, &[Message::Interested], at(0.0));
    assert_eq!(page.hear_ordinary(&mut engine, at(0.0)), [Message::Unchoke]);
}

#[test]
fn news_waits_for_two_seconds_where_a_peer_has_no_way_to_say_that_it_has_nothing() {
    let mut engine = leech(Config::default());
    let mut old = Hand::shake(&mut engine, CONN, PeerKind::Tcp, false, at(0.0));
    assert!(old.hear_ordinary(&mut engine, at(0.0)).is_empty(), "neither side has anything");
    let mut one = Bitfield::none(10);
    one.set(PieceIndex(4));
    engine.add_pieces(&one, at(0.1));
    assert!(old.hear_ordinary(&mut engine, at(0.1)).is_empty());
    pass(&mut engine, 0.1, 3.2);
    assert_eq!(old.hear_ordinary(&mut engine, at(3.2)), [Message::Have(PieceIndex(4))]);
}

#[test]
fn fast_peers_are_told_which_pieces_they_may_take_although_they_are_choked() {
    let mut engine = seed(Config { upload_slots: 0, ..Config::default() });
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Interested], at(0.0));
    let said = hand.hear_ordinary(&mut engine, at(0.0));
    let allowed: Vec<PieceIndex> = said
        .iter()
        .filter_map(|m| if let Message::AllowedFast(piece) = m { Some(*piece) } else { None })
        .collect();
    assert_eq!(allowed.len(), 10, "{said:?}");
    assert!(!said.contains(&Message::Unchoke));
    let block = |piece| Block { piece, begin: 0, len: 16_384 };
    hand.say(&mut engine, &[Message::Request(block(allowed[0]))], at(0.1));
    let given = hand.hear_ordinary(&mut engine, at(0.1));
    assert!(matches!(given.as_slice(), [Message::Piece { piece, begin: 0, .. }] if *piece == allowed[0]));
}

#[test]
fn a_choke_refuses_every_waiting_request_by_name() {
    let mut engine = seed(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::WebRtc, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Interested], at(0.0));
    hand.hear(&mut engine, at(0.0));
    let block = Block { piece: PieceIndex(1), begin: 0, len: 16_384 };
    hand.say(&mut engine, &[Message::Request(block)], at(0.1));
    engine.set_config(Config { upload: false, ..Config::default() }, at(0.2));
    let said = hand.hear_ordinary(&mut engine, at(0.2));
    let served = said.iter().any(|message| matches!(message, Message::Piece { .. }));
    let allowed_fast = served && !said.contains(&Message::Reject(block));
    assert!(said.contains(&Message::Choke));
    assert!(said.contains(&Message::Reject(block)) || allowed_fast, "{said:?}");
}

#[test]
fn a_cancelled_request_is_answered_but_not_served() {
    let mut engine = seed(Config::default());
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Tcp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Interested], at(0.0));
    hand.hear(&mut engine, at(0.0));
    let block = Block { piece: PieceIndex(1), begin: 0, len: 16_384 };
    hand.say(&mut engine, &[Message::Request(block), Message::Cancel(block)], at(0.1));
    assert_eq!(hand.hear_ordinary(&mut engine, at(0.1)), [Message::Reject(block)]);
}
