//! Sources that never stall and never deliver in time: the reader must not wait for them while there is another.
#![allow(clippy::unwrap_used)]

mod support;

use bytes::Bytes;
use osp_swarm::{
    Block, Config, Demand, Engine, Event, FetchId, PeerKind, Playhead, Verdict, WebSeed, WebSeedId,
    wire::Message,
};
use std::{collections::BTreeMap, ops::Range, time::Duration};
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
