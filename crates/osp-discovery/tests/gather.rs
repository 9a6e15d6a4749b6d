//! From providers to records: the first page fast, liars dropped, duplicates merged, what is withdrawn not shown.
use osp_core::{
    content::{raw_cid, sha256},
    json::Json,
    key::ArtistKey,
    record::{Record, Retraction, TrackDraft, Verified},
};
use osp_discovery::{
    IndexKey,
    exchange::{Answer, AnswerBuilder, MAX_IDS, Query, RefusalReason, Request},
    gather::{AskId, Gather, Limits, Origin, Reputation, Step},
    key::keys_of,
    lookup::Group,
    trust::{Caps, Circle, Hit, Results},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

fn artist(n: u8) -> ArtistKey {
    ArtistKey::from_seed(&[n; 32])
}

fn track(by: u8, title: &str, supersedes: Option<&Verified<Record>>) -> Verified<Record> {
    track_by(&artist(by), title, supersedes)
}

fn track_by(by: &ArtistKey, title: &str, supersedes: Option<&Verified<Record>>) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.into(),
        format: "audio/opus".into(),
        cid: raw_cid(sha256(title.as_bytes())).to_string(),
        ..TrackDraft::default()
    };
    draft.set("genre", Json::Array(vec!["Drone".into()]));
    if let Some(old) = supersedes {
        draft.set("supersedes", old.id().to_string().as_str().into());
    }
    draft.sign(by, None).unwrap()
}

/// Named by that peer.
fn by(namer: u32) -> Origin<u32> {
    Origin { named_by: Some(namer), group: None }
}

fn drone() -> IndexKey {
    IndexKey::genre("drone").unwrap()
}

/// A provider: answers as the protocol has it, from these records; `spoil` changes what it sends.
struct Shelf {
    records: Vec<Vec<u8>>,
    ids: Vec<String>,
    asked: Vec<Request>,
}

