//! One lookup against drivers and peers of any kind: it ends, within its bounds, and says each thing once.
use osp_discovery::{
    DhtKey, Point, Prefix,
    lookup::{
        Answer, Book, Config, Contact, Density, Group, K, Lookup, Region, Request, RequestId, Step, Summary,
        limits,
    },
};
use proptest::prelude::*;
use std::{collections::BTreeSet, time::Duration};

type Id = u64;

fn contact(peer: Id, point: Point, group: Option<u64>) -> Contact<Id> {
    Contact { peer, point, group: group.map(Group), addresses: () }
}

fn anyone(n: Id) -> Contact<Id> {
    contact(n, DhtKey::random(n).point(), None)
}

/// What a stranger does with a request.
#[derive(Clone, Copy, Debug)]
enum Reply {
    /// So many contacts beside what was asked, so many providers.
    Lies {
        contacts: usize,
        providers: usize,
    },
    Fails,
    Silent,
    /// Answers when nobody waits any more.
    Late,
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        4 => (0usize..150, 0usize..100).prop_map(|(contacts, providers)| Reply::Lies { contacts, providers }),
        1 => Just(Reply::Fails),
        1 => Just(Reply::Silent),
        1 => Just(Reply::Late),
    ]
}

struct Ended {
    summary: Summary,
    providers: usize,
    asked: Vec<Request<Id, ()>>,
    took: Duration,
}

/// Drives a lookup to its end; each request is answered by the next reply, round and round.
fn drive(mut lookup: Lookup<Id>, replies: &[Reply], same_group: bool) -> Ended {
    let mut book = Book::new();
    let mut now = Duration::from_secs(100);
    lookup.add((0..30).map(anyone), &book, now);
    let (mut asked, mut late): (Vec<Request<Id, ()>>, Vec<RequestId>) = (Vec::new(), Vec::new());
    let (mut providers, mut members) = (BTreeSet::new(), BTreeSet::new());
    let mut made_up = 1_000_000;
    loop {
        match lookup.poll(now, &mut book) {
            Some(Step::Ask(request)) => {
                let twice = |old: &Request<Id, ()>| old.to.peer == request.to.peer && old.rpc == request.rpc;
                assert!(!asked.iter().any(twice), "asked twice");
                let (osp_discovery::lookup::Rpc::FindNode(target)
                | osp_discovery::lookup::Rpc::GetProviders(target)) = &request.rpc;
                match replies[asked.len() % replies.len()] {
                    Reply::Lies { contacts, providers } => {
                        let mut invent = |n: usize| {
                            made_up += 1;
                            let mut bytes = *target.point().as_bytes();
                            bytes[n % 12 + 1..]
                                .copy_from_slice(&DhtKey::random(made_up).point().as_bytes()[n % 12 + 1..]);
                            contact(made_up, Point::from_bytes(bytes), same_group.then_some(1))
                        };
                        let closer = (0..contacts).map(&mut invent).collect();
                        let providers = (0..providers).map(&mut invent).collect();
                        lookup.answered(request.id, Answer { closer, providers }, now, &mut book);
                    }
                    Reply::Fails => lookup.failed(request.id, now, &mut book),
                    Reply::Silent => {}
                    Reply::Late => late.push(request.id),
                }
                asked.push(request);
            }
            Some(Step::Provider { provider, .. }) => assert!(providers.insert(provider.peer), "named twice"),
            Some(Step::Member(member)) => assert!(members.insert(member.peer), "given twice"),
            Some(Step::Done(summary)) => {
                assert!(lookup.poll(now, &mut book).is_none() && lookup.wake(&book).is_none());
                assert_eq!((summary.asked, summary.providers), (asked.len(), providers.len()));
                assert_eq!(summary.members, members.len());
                let took = now - Duration::from_secs(100);
                return Ended { summary, providers: providers.len(), asked, took };
            }
            None => {
                let wake = lookup.wake(&book).unwrap();
                assert!(wake > now, "a driver would spin");
                now = wake;
                for id in late.drain(..) {
                    let closer = (0..50).map(|n| anyone(500 + n)).collect();
                    lookup.answered(
                        id,
                        Answer { closer, providers: vec![] },
                        now + Duration::from_secs(10),
                        &mut book,
                    );
                    lookup.failed(id, now, &mut book);
                }
            }
        }
        let (contacts, flights) = lookup.load();
        assert!(contacts <= 700 && flights <= limits::IN_FLIGHT, "{contacts} contacts, {flights} requests");
    }
}

