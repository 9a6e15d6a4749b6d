//! A listener who joins others: one HTTP source and browsers that are in the way. Whatever they do, the first bytes come
//! as soon as the source can give them.
use crate::support;

use bytes::Bytes;
use osp_swarm::{
    Bitfield, Block, Config, ConnId, Demand, Engine, Event, FetchFault, FetchId, PeerId, PeerKind,
    PieceIndex, Playhead, Verdict, WebSeed, WebSeedId, wire::Message,
};
use std::{collections::BTreeMap, ops::Range};
use support::*;

const HTTP: WebSeedId = WebSeedId(0);
const STEP: f64 = 0.01;

struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 ^ (self.0 >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) % end
    }
    fn seconds(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.below(1000) as f64 / 1000.0
    }
}

/// How the HTTP source answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Http {
    /// 1 MB/s.
    Fast,
    /// Half as fast again as the music plays, after up to a second.
    Slow,
    /// Fast, but its first answer never comes.
    Hangs,
    /// Fast, but its first answer ends in the middle of a block, without an end.
    Stops,
    /// Fast, but the first time it is not there at all.
    Fails,
}

/// What a browser does that has everything, or says so.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    /// Says nothing, not even a handshake.
    Mute,
    /// Says its handshake and no more.
    Shaken,
    Chokes,
    HasNothing,
    /// Takes requests and sends nothing.
    Owes,
    /// The same, and is gone after a while.
    Vanishes,
    /// Unchokes, and chokes again when it is asked.
    Teases,
    /// A block every two seconds.
    Drips,
}

const MANNERS: [Manner; 8] = [
    Manner::Mute,
    Manner::Shaken,
    Manner::Chokes,
    Manner::HasNothing,
    Manner::Owes,
    Manner::Vanishes,
    Manner::Teases,
    Manner::Drips,
];

struct Browser {
    manner: Manner,
    conn: ConnId,
    comes: f64,
    goes: f64,
    hand: Option<Hand>,
    greeted: bool,
    owes: Vec<Block>,
    sent: f64,
}

struct Answer {
    range: Range<u64>,
    from: f64,
    hangs_at: Option<u64>,
    fails: bool,
}

struct Storm {
    engine: Engine,
    http: Http,
    latency: f64,
    answers: BTreeMap<FetchId, Answer>,
    asked: u32,
    browsers: Vec<Browser>,
    first: Option<f64>,
}

impl Storm {
    fn new(seed: u64, http: Http) -> (Self, String) {
        let mut dice = Dice(seed);
        let mut engine =
            Engine::new(Config::default(), infohash(), PeerId(*b"-OS0001-engineengine"), seed, at(0.0));
        engine.set_geometry(osp_swarm::Geometry::of(&info()).unwrap(), at(0.0));
        let browsers: Vec<Browser> = (0..1 + dice.below(6))
            .map(|n| Browser {
                manner: MANNERS[dice.below(8) as usize],
                conn: ConnId(10 + n),
                comes: if dice.below(3) == 0 { 0.0 } else { dice.seconds(0.0, 2.0) },
                goes: dice.seconds(0.1, 6.0),
                hand: None,
                greeted: false,
                owes: Vec::new(),
                sent: 0.0,
            })
            .collect();
        let what = format!("seed {seed}: {:?}", browsers.iter().map(|b| b.manner).collect::<Vec<_>>());
        let latency = if http == Http::Slow { dice.seconds(0.1, 1.0) } else { dice.seconds(0.01, 0.2) };
        let storm = Self { engine, http, latency, answers: BTreeMap::new(), asked: 0, browsers, first: None };
        (storm, what)
    }

    /// Until the first piece is there, or 30 s are over.
    fn run(&mut self, seed: u64) -> f64 {
        let mut dice = Dice(seed ^ 77);
        let head = Playhead { position: 0, rate: 40_000, buffered: Default::default(), end: u64::MAX };
        let (info_at, plays_at, http_at) =
            (dice.seconds(0.0, 0.4), dice.seconds(0.0, 0.3), dice.seconds(0.0, 0.3));
        let demand = [Demand::Windows, Demand::Everything][dice.below(2) as usize];
        self.engine.set_demand(demand, at(0.0));
        let (mut now, mut told) = (0.0, [false; 3]);
        while now < 30.0 && self.first.is_none() {
            for (which, due) in [info_at, plays_at, http_at].into_iter().enumerate() {
                if now >= due && !std::mem::replace(&mut told[which], true) {
                    match which {
                        0 => assert!(self.engine.set_info(info(), at(now))),
                        1 => self.engine.set_playheads(&[head], at(now)),
                        _ => {
                            let seed = WebSeed { align: 1, parallel: 3, free: false };
                            self.engine.add_web_seed(HTTP, seed, at(now));
                        }
                    }
                }
            }
            for index in 0..self.browsers.len() {
                self.browse(index, now);
            }
            self.answer(now);
            if self.engine.poll_timeout().is_some_and(|due| due <= at(now)) {
                self.engine.handle_timeout(at(now));
            }
            self.obey(now);
            assert!(self.engine.load().within_bounds());
            now += STEP;
        }
        // Counted from when somebody wanted it and there was somebody to ask.
        self.first.unwrap_or(now) - plays_at.max(http_at).max(info_at)
    }

