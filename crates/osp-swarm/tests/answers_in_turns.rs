//! A peer that answers in turns, as Transmission does over uTP: what it is asked for between two of them comes with the next
//! one, and at first it answered at once. The time between turns is no queue, and it is not asked for less because of it.
use crate::support;

use bytes::Bytes;
use osp_swarm::{Block, Config, Demand, Engine, Event, PeerKind, Verdict, wire::Message};
use support::*;

const TURN: f64 = 0.5;
/// Blocks of the file.
const BLOCKS: usize = 40;

/// What it is asked for now.
fn asked(engine: &mut Engine, hand: &mut Hand, now: f64) -> Vec<Block> {
    let heard = hand.hear_ordinary(engine, at(now)).into_iter();
    heard
        .filter_map(|message| if let Message::Request(block) = message { Some(block) } else { None })
        .collect()
}

fn answer(engine: &mut Engine, hand: &Hand, Block { piece, begin, len }: Block, now: f64) {
    let data = Bytes::from(vec![7; len as usize]);
    hand.say(engine, &[Message::Piece { piece, begin, data }], at(now));
    while let Some(event) = engine.poll_event() {
        if let Event::Check(piece) = event {
            engine.checked(piece, Verdict::Good, at(now));
        }
    }
}

#[test]
fn a_peer_that_answers_twice_a_second_is_asked_for_more_each_time() {
    let mut engine = leech(Config::default());
    engine.set_demand(Demand::Everything, at(0.0));
    let mut hand = Hand::shake(&mut engine, CONN, PeerKind::Utp, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveAll, Message::Unchoke], at(0.0));

    let mut now = 0.001;
    let first = asked(&mut engine, &mut hand, now);
    assert!(!first.is_empty());
    first.iter().for_each(|block| answer(&mut engine, &hand, *block, now));
    let mut came = first.len();
    let mut turns = 0;
    let mut waiting = asked(&mut engine, &mut hand, now);
    while came < BLOCKS {
        assert!(turns < 6, "{came} of {BLOCKS} blocks in {turns} turns");
        now += TURN;
        engine.handle_timeout(at(now));
        came += waiting.len();
        for block in std::mem::take(&mut waiting) {
            now += 0.0005;
            answer(&mut engine, &hand, block, now);
            // Asked for too late for this turn.
            waiting.extend(asked(&mut engine, &mut hand, now));
        }
        turns += 1;
    }
    assert_eq!(engine.pieces().unwrap().count(), 10);
}
