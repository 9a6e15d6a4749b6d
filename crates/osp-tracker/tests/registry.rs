//! The tracker: who is told of whom, budgets, leaving.
#![allow(clippy::unwrap_used)]

use osp_swarm::{InfoHash, PeerId, Time};
use osp_tracker::{
    AnnounceKey, Event,
    registry::{Announce, Limits, Refused, Registry, WebAnswer, WsConn},
    ws::{Offer, OfferId, Reply, request},
};
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

fn hash(n: u8) -> InfoHash {
    InfoHash([n; 20])
}

fn id(n: u32) -> PeerId {
    let mut id = [0; 20];
    id[..4].copy_from_slice(&n.to_be_bytes());
    PeerId(id)
}

fn at(seconds: u64) -> Time {
    Time::from_origin(Duration::from_secs(seconds))
}

fn announce(n: u32, address: &str, left: u64) -> Announce {
    let address = address.parse().unwrap();
    Announce {
        infohash: hash(1),
        peer_id: id(n),
        address,
        event: Event::Update,
        left: Some(left),
        want: None,
        key: None,
    }
}

fn web(n: u32, left: u64, offers: u8) -> request::Announce {
    let offer = |k| Offer { id: OfferId([k; 20]), sdp: format!("offer {k} of {n}") };
    request::Announce {
        infohash: hash(1),
        peer_id: id(n),
        event: Event::Update,
        uploaded: 0,
        downloaded: 0,
        left: Some(left),
        offers: (0..offers).map(offer).collect(),
    }
}

fn public(n: u32) -> String {
    format!("8.{}.{}.{}:6881", n >> 16 & 255, n >> 8 & 255, n & 255)
}

fn ip(n: u32) -> IpAddr {
    public(n).parse::<SocketAddr>().unwrap().ip()
}

fn told(registry: &mut Registry, announce: &Announce) -> BTreeSet<PeerId> {
    registry.announce(at(0), announce).unwrap().peers.into_iter().map(|(_, id)| id).collect()
}

#[test]
fn peers_learn_of_each_other_but_seeds_not_of_seeds() {
    let mut registry = Registry::new(Limits::default(), 1);
    assert!(told(&mut registry, &announce(1, &public(1), 0)).is_empty());
    assert_eq!(told(&mut registry, &announce(2, &public(2), 9)), [id(1)].into());
    assert_eq!(told(&mut registry, &announce(3, &public(3), 0)), [id(2)].into());
    assert_eq!(told(&mut registry, &announce(2, &public(2), 9)), [id(1), id(3)].into());
    let stats = registry.scrape(hash(1));
    assert_eq!((stats.complete, stats.incomplete), (2, 1));
    assert_eq!(registry.scrape(hash(2)), osp_tracker::Stats::default());
}

#[test]
fn who_wants_none_is_told_of_none() {
    let mut registry = Registry::new(Limits::default(), 1);
    told(&mut registry, &announce(1, &public(1), 1));
    assert!(told(&mut registry, &Announce { want: Some(0), ..announce(2, &public(2), 1) }).is_empty());
    assert_eq!(
        told(&mut registry, &Announce { want: Some(u32::MAX), ..announce(2, &public(2), 1) }).len(),
        1
    );
}

#[test]
fn addresses_go_only_to_whom_they_mean_the_same() {
    let all =
        [(1, "127.0.0.1:1"), (2, "[::1]:1"), (3, "192.168.1.1:1"), (4, "[fd00::1]:1"), (5, "8.8.8.8:1")];
    let asked = |open: bool, address: &str| {
        let mut registry = Registry::new(Limits { allow_private: open, ..Limits::default() }, 1);
        for (n, address) in all {
            registry.announce(at(0), &announce(n, address, 1)).unwrap();
        }
        told(&mut registry, &announce(9, address, 1))
    };
    let ids = |numbers: &[u32]| numbers.iter().map(|n| id(*n)).collect::<BTreeSet<_>>();
    assert_eq!(asked(false, "9.9.9.9:1"), ids(&[5]));
    assert_eq!(asked(false, "10.0.0.1:1"), ids(&[3, 4, 5]));
    assert_eq!(asked(false, "127.0.0.1:2"), ids(&[1, 2, 3, 4, 5]));
    assert_eq!(asked(true, "9.9.9.9:1"), ids(&[1, 2, 3, 4, 5]));
    let mut registry = Registry::new(Limits::default(), 1);
    for nowhere in ["0.0.0.0:1", "224.0.0.1:1", "8.8.8.8:0", "[ff02::1]:1"] {
        assert_eq!(registry.announce(at(0), &announce(1, nowhere, 1)), Err(Refused::Address), "{nowhere}");
    }
}

