//! Sources that never stall and never deliver in time: the reader must not wait for them while there is another.
use crate::support;

use bytes::Bytes;
use osp_swarm::{
    Block, Config, ConnId, Demand, Engine, Event, FetchId, PeerKind, PieceIndex, Playhead, Reason, Verdict,
    WebSeed, WebSeedId, wire::Message,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};
use support::*;

const DRIP: WebSeedId = WebSeedId(0);
const QUICK: WebSeedId = WebSeedId(1);
/// How often the slow one sends, and how much: 5 kB/s.
const STEP: f64 = 0.1;
const DROP: usize = 500;

/// An engine with a reader at the first byte and a mirror that drips, and what the mirror is asked for.
struct Bench {
    engine: Engine,
    open: BTreeMap<FetchId, Range<u64>>,
    verified: u32,
}

impl Bench {
    fn new() -> Self {
        let mut engine = leech(Config::default());
        let head = Playhead { position: 0, rate: 40_000, buffered: Duration::from_secs(1), end: u64::MAX };
        engine.set_demand(Demand::Windows, at(0.0));
        engine.set_playheads(&[head], at(0.0));
        let mirror = WebSeed { align: 1, parallel: 2, free: false };
        engine.add_web_seed(DRIP, mirror, at(0.0));
        Self { engine, open: BTreeMap::new(), verified: 0 }
    }

    /// Does what the engine says; the quick mirror answers at once.
    fn work(&mut self, now: f64) {
        while let Some(event) = self.engine.poll_event() {
            match event {
                Event::Fetch { seed: DRIP, fetch, range } => {
                    self.open.insert(fetch, range);
                }
                Event::Fetch { seed, fetch, range } => {
                    let bytes = vec![7; (range.end - range.start) as usize];
                    self.engine.fetched(seed, fetch, bytes.into(), at(now));
                    self.engine.fetch_ended(seed, fetch, Ok(()), at(now));
                }
                Event::CancelFetch { fetch, .. } => drop(self.open.remove(&fetch)),
                Event::Check(piece) => {
                    self.engine.checked(piece, Verdict::Good, at(now));
                    self.verified += u32::from(piece.0 == 0);
                }
                _ => {}
            }
        }
    }

    fn drip(&mut self, now: f64) {
        for fetch in self.open.keys().copied().collect::<Vec<_>>() {
            self.engine.fetched(DRIP, fetch, Bytes::from(vec![7; DROP]), at(now));
        }
        self.engine.handle_timeout(at(now));
    }
}

#[test]
fn a_mirror_that_drips_is_hedged_by_another_mirror() {
    let mut bench = Bench::new();
    bench.work(0.0);
    let mirror = WebSeed { align: 1, parallel: 2, free: false };
    bench.engine.add_web_seed(QUICK, mirror, at(0.0));
    let mut now = 0.0;
    while now < 5.0 && bench.verified == 0 {
        now += STEP;
        bench.drip(now);
        bench.work(now);
    }
    assert_eq!(bench.verified, 1, "the first piece takes 13 s at the rate of the slow one");
}

#[test]
fn a_mirror_that_drips_is_hedged_by_a_peer_even_when_the_deadline_is_over() {
    let mut bench = Bench::new();
    bench.work(0.0);
    let mut now = 0.0;
    while now < 2.0 {
        now += STEP;
        bench.drip(now);
        bench.work(now);
    }
    let mut hand = Hand::shake(&mut bench.engine, CONN, PeerKind::Tcp, true, at(now));
    hand.say(&mut bench.engine, &[Message::HaveAll, Message::Unchoke], at(now));
    while now < 7.0 && bench.verified == 0 {
        now += STEP;
        bench.drip(now);
        for message in hand.hear_ordinary(&mut bench.engine, at(now)) {
            if let Message::Request(Block { piece, begin, len }) = message {
                let data = Bytes::from(vec![7; len as usize]);
                hand.say(&mut bench.engine, &[Message::Piece { piece, begin, data }], at(now));
            }
        }
        bench.work(now);
    }
    assert_eq!(bench.verified, 1, "the peer has it and is quick");
}