    fn browse(&mut self, index: usize, now: f64) {
        let (engine, browser) = (&mut self.engine, &mut self.browsers[index]);
        if now < browser.comes {
            return;
        }
        if browser.manner == Manner::Mute {
            if !std::mem::replace(&mut browser.greeted, true) {
                engine.add_peer(browser.conn, peer_info(PeerKind::WebRtc), None, at(now)).unwrap();
            }
            return;
        }
        if !browser.greeted {
            browser.greeted = true;
            let hand = Hand::shake(engine, browser.conn, PeerKind::WebRtc, true, at(now));
            match browser.manner {
                Manner::Shaken => {}
                Manner::Chokes => hand.say(engine, &[Message::HaveAll], at(now)),
                Manner::HasNothing => hand.say(engine, &[Message::HaveNone, Message::Unchoke], at(now)),
                _ => hand.say(engine, &[Message::HaveAll, Message::Unchoke], at(now)),
            }
            browser.hand = Some(hand);
        }
        let Some(hand) = &mut browser.hand else { return };
        for message in hand.hear_ordinary(engine, at(now)) {
            match message {
                Message::Request(block) => browser.owes.push(block),
                Message::Cancel(block) => browser.owes.retain(|owed| *owed != block),
                _ => {}
            }
        }
        if browser.owes.is_empty() {
            browser.sent = browser.sent.max(now);
            return;
        }
        match browser.manner {
            Manner::Teases => {
                let rejects: Vec<Message> = browser.owes.drain(..).map(Message::Reject).collect();
                hand.say(engine, &[Message::Choke], at(now));
                hand.say(engine, &rejects, at(now));
                hand.say(engine, &[Message::Unchoke], at(now));
            }
            Manner::Drips if now - browser.sent >= 2.0 => {
                let Block { piece, begin, len } = browser.owes.remove(0);
                let data = Bytes::from(vec![7; len as usize]);
                hand.say(engine, &[Message::Piece { piece, begin, data }], at(now));
                browser.sent = now;
            }
            Manner::Vanishes if now - browser.comes >= browser.goes => {
                engine.closed(browser.conn, at(now));
                browser.hand = None;
            }
            _ => {}
        }
    }

    fn answer(&mut self, now: f64) {
        let rate = if self.http == Http::Slow { 60_000.0 } else { 1_000_000.0 };
        let open = self.answers.values().filter(|answer| answer.hangs_at != Some(0)).count().max(1);
        let each = (rate * STEP / open as f64) as u64;
        for (fetch, mut answer) in std::mem::take(&mut self.answers) {
            if now < answer.from || answer.hangs_at == Some(0) {
                self.answers.insert(fetch, answer);
                continue;
            }
            if answer.fails {
                self.engine.fetch_ended(HTTP, fetch, Err(FetchFault::Failed), at(now));
                continue;
            }
            let count =
                each.min(answer.range.end - answer.range.start).min(answer.hangs_at.unwrap_or(u64::MAX));
            answer.range.start += count;
            answer.hangs_at = answer.hangs_at.map(|left| left - count);
            self.engine.fetched(HTTP, fetch, vec![7; count as usize].into(), at(now));
            if answer.range.is_empty() {
                self.engine.fetch_ended(HTTP, fetch, Ok(()), at(now));
            } else {
                self.answers.insert(fetch, answer);
            }
            self.obey(now);
        }
    }

    fn obey(&mut self, now: f64) {
        while let Some(event) = self.engine.poll_event() {
            match event {
                Event::Fetch { fetch, range, .. } => {
                    self.asked += 1;
                    let hangs_at = match self.http {
                        Http::Hangs if self.asked == 1 => Some(0),
                        Http::Stops if self.asked == 1 => Some(20_000),
                        _ => None,
                    };
                    let fails = self.http == Http::Fails && self.asked == 1;
                    self.answers.insert(fetch, Answer { range, from: now + self.latency, hangs_at, fails });
                }
                Event::CancelFetch { fetch, .. } => drop(self.answers.remove(&fetch)),
                Event::Check(piece) => {
                    self.engine.checked(piece, Verdict::Good, at(now));
                    if piece == PieceIndex(0) {
                        self.first.get_or_insert(now);
                    }
                }
                Event::Close { conn, .. } => self.browsers.iter_mut().for_each(|browser| {
                    if browser.conn == conn {
                        browser.hand = None;
                        browser.manner = Manner::Mute;
                    }
                }),
                _ => {}
            }
        }
    }
}

#[test]
fn the_first_bytes_come_as_soon_as_the_source_can_give_them() {
    let seeds = std::env::var("OSP_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    // The source's delay, the piece at its rate (shared by three ranges), and twice the time after which another is asked;
    // where it is the source itself that does not answer, the time after which it is asked again.
    for (http, bound) in
        [(Http::Fast, 1.2), (Http::Slow, 5.5), (Http::Hangs, 6.5), (Http::Stops, 6.5), (Http::Fails, 3.0)]
    {
        let mut slowest = (0.0, String::new());
        for seed in 0..seeds {
            let (mut storm, what) = Storm::new(seed, http);
            let took = storm.run(seed);
            if took > slowest.0 {
                slowest = (took, what);
            }
        }
        let (took, what) = slowest;
        assert!(took <= bound, "{http:?}: {took:.2} s, {what}");
    }
}

#[test]
fn a_piece_that_nobody_has_is_asked_of_the_source_at_once() {
    let mut engine = leech(Config::default());
    engine.add_pieces(&Bitfield::none(10), at(0.0));
    let head = Playhead { position: 0, rate: 40_000, buffered: Default::default(), end: u64::MAX };
    engine.set_playheads(&[head], at(0.0));
    let hand = Hand::shake(&mut engine, CONN, PeerKind::WebRtc, true, at(0.0));
    hand.say(&mut engine, &[Message::HaveNone, Message::Unchoke], at(0.0));
    engine.add_web_seed(HTTP, WebSeed { align: 1, parallel: 3, free: false }, at(0.1));
    let mut asked = Vec::new();
    while let Some(event) = engine.poll_event() {
        if let Event::Fetch { range, .. } = event {
            asked.push(range.start);
        }
    }
    assert_eq!(asked.first(), Some(&0), "{asked:?}");
}