#[test]
fn a_mapped_address_is_the_same_peer() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce(at(0), &announce(1, "8.8.8.8:1", 1)).unwrap();
    registry.announce(at(0), &announce(1, "[::ffff:8.8.8.8]:1", 1)).unwrap();
    assert_eq!(registry.counts().callable, 1);
}

#[test]
fn offers_go_each_to_another_and_answers_back() {
    let mut registry = Registry::new(Limits::default(), 1);
    for n in 1..=3 {
        let answer = registry.announce_web(at(0), WsConn(n.into()), ip(n), &web(n, 1, 0)).unwrap();
        assert!(answer.relay.is_empty());
    }
    let answer = registry.announce_web(at(0), WsConn(4), ip(4), &web(4, 1, 5)).unwrap();
    assert!(matches!(answer.reply, Some(Reply::Announced { stats, .. }) if stats.incomplete == 4));
    let to: BTreeSet<WsConn> = answer.relay.iter().map(|(conn, _)| *conn).collect();
    assert_eq!(to, [WsConn(1), WsConn(2), WsConn(3)].into());
    let offers: BTreeSet<OfferId> = answer
        .relay
        .iter()
        .map(|(_, message)| match message {
            Reply::Offer { offer, peer_id, .. } if *peer_id == id(4) => offer.id,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(offers.len(), 3, "no offer goes to two");
    let back = request::Answer {
        infohash: hash(1),
        peer_id: id(2),
        to: id(4),
        offer_id: OfferId([0; 20]),
        sdp: "answer".to_owned(),
    };
    let answer = registry.answer_web(WsConn(2), &back).unwrap();
    assert_eq!(answer.reply, None);
    let passed = Reply::Answer {
        infohash: hash(1),
        peer_id: id(2),
        offer_id: OfferId([0; 20]),
        sdp: "answer".to_owned(),
    };
    assert_eq!(answer.relay, [(WsConn(4), passed)]);
    let gone = request::Answer { to: id(77), ..back.clone() };
    assert!(registry.answer_web(WsConn(2), &gone).unwrap().relay.is_empty());
    // Somebody else's name, somebody else's swarm.
    assert_eq!(registry.answer_web(WsConn(3), &back), Err(Refused::Stranger));
    let elsewhere = request::Answer { infohash: hash(2), ..back };
    assert_eq!(registry.answer_web(WsConn(2), &elsewhere), Err(Refused::Stranger));
}

#[test]
fn the_resident_is_offered_like_a_member_without_announcing() {
    let mut registry = Registry::new(Limits::default(), 1);
    let resident = Some(id(99));
    let mut beside = |n: u32, left: u64, offers: u8| {
        let message = web(n, left, offers);
        registry.announce_web_beside(at(0), WsConn(n.into()), ip(n), &message, resident).unwrap()
    };
    let stats = |answer: &WebAnswer| match &answer.reply {
        Some(Reply::Announced { stats, .. }) => (stats.complete, stats.incomplete),
        other => panic!("{other:?}"),
    };
    let first = beside(1, 1, 5);
    assert_eq!((stats(&first), first.relay.len()), ((1, 1), 0));
    assert_eq!(first.resident.map(|offer| offer.id), Some(OfferId([0; 20])));
    // Each offer goes to one: here there are enough for both.
    let second = beside(2, 1, 2);
    let passed: Vec<_> = second.relay.iter().map(|(_, message)| message.clone()).collect();
    assert!(matches!(&passed[..], [Reply::Offer { offer, .. }] if offer.id == OfferId([1; 20])));
    assert_eq!(second.resident.map(|offer| offer.id), Some(OfferId([0; 20])));
    // Without an offer, and from who has everything, there is nothing to answer.
    assert_eq!(beside(3, 1, 0).resident, None);
    assert_eq!(beside(4, 0, 5).resident, None);
    // It announces what it plays: counted once, and given no offers, neither of itself nor, as a member, of others.
    let itself = beside(99, 0, 5);
    assert_eq!((stats(&itself), itself.resident), ((2, 3), None));
    let fifth = beside(5, 1, 9);
    assert!(fifth.resident.is_some());
    assert!(fifth.relay.iter().all(|(conn, _)| *conn != WsConn(99)));
    assert_eq!(registry.scrape(hash(1)).complete, 2, "what was announced, however");
}

#[test]
fn in_a_crowd_the_resident_is_offered_as_often_as_every_other() {
    let mut registry = Registry::new(Limits::default(), 1);
    for n in 1..=100 {
        registry.announce_web(at(0), WsConn(n.into()), ip(n), &web(n, 1, 0)).unwrap();
    }
    let mut offered = 0;
    for _ in 0..1000 {
        let answer =
            registry.announce_web_beside(at(0), WsConn(1), ip(1), &web(1, 1, 5), Some(id(999))).unwrap();
        assert_eq!(answer.relay.len() + usize::from(answer.resident.is_some()), 5);
        offered += u32::from(answer.resident.is_some());
    }
    assert!((30..70).contains(&offered), "{offered} of 1000, at 5 offers for 100");
}

#[test]
fn the_two_kinds_are_not_told_of_each_other() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce(at(0), &announce(1, &public(1), 1)).unwrap();
    let answer = registry.announce_web(at(0), WsConn(1), ip(2), &web(2, 1, 5)).unwrap();
    assert!(answer.relay.is_empty());
    assert!(told(&mut registry, &announce(3, &public(3), 1)).iter().eq([&id(1)]));
    assert_eq!(registry.scrape(hash(1)).incomplete, 3);
}

#[test]
fn a_peer_id_stays_with_its_address() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce_web(at(0), WsConn(1), ip(1), &web(1, 1, 0)).unwrap();
    let stolen = registry.announce_web(at(0), WsConn(2), ip(2), &web(1, 1, 0));
    assert_eq!(stolen, Err(Refused::PeerId));
    let stop = request::Announce { event: Event::Stopped, ..web(1, 1, 0) };
    assert_eq!(registry.announce_web(at(0), WsConn(2), ip(2), &stop), Err(Refused::PeerId));
    // The same one on a new connection; the old one's end then takes nothing away.
    registry.announce_web(at(0), WsConn(3), ip(1), &web(1, 1, 0)).unwrap();
    registry.closed(WsConn(1));
    assert_eq!(registry.counts().reachable, 1);
    let answer = registry.announce_web(at(0), WsConn(4), ip(4), &web(4, 1, 1)).unwrap();
    assert_eq!(answer.relay[0].0, WsConn(3));
    registry.closed(WsConn(3));
    assert_eq!(registry.counts().reachable, 1);
}