/// A peer that answers as it is told to.
fn answer(engine: &mut Engine, hand: &Hand, block: Block, now: f64) {
    let Block { piece, begin, len } = block;
    let data = Bytes::from(vec![7; len as usize]);
    hand.say(engine, &[Message::Piece { piece, begin, data }], at(now));
}

fn requests(engine: &mut Engine, hand: &mut Hand, now: f64) -> Vec<Block> {
    let request = |message| if let Message::Request(block) = message { Some(block) } else { None };
    hand.hear(engine, at(now)).into_iter().filter_map(request).collect()
}

#[test]
fn a_piece_that_one_alone_may_send_is_helped_out_when_that_one_drips() {
    let mut engine = leech(Config::default());
    let head = Playhead { position: 0, rate: 40_000, buffered: Duration::from_secs(2), end: PIECE as u64 };
    engine.set_demand(Demand::Windows, at(0.0));
    engine.set_playheads(&[head], at(0.0));
    let everything = Message::Bitfield(Bytes::from_static(&[0xff, 0xc0]));
    let mut hands: Vec<Hand> = Vec::new();
    for conn in [1, 2] {
        let mut hand = Hand::shake(&mut engine, ConnId(conn), PeerKind::Tcp, false, at(0.0));
        hand.say(&mut engine, &[everything.clone(), Message::Unchoke], at(0.0));
        // Half of the piece from each.
        for block in requests(&mut engine, &mut hand, 0.1).into_iter().take(2) {
            answer(&mut engine, &hand, block, 0.1);
        }
        hand.say(&mut engine, &[Message::Choke], at(0.1));
        hands.push(hand);
    }
    let mut bad = 0;
    while let Some(event) = engine.poll_event() {
        if let Event::Check(piece) = event {
            engine.checked(piece, Verdict::Bad, at(0.2));
            bad += 1;
        }
    }
    assert_eq!(bad, 1, "it came from both");
    let (mut now, mut good, mut dripper, mut owed) = (0.2, false, None, Vec::new());
    for hand in &hands {
        hand.say(&mut engine, &[Message::Unchoke], at(now));
    }
    let mut drop_at = 0.0;
    while now < 6.0 && !good {
        now += 0.05;
        engine.handle_timeout(at(now));
        for (index, hand) in hands.iter_mut().enumerate() {
            for block in requests(&mut engine, hand, now) {
                // Whoever is chosen first, drips: all of it takes 8 s.
                if *dripper.get_or_insert(index) == index {
                    owed.push((index, block));
                } else {
                    answer(&mut engine, hand, block, now);
                }
            }
        }
        if !owed.is_empty() && now >= drop_at + 2.0 {
            let (index, block) = owed.remove(0);
            answer(&mut engine, &hands[index], block, now);
            drop_at = now;
        }
        while let Some(event) = engine.poll_event() {
            if let Event::Check(piece) = event {
                engine.checked(piece, Verdict::Good, at(now));
                good = true;
            }
        }
    }
    assert!(dripper.is_some() && good, "the other one has it and is quick");
}