fn lookups(seed: u64, peers: f64) -> [Lookup<Id>; 4] {
    let key = DhtKey::random(seed ^ 0xabcd);
    let region = Region::in_network(&key.point(), peers);
    [
        Lookup::nearest(key.into(), Config::default(), seed),
        Lookup::providers(key, Some(region), Config::default(), seed),
        Lookup::providers(key, None, Config::default(), seed),
        Lookup::region(region, Config::default(), seed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn whatever_is_answered_it_ends_within_its_bounds(
        replies in prop::collection::vec(reply(), 1..12),
        seed in any::<u64>(),
        peers in prop_oneof![Just(0.0), Just(30.0), Just(1000.0), Just(20_000.0)],
        same_group in any::<bool>(),
    ) {
        for lookup in lookups(seed, peers) {
            let ended = drive(lookup, &replies, same_group);
            let config = Config::default();
            prop_assert!(ended.asked.len() <= config.requests);
            let most = limits::PROVIDERS + limits::PROVIDERS_PER_SOURCE + limits::PROVIDERS_AT_LEAST * config.requests;
            prop_assert!(ended.providers <= most);
            prop_assert!(ended.took <= config.deadline + config.timeout);
            prop_assert!(ended.summary.nearest.len() <= K);
            prop_assert!(ended.summary.nearest.is_sorted());
        }
    }
}

#[test]
fn with_nobody_to_ask_it_is_over_at_once() {
    for mut lookup in lookups(1, 100.0) {
        let Some(Step::Done(summary)) = lookup.poll(Duration::ZERO, &mut Book::new()) else { panic!() };
        assert!(!summary.complete && summary.asked == 0);
    }
}

#[test]
fn those_that_failed_lately_are_left_alone_unless_there_is_nobody_else() {
    let mut book = Book::new();
    let now = Duration::from_secs(10);
    (0..5).for_each(|n| book.failed(&n, now));
    assert!(book.is_out(&1, now) && !book.is_out(&1, now + Duration::from_secs(61)));
    let asks = |count: Id, book: &mut Book<Id>| {
        let mut lookup = Lookup::nearest(DhtKey::random(3).into(), Config::default(), 1);
        lookup.add((0..count).map(anyone), book, now);
        let mut asked = BTreeSet::new();
        while let Some(Step::Ask(request)) = lookup.poll(now, book) {
            asked.insert(request.to.peer);
        }
        asked
    };
    assert_eq!(asks(7, &mut book), BTreeSet::from([5, 6]));
    assert_eq!(asks(3, &mut book).len(), 3);
    for n in 0..5000 {
        book.failed(&n, now);
    }
    assert!(book.remembered() <= 1024);
}

#[test]
fn a_network_of_addresses_waits_when_it_has_had_its_share() {
    let key = DhtKey::random(8);
    let mut lookup = Lookup::<Id>::nearest(key.into(), Config { alpha: 30, ..Config::default() }, 1);
    let mut book = Book::new();
    // Thirty peers of one owner are nearest; thirty others are farther.
    let near = (0..30).map(|n| {
        let mut bytes = *key.point().as_bytes();
        bytes[31] ^= n as u8 + 1;
        contact(n, Point::from_bytes(bytes), Some(7))
    });
    let far = (100..130).map(|n| contact(n, anyone(n).point, Some(n)));
    lookup.add(near.chain(far), &book, Duration::ZERO);
    let mut owners = [0, 0];
    while let Some(Step::Ask(request)) = lookup.poll(Duration::ZERO, &mut book) {
        owners[usize::from(request.to.peer >= 100)] += 1;
    }
    assert_eq!(owners, [limits::GROUP_SHARE, K - limits::GROUP_SHARE]);
}

#[test]
fn the_median_of_many_looks_is_the_size() {
    let mut density = Density::new();
    let now = Duration::from_secs(1);
    let size = 5000;
    let peers: Vec<Point> = (0..size).map(|n| DhtKey::random(1 << 40 | n).point()).collect();
    let look = |seed: u64| {
        let at = DhtKey::random(seed).point();
        let mut distances: Vec<_> = peers.iter().map(|p| p.distance(&at)).collect();
        distances.sort_unstable();
        distances.truncate(K);
        distances
    };
    assert_eq!(density.peers(now), None);
    for n in 0..20 {
        density.sample(&look(n), now);
    }
    let honest = density.peers(now).unwrap();
    assert!((4000.0..6200.0).contains(&honest), "{honest}");
    // A third of the looks fall into crowds.
    for _ in 0..10 {
        let crowd: Vec<_> = (0..20u8)
            .map(|n| {
                Point::from_bytes([0; 32]).distance(&Point::from_bytes([
                    0, 0, 0, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                    0, 1,
                ]))
            })
            .collect();
        density.sample(&crowd, now);
    }
    let attacked = density.peers(now).unwrap();
    assert!((4000.0..8000.0).contains(&attacked), "{attacked}");
    let region = density.region(&Prefix::ALL.start(), now).unwrap();
    assert!((20.0..40.0).contains(&region.expected));
    // Old looks do not count.
    assert_eq!(density.peers(now + Duration::from_secs(7 * 3600)), None);
}

#[test]
fn those_who_answer_first_cannot_fill_the_list_of_providers() {
    let key = DhtKey::random(9);
    let region = Region { prefix: Prefix::ALL, expected: 30.0 };
    let mut lookup = Lookup::<Id>::providers(key, Some(region), Config::default(), 1);
    let mut book = Book::new();
    lookup.add((0..30).map(anyone), &book, Duration::ZERO);
    let mut asked = 0;
    let mut last = BTreeSet::new();
    while let Some(step) = lookup.poll(Duration::ZERO, &mut book) {
        match step {
            Step::Ask(request) => {
                asked += 1;
                // Twenty that lie with all they have, then honest ones with one provider each.
                let named =
                    if asked <= 20 { (0..100).map(|n| 1_000_000 * asked + n).collect() } else { vec![asked] };
                let providers = named.into_iter().map(anyone).collect();
                lookup.answered(request.id, Answer { closer: vec![], providers }, Duration::ZERO, &mut book);
            }
            Step::Provider { provider, .. } if provider.peer < 1000 => assert!(last.insert(provider.peer)),
            _ => {}
        }
    }
    assert!(last.len() >= 8, "{last:?}");
}