#[test]
fn members_leave_by_saying_so_by_closing_and_by_silence() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce(at(0), &announce(1, &public(1), 0)).unwrap();
    registry.announce_web(at(0), WsConn(1), ip(2), &web(2, 1, 0)).unwrap();
    registry.announce_web(at(0), WsConn(2), ip(3), &web(3, 1, 0)).unwrap();
    let stop = request::Announce { event: Event::Stopped, ..web(2, 1, 0) };
    registry.announce_web(at(0), WsConn(1), ip(2), &stop).unwrap();
    assert_eq!(registry.counts().reachable, 1);
    registry.closed(WsConn(2));
    assert_eq!(registry.counts().reachable, 0);
    registry.expire(at(35 * 60));
    assert_eq!(registry.counts().callable, 1);
    registry.expire(at(35 * 60 + 1));
    assert_eq!(registry.counts(), Default::default());
    registry.announce(at(0), &announce(1, &public(1), 0)).unwrap();
    // Nobody takes out others: the address is where it came from.
    let stop = Announce { event: Event::Stopped, ..announce(1, &public(9), 0) };
    registry.announce(at(0), &stop).unwrap();
    assert_eq!(registry.counts().callable, 1);
    registry.announce(at(0), &Announce { event: Event::Stopped, ..announce(1, &public(1), 0) }).unwrap();
    assert_eq!(registry.counts(), Default::default());
}