#[test]
fn a_late_block_that_enough_were_asked_for_does_not_stand_before_the_others() {
    let mut engine = leech(Config::default());
    let head = Playhead { position: 0, rate: 40_000, buffered: Duration::from_secs(1), end: u64::MAX };
    engine.set_demand(Demand::Windows, at(0.0));
    engine.set_playheads(&[head], at(0.0));
    // Three peers that promise and say nothing more, and a mirror that does the same.
    for conn in 1..=3 {
        let hand = Hand::shake(&mut engine, ConnId(conn), PeerKind::Tcp, true, at(0.0));
        hand.say(&mut engine, &[Message::HaveAll, Message::Unchoke], at(0.0));
    }
    let one = WebSeed { align: 1, parallel: 1, free: false };
    pass(&mut engine, 0.0, 0.6);
    engine.add_web_seed(DRIP, one, at(0.6));
    pass(&mut engine, 0.6, 1.2);
    while engine.poll_event().is_some() {}
    engine.add_web_seed(QUICK, one, at(1.2));
    pass(&mut engine, 1.2, 1.5);
    let mut asked = false;
    while let Some(event) = engine.poll_event() {
        asked |= matches!(event, Event::Fetch { seed: QUICK, .. });
    }
    assert!(asked, "there is enough that it can bring");
}

/// What is proven by the leaves of a DAG alone: four pieces together.
#[test]
fn of_those_who_sent_parts_of_a_bad_leaf_only_the_liar_is_dropped() {
    for (liar, bad) in [(0, 2), (1, 2), (0, 0), (1, 3), (2, 1)] {
        // Short ranges, so that a leaf is of several.
        let config = Config { download_limit: Some(65_536), ..Config::default() };
        let mut engine = Engine::new(config, infohash(), osp_swarm::PeerId([1; 20]), 5, at(0.0));
        engine.set_geometry(osp_swarm::Geometry::of(&info()).unwrap(), at(0.0));
        for seed in 0..3 {
            engine.add_web_seed(WebSeedId(seed), WebSeed { align: 1, parallel: 1, free: false }, at(0.0));
        }
        let (mut now, mut held, mut false_ones) = (0.0, BTreeSet::new(), BTreeSet::new());
        let (mut dropped, mut done, mut failed) = (Vec::new(), false, 0);
        while now < 120.0 && !done {
            now += 0.1;
            engine.handle_timeout(at(now));
            while let Some(event) = engine.poll_event() {
                match event {
                    Event::Fetch { seed, fetch, range } => {
                        let bytes: Vec<u8> = (range.start..range.end)
                            .map(
                                |place| if seed.0 == liar && place / PIECE as u64 % 4 == bad { 8 } else { 7 },
                            )
                            .collect();
                        engine.fetched(seed, fetch, bytes.into(), at(now));
                        engine.fetch_ended(seed, fetch, Ok(()), at(now));
                    }
                    Event::Block { block, data, .. } if data.iter().any(|byte| *byte != 7) => {
                        false_ones.insert(block.piece);
                    }
                    Event::Check(piece) => drop(held.insert(piece)),
                    Event::DropWebSeed { seed, reason } => {
                        assert!(matches!(reason, Reason::BadPiece(_)));
                        dropped.push(seed.0);
                    }
                    Event::Complete => done = true,
                    _ => {}
                }
                let first = |piece: &PieceIndex| PieceIndex(piece.0 / 4 * 4);
                for leaf in held.iter().map(first).collect::<BTreeSet<PieceIndex>>() {
                    let pieces: Vec<PieceIndex> = (leaf.0..(leaf.0 + 4).min(10)).map(PieceIndex).collect();
                    if !pieces.iter().all(|piece| held.contains(piece)) {
                        continue;
                    }
                    let spoilt = pieces.iter().any(|piece| false_ones.contains(piece));
                    failed += u32::from(spoilt);
                    let count = pieces.len() as u32;
                    let verdict =
                        if spoilt { Verdict::BadAmong { first: leaf, count } } else { Verdict::Good };
                    for piece in pieces {
                        held.remove(&piece);
                        false_ones.remove(&piece);
                        engine.checked(piece, verdict, at(now));
                    }
                }
            }
        }
        assert!(done, "liar {liar}, piece {bad}: {dropped:?}, {failed} bad leaves");
        if failed > 0 {
            assert_eq!(dropped, [liar], "liar {liar}, piece {bad}");
        }
        assert!(failed < 8, "{failed} bad leaves");
    }
}