impl Shelf {
    fn of(records: &[Verified<Record>]) -> Self {
        Self {
            records: records.iter().map(|r| r.to_bytes()).collect(),
            ids: records.iter().map(|r| r.id().to_string()).collect(),
            asked: Vec::new(),
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        self.asked.push(request.clone());
        // Over the wire and back.
        let request = Request::parse(&request.to_json().unwrap()).unwrap();
        if let Query::Ids(ids) = &request.query {
            let chosen = self.ids.iter().zip(&self.records).filter(|(id, _)| ids.contains(id));
            let mut page = AnswerBuilder::new(request.limit);
            chosen.for_each(|(_, record)| assert!(page.record(record)));
            return page.finish(None);
        }
        let from: usize = request.after.as_deref().map_or(0, |cursor| cursor.parse().unwrap());
        let mut page = AnswerBuilder::new(request.limit);
        let mut at = from;
        while at < self.ids.len()
            && if request.ids_only { page.id(&self.ids[at]) } else { page.record(&self.records[at]) }
        {
            at += 1;
        }
        let answer = page.finish((at < self.ids.len()).then(|| at.to_string()));
        Answer::parse(&answer.to_json().unwrap()).unwrap()
    }
}

#[derive(Default)]
struct Seen {
    found: BTreeMap<String, bool>,
    order: Vec<String>,
    hits: Vec<(String, String, u32)>,
    also: BTreeMap<String, BTreeSet<u32>>,
    gone: BTreeSet<String>,
    asks: Vec<u32>,
    summary: Option<osp_discovery::gather::Summary>,
}

/// Runs until nothing more happens; providers without a shelf are silent.
fn run(
    gather: &mut Gather<u32>,
    shelves: &mut BTreeMap<u32, Shelf>,
    reputation: &mut Reputation<u32>,
) -> Seen {
    let mut seen = Seen::default();
    let mut now = Duration::ZERO;
    let mut waiting: Vec<(AskId, u32, Request)> = Vec::new();
    for _ in 0..10_000 {
        while let Some(step) = gather.poll(now, reputation) {
            match step {
                Step::Ask { id, provider, request } => {
                    seen.asks.push(provider);
                    waiting.push((id, provider, request));
                }
                Step::Found { record, current, provider } => {
                    seen.hits.push((record.id().to_string(), record.artist().to_string(), provider));
                    seen.order.push(record.id().to_string());
                    assert_eq!(seen.found.insert(record.id().to_string(), current), None, "given twice");
                }
                Step::Also { id, provider } => {
                    seen.also.entry(id).or_default().insert(provider);
                }
                Step::Gone(id) => {
                    assert!(seen.gone.insert(id));
                }
                Step::KeysOf(_) => {}
                Step::Done(summary) => {
                    seen.summary = Some(summary);
                    return seen;
                }
            }
        }
        assert!(waiting.len() <= 16);
        let answered = waiting.iter().position(|(_, provider, _)| shelves.contains_key(provider));
        if let Some(at) = answered {
            let (id, provider, request) = waiting.remove(at);
            let answer = shelves.get_mut(&provider).unwrap().answer(&request);
            gather.answered(id, answer, reputation);
        } else if let Some(wake) = gather.wake(now) {
            now = wake;
        } else {
            return seen;
        }
    }
    panic!("it does not end");
}

fn gather_from(shelves: &mut BTreeMap<u32, Shelf>, reputation: &mut Reputation<u32>) -> Seen {
    let mut gather = Gather::new(drone(), Limits::default());
    for provider in shelves.keys() {
        gather.add_provider(*provider, Origin::CONFIGURED, reputation);
    }
    gather.all_named();
    run(&mut gather, shelves, reputation)
}

#[test]
fn everything_is_found_once_and_the_first_page_is_short() {
    let records: Vec<_> = (0..150).map(|n| track(n as u8 % 5, &format!("t{n}"), None)).collect();
    let mut shelves: BTreeMap<u32, Shelf> = (0..10).map(|n| (n, Shelf::of(&records))).collect();
    let seen = gather_from(&mut shelves, &mut Reputation::new());
    assert_eq!(seen.found.len(), 150);
    assert!(seen.found.values().all(|current| *current));
    assert_eq!(shelves[&0].asked[0].limit, 20);
    // Whole records are sent about once, not ten times.
    let mut sent = 0;
    for shelf in shelves.values() {
        for request in &shelf.asked {
            sent += match &request.query {
                Query::Ids(ids) => {
                    assert!(ids.len() <= MAX_IDS);
                    ids.len()
                }
                _ if request.ids_only => 0,
                _ => request.limit,
            };
        }
    }
    assert!(sent <= 150 + 10 * MAX_IDS, "{sent} records were sent");
    let summary = seen.summary.unwrap();
    assert_eq!((summary.records, summary.bad, summary.failed), (150, 0, 0));
    assert!(seen.also.values().any(|providers| providers.len() >= 5));
}

#[test]
fn silent_providers_delay_nobody() {
    let records = [track(1, "a", None)];
    let mut shelves = BTreeMap::from([(9, Shelf::of(&records))]);
    let mut reputation = Reputation::new();
    let mut gather = Gather::new(drone(), Limits::default());
    for provider in 0..10 {
        gather.add_provider(provider, Origin::CONFIGURED, &reputation);
    }
    gather.all_named();
    let seen = run(&mut gather, &mut shelves, &mut reputation);
    assert_eq!(seen.found.len(), 1);
    assert_eq!(seen.summary.unwrap().failed, 9);
    // The next time the one that was useful comes first.
    let mut gather = Gather::new(drone(), Limits::default());
    for provider in 0..10 {
        gather.add_provider(provider, Origin::CONFIGURED, &reputation);
    }
    assert_eq!(run(&mut gather, &mut shelves, &mut reputation).asks[0], 9);
}

#[test]
fn liars_are_dropped_and_what_they_sent_is_not_believed() {
    let good: Vec<_> = (0..30).map(|n| track(1, &format!("g{n}"), None)).collect();
    let mut liar = Shelf::of(&good);
    for record in &mut liar.records {
        let text = String::from_utf8(record.clone()).unwrap().replace("\"g", "\"h");
        *record = text.into_bytes();
    }
    let mut shelves = BTreeMap::from([(0, liar), (1, Shelf::of(&good))]);
    let mut reputation = Reputation::new();
    let seen = gather_from(&mut shelves, &mut reputation);
    assert_eq!(seen.found.len(), 30, "good records of the same ids are taken all the same");
    assert!(reputation.is_shunned(&0) && !reputation.is_shunned(&1));
    assert!(reputation.sent_bad(&0, &good[0].id().to_string()));
    let asked = shelves[&0].asked.len();
    let seen = gather_from(&mut shelves, &mut reputation);
    assert_eq!((seen.found.len(), shelves[&0].asked.len()), (30, asked), "it is not asked again");
}

#[test]
fn what_was_not_asked_for_counts_as_bad() {
    let mut other = TrackDraft {
        title: "pop".into(),
        format: "audio/opus".into(),
        cid: raw_cid(sha256(b"x")).to_string(),
        ..TrackDraft::default()
    };
    other.set("genre", Json::Array(vec!["Pop".into()]));
    let spam: Vec<_> = (0..10u8)
        .map(|n| {
            other.title = format!("pop {n}");
            other.sign(&artist(n), None).unwrap()
        })
        .collect();
    assert!(!keys_of(&spam[0], None).contains(&drone()));
    let mut shelves = BTreeMap::from([(0, Shelf::of(&spam))]);
    let mut reputation = Reputation::new();
    let seen = gather_from(&mut shelves, &mut reputation);
    assert!(seen.found.is_empty());
    assert!(reputation.is_shunned(&0));
}

#[test]
fn corrections_and_withdrawals_hold_in_any_order() {
    let first = track(1, "first", None);
    let second = track(1, "second", Some(&first));
    let third = track(1, "third", Some(&second));
    let stranger = track(2, "stranger", Some(&first));
    let gone = track(1, "gone", None);
    let retraction = Retraction::sign(&gone.id(), None, &artist(1)).unwrap();
    let not_his = Retraction::sign(&third.id(), None, &artist(2)).unwrap();
    let all = [&first, &second, &third, &stranger, &gone, &retraction, &not_his];
    for turn in 0..all.len() {
        for back in [false, true] {
            let mut order: Vec<_> = all.iter().map(|r| (*r).clone()).collect();
            order.rotate_left(turn);
            if back {
                order.reverse();
            }
            let mut shelves = BTreeMap::from([(0, Shelf::of(&order))]);
            let seen = gather_from(&mut shelves, &mut Reputation::new());
            let shown: BTreeSet<&String> = seen
                .found
                .iter()
                .filter(|(id, current)| **current && !seen.gone.contains(*id))
                .map(|(id, _)| id)
                .collect();
            let expected = [third.id().to_string(), stranger.id().to_string()];
            assert_eq!(shown, expected.iter().collect(), "turn {turn}, back {back}");
        }
    }
}

#[test]
fn of_rival_successors_the_greatest_id_is_shown() {
    let old = track(1, "old", None);
    let rivals: Vec<_> = (0..4).map(|n| track(1, &format!("new {n}"), Some(&old))).collect();
    let winner = rivals.iter().map(|r| r.id().to_string()).max().unwrap();
    let mut shelves = BTreeMap::from([(0, Shelf::of(&rivals))]);
    let seen = gather_from(&mut shelves, &mut Reputation::new());
    let shown: Vec<&String> =
        seen.found.iter().filter(|(id, c)| **c && !seen.gone.contains(*id)).map(|(id, _)| id).collect();
    assert_eq!(shown, [&winner]);
}

#[test]
fn what_the_node_has_is_not_fetched() {
    let records: Vec<_> = (0..5).map(|n| track(1, &format!("t{n}"), None)).collect();
    let mut gather = Gather::new(drone(), Limits { whole: 0, ..Limits::default() });
    records[..4].iter().for_each(|record| gather.hold(record));
    let mut reputation = Reputation::new();
    gather.add_provider(0, Origin::CONFIGURED, &reputation);
    gather.all_named();
    let mut shelves = BTreeMap::from([(0, Shelf::of(&records))]);
    let seen = run(&mut gather, &mut shelves, &mut reputation);
    assert_eq!((seen.order.len(), seen.also.len()), (1, 4));
}

#[test]
fn who_names_sixty_gets_no_more_turns_than_who_names_two() {
    let reputation = Reputation::new();
    let mut gather = Gather::new(drone(), Limits::default());
    for provider in 100..160 {
        gather.add_provider(provider, by(1), &reputation);
    }
    gather.add_provider(200, by(2), &reputation);
    gather.add_provider(300, by(3), &reputation);
    let mut asked = Vec::new();
    let mut reputation = reputation;
    while let Some(Step::Ask { provider, .. }) = gather.poll(Duration::ZERO, &mut reputation) {
        asked.push(provider);
    }
    assert_eq!(asked.len(), 4);
    assert!(asked.contains(&200) && asked.contains(&300), "{asked:?}");
}

#[test]
fn a_hundred_peers_of_one_network_leave_room_for_one_of_another() {
    let mut reputation = Reputation::new();
    let mut gather = Gather::new(drone(), Limits::default());
    let origin = |group| Origin { named_by: Some(1), group: Some(Group(group)) };
    (0..100).for_each(|n| gather.add_provider(n, origin(1), &reputation));
    gather.add_provider(200, origin(2), &reputation);
    gather.add_provider(201, origin(2), &reputation);
    let mut asked = Vec::new();
    while let Some(Step::Ask { provider, .. }) = gather.poll(Duration::ZERO, &mut reputation) {
        asked.push(provider);
    }
    assert!(asked.contains(&200) && asked.contains(&201), "{asked:?}");
}

#[test]
fn a_flood_of_spam_changes_none_of_the_first_ten() {
    let followed: Vec<_> = (0..10).map(|n| track(1, &format!("good {n}"), None)).collect();
    let mut circle = Circle::new();
    circle.choose(artist(1).did().to_string());
    let honest = 500;
    let first_ten = |spammers: u32| {
        let mut reputation = Reputation::new();
        let mut gather = Gather::new(drone(), Limits::default());
        let mut shelves = BTreeMap::from([(honest, Shelf::of(&followed))]);
        // Every spam record by an artist of its own. All are named before the honest one is.
        for spammer in 0..spammers {
            let spam: Vec<_> = (0..40u32)
                .map(|n| {
                    let mut seed = [9; 32];
                    seed[..8].copy_from_slice(&u64::from(spammer * 1000 + n).to_be_bytes());
                    track_by(&ArtistKey::from_seed(&seed), &format!("spam {n}"), None)
                })
                .collect();
            shelves.insert(spammer, Shelf::of(&spam));
            gather.add_provider(spammer, by(900 + spammer % 3), &reputation);
        }
        gather.add_provider(honest, by(1000), &reputation);
        gather.all_named();
        let seen = run(&mut gather, &mut shelves, &mut reputation);
        let mut results = Results::new(100, Caps::default(), [3; 32]);
        for (id, artist, provider) in seen.hits {
            results.insert(Hit { id, artist, providers: [provider].into(), relevance: 0 }, &circle);
        }
        let top: Vec<String> = results.top(10, &circle).into_iter().map(|hit| hit.id.clone()).collect();
        (seen.found.len(), top)
    };
    let (found, quiet) = first_ten(0);
    assert_eq!((found, quiet.len()), (10, 10));
    let (found, flooded) = first_ten(70);
    assert!(found >= 1000, "{found}");
    assert_eq!(flooded, quiet);
}

#[test]
fn one_provider_and_one_artist_have_their_limits() {
    let limits = Limits { per_provider: 60, per_artist: 25, ..Limits::default() };
    let of_one: Vec<_> = (0..80).map(|n| track(1, &format!("one {n}"), None)).collect();
    let mut shelves = BTreeMap::from([(0, Shelf::of(&of_one)), (1, Shelf::of(&[track(2, "two", None)]))]);
    let mut gather = Gather::new(drone(), limits);
    let mut reputation = Reputation::new();
    (0..2).for_each(|n| gather.add_provider(n, Origin::CONFIGURED, &reputation));
    gather.all_named();
    let seen = run(&mut gather, &mut shelves, &mut reputation);
    assert_eq!(seen.found.len(), 26);
    let fetched: usize = shelves[&0]
        .asked
        .iter()
        .map(|request| if let Query::Ids(ids) = &request.query { ids.len() } else { 0 })
        .sum();
    assert!(fetched <= 60, "{fetched}");
    // The artist that was asked for has no such limit.
    let key = IndexKey::artist(&artist(1).did()).unwrap();
    let mut gather = Gather::new(key, limits);
    gather.add_provider(0, Origin::CONFIGURED, &reputation);
    gather.all_named();
    let seen = run(&mut gather, &mut shelves, &mut reputation);
    assert!(seen.found.len() > 25);
}

#[test]
fn a_cursor_that_goes_in_circles_ends() {
    let mut reputation = Reputation::new();
    let mut gather = Gather::new(drone(), Limits::default());
    gather.add_provider(0, Origin::CONFIGURED, &reputation);
    gather.all_named();
    let mut asked = 0;
    while let Some(step) = gather.poll(Duration::ZERO, &mut reputation) {
        let Step::Ask { id, .. } = step else { break };
        asked += 1;
        assert!(asked < 200);
        let next = if asked % 2 == 0 { "a" } else { "b" };
        gather.answered(id, Answer { next: Some(next.into()), ..Answer::default() }, &mut reputation);
    }
    assert!((2..=70).contains(&asked), "{asked}");
}

#[test]
fn records_of_a_web_artist_wait_for_its_keys() {
    let did = osp_core::did::Did::parse("did:web:example.com").unwrap();
    let draft = TrackDraft {
        title: "web".into(),
        format: "audio/opus".into(),
        cid: raw_cid(sha256(b"web")).to_string(),
        members: [("genre".to_owned(), Json::Array(vec!["drone".into()]))].into(),
    };
    let record = draft.sign_as(&did, &artist(3), None).unwrap();
    for (keys, found) in [(vec![artist(3).public()], 1), (vec![artist(4).public()], 0), (vec![], 0)] {
        let mut reputation = Reputation::new();
        let mut gather = Gather::new(drone(), Limits::default());
        gather.add_provider(0, Origin::CONFIGURED, &reputation);
        gather.all_named();
        let Some(Step::Ask { id, .. }) = gather.poll(Duration::ZERO, &mut reputation) else { panic!() };
        gather.answered(
            id,
            Answer { records: vec![record.to_bytes()], ..Answer::default() },
            &mut reputation,
        );
        let Some(Step::KeysOf(of)) = gather.poll(Duration::ZERO, &mut reputation) else { panic!() };
        assert_eq!(of, did);
        assert!(gather.poll(Duration::ZERO, &mut reputation).is_none(), "it waits");
        gather.keys(&did, &keys, &mut reputation);
        let mut given = 0;
        while let Some(step) = gather.poll(Duration::ZERO, &mut reputation) {
            given += usize::from(matches!(step, Step::Found { .. }));
        }
        assert_eq!(given, found);
    }
}

#[test]
fn a_busy_provider_is_left_alone() {
    let mut reputation = Reputation::new();
    let mut gather = Gather::new(drone(), Limits::default());
    gather.add_provider(0, Origin::CONFIGURED, &reputation);
    gather.all_named();
    let Some(Step::Ask { id, .. }) = gather.poll(Duration::ZERO, &mut reputation) else { panic!() };
    gather.answered(id, Answer::refusal(RefusalReason::Busy), &mut reputation);
    assert!(matches!(gather.poll(Duration::ZERO, &mut reputation), Some(Step::Done(_))));
    assert!(!reputation.is_shunned(&0));
}

#[test]
fn what_is_remembered_has_its_bounds() {
    let mut reputation = Reputation::new();
    for n in 0..10_000u32 {
        reputation.bad(&n);
        reputation.good(&n);
        reputation.failed(&n);
    }
    assert!(reputation.load().0 <= 2048);
}