#[test]
fn a_neighbour_behind_the_same_address_takes_nobody_out() {
    let mut registry = Registry::new(Limits::default(), 1);
    let own = Announce { key: AnnounceKey::of_text("6f1b"), ..announce(1, &public(1), 5) };
    registry.announce(at(0), &own).unwrap();
    // The port is told to everybody, and so may be the peer id.
    let guesses = [
        Announce { peer_id: id(2), ..own },
        Announce { peer_id: id(2), key: None, ..own },
        Announce { key: None, ..own },
        Announce { key: AnnounceKey::of_text("6f1c"), ..own },
    ];
    for guess in guesses {
        registry.announce(at(1), &guess).unwrap();
        registry.announce(at(2), &Announce { event: Event::Stopped, ..guess }).unwrap();
        assert_eq!(registry.counts().callable, 1, "{guess:?}");
    }
    registry.announce(at(3), &Announce { event: Event::Stopped, ..own }).unwrap();
    assert_eq!(registry.counts(), Default::default());

    // One that crashed and came back has the port again when the first has been silent long enough.
    registry.announce(at(0), &own).unwrap();
    let back = Announce { peer_id: id(2), key: None, ..own };
    for minute in [10, 20, 30, 40] {
        registry.announce(at(minute * 60), &back).unwrap();
        registry.expire(at(minute * 60));
    }
    registry.announce(at(2500), &Announce { event: Event::Stopped, ..back }).unwrap();
    assert_eq!(registry.counts(), Default::default());
}

#[test]
fn leaving_is_said_over_ones_own_socket() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce_web(at(0), WsConn(1), ip(1), &web(1, 1, 0)).unwrap();
    let stop = request::Announce { event: Event::Stopped, ..web(1, 1, 0) };
    registry.announce_web(at(0), WsConn(2), ip(1), &stop).unwrap();
    assert_eq!(registry.counts().reachable, 1, "a neighbour's word");
    registry.announce_web(at(0), WsConn(1), ip(1), &stop).unwrap();
    assert_eq!(registry.counts().reachable, 0);
}

#[test]
fn completion_is_counted_once_and_kept_without_being_repeated() {
    let mut registry = Registry::new(Limits::default(), 1);
    registry.announce_web(at(0), WsConn(1), ip(1), &web(1, 5, 0)).unwrap();
    let silent = |event| request::Announce { event, left: None, ..web(1, 0, 0) };
    for event in [Event::Completed, Event::Completed, Event::Update] {
        registry.announce_web(at(0), WsConn(1), ip(1), &silent(event)).unwrap();
        let stats = registry.scrape(hash(1));
        assert_eq!((stats.complete, stats.incomplete, stats.downloaded), (1, 0, 1), "{event:?}");
    }
}

#[test]
fn budgets() {
    let limits = Limits {
        swarms: 3,
        members: 6,
        members_a_swarm: 4,
        per_address: 3,
        per_address_a_swarm: 2,
        ..Limits::default()
    };
    let join = |registry: &mut Registry, swarm: u8, address: &str, n: u32| {
        registry.announce(at(0), &Announce { infohash: hash(swarm), ..announce(n, address, 1) }).map(|_| ())
    };
    let mut registry = Registry::new(limits.clone(), 1);
    assert_eq!(join(&mut registry, 1, "8.8.8.8:1", 1), Ok(()));
    assert_eq!(join(&mut registry, 1, "8.8.8.8:2", 2), Ok(()));
    assert_eq!(join(&mut registry, 1, "8.8.8.8:3", 3), Err(Refused::Holder), "in one swarm");
    assert_eq!(join(&mut registry, 1, "8.8.8.8:1", 1), Ok(()), "who is in may announce again");
    assert_eq!(join(&mut registry, 2, "8.8.8.8:1", 1), Ok(()));
    assert_eq!(join(&mut registry, 3, "8.8.8.8:1", 1), Err(Refused::Holder), "in all");
    assert_eq!(join(&mut registry, 1, "[2a00::1]:1", 4), Ok(()));
    assert_eq!(join(&mut registry, 1, "[2a00::2]:1", 5), Ok(()));
    assert_eq!(join(&mut registry, 1, "9.9.9.9:1", 6), Err(Refused::Swarm));
    assert_eq!(join(&mut registry, 3, "9.9.9.9:1", 6), Ok(()));
    assert_eq!(join(&mut registry, 3, "9.9.9.8:1", 7), Err(Refused::Members));
    let mut registry = Registry::new(Limits { members: 100, ..limits }, 1);
    for n in 1..=3 {
        join(&mut registry, n, &public(n.into()), n.into()).unwrap();
    }
    assert_eq!(join(&mut registry, 4, "9.9.9.9:1", 6), Err(Refused::Swarms));
    for n in 0..4u16 {
        let mine = SocketAddr::from(([127, 0, 0, 1], 1 + n));
        let joined = join(&mut registry, 2, &mine.to_string(), 100 + u32::from(n));
        assert_eq!(joined, if n < 3 { Ok(()) } else { Err(Refused::Swarm) }, "this machine has no budget");
    }
}

#[test]
fn ten_thousand_peers_each_told_of_fifty() {
    let mut registry = Registry::new(Limits::default(), 7);
    let mut told_of = vec![0u32; 10_000];
    for n in 0..10_000 {
        registry.announce(at(0), &announce(n, &public(n + 1), 1)).unwrap();
    }
    for n in 0..10_000 {
        let answer = registry.announce(at(1), &announce(n, &public(n + 1), 1)).unwrap();
        assert_eq!(answer.peers.len(), 50);
        for (_, PeerId(id)) in answer.peers {
            told_of[u32::from_be_bytes([id[0], id[1], id[2], id[3]]) as usize] += 1;
        }
    }
    let (least, most) = (told_of.iter().min().unwrap(), told_of.iter().max().unwrap());
    assert!(*least > 10 && *most < 110, "every peer is told of about fifty times: {least} to {most}");
    registry.forget(hash(1));
    assert_eq!(registry.counts(), Default::default());
}

#[derive(Clone, Debug)]
enum Step {
    Announce(u8, u8, u8, Option<u64>),
    Web(u8, u8, u8, u8, Option<u64>),
    Close(u8),
    Expire(u16),
    Forget(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let left = || prop::option::of(0u64..2);
    prop_oneof![
        4 => (0..3u8, 0..6u8, 0..4u8, left()).prop_map(|(a, b, c, d)| Step::Announce(a, b, c, d)),
        6 => (0..3u8, 0..6u8, 0..4u8, 0..4u8, left()).prop_map(|(a, b, c, d, e)| Step::Web(a, b, c, d, e)),
        1 => (0..4u8).prop_map(Step::Close),
        1 => (0..2000u16).prop_map(Step::Expire),
        1 => (0..3u8).prop_map(Step::Forget),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_counts_agree_and_all_can_leave(
        seed: u64, steps in prop::collection::vec(step(), 0..80),
    ) {
        let limits = Limits { swarms: 2, members: 9, members_a_swarm: 6, per_address: 5, ..Limits::default() };
        let mut registry = Registry::new(limits, seed);
        let mut now = at(0);
        let events = [Event::Update, Event::Started, Event::Completed, Event::Stopped];
        for step in steps {
            match step {
                Step::Announce(h, n, e, left) => {
                    let base = announce(n.into(), &public(u32::from(n) % 3 + 1), 0);
                    let _ = registry.announce(now, &Announce {
                        infohash: hash(h), event: events[usize::from(e)], left, ..base
                    });
                }
                Step::Web(h, n, conn, e, left) => {
                    let base = web(n.into(), 0, 2);
                    let message = request::Announce {
                        infohash: hash(h), event: events[usize::from(e)], left, ..base
                    };
                    if let Ok(answer) =
                        registry.announce_web(now, WsConn(conn.into()), ip(u32::from(conn) % 2), &message)
                    {
                        prop_assert!(answer.relay.len() <= 2);
                    }
                }
                Step::Close(conn) => registry.closed(WsConn(conn.into())),
                Step::Expire(seconds) => {
                    now = now + Duration::from_secs(seconds.into());
                    registry.expire(now);
                }
                Step::Forget(h) => registry.forget(hash(h)),
            }
            let counts = registry.counts();
            let all: u32 = (0..3).map(|h| registry.scrape(hash(h))).map(|s| s.complete + s.incomplete).sum();
            prop_assert_eq!(all as usize, counts.callable + counts.reachable);
            prop_assert!(all <= 9 && counts.swarms <= 2);
        }
        registry.expire(now + Duration::from_secs(1 << 20));
        prop_assert_eq!(registry.counts(), Default::default());
        prop_assert!(registry.is_empty(), "nothing is left of who has left");
    }
}
