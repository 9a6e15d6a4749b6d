//! The planner over days of virtual time: new keys at once, old ones spread, no burst ever.
use osp_discovery::{
    DhtKey, UnixTime,
    announce::{Batch, Config, EXPIRY, INTERVAL, Outcome, Planner},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, time::Duration};

const START: UnixTime = UnixTime(1_700_000_000);
const HOUR: u64 = 3600;
const FINE: Outcome = Outcome { stored: 25, members: 30, requests: 16 };

fn keys(count: u64) -> Vec<DhtKey> {
    (0..count).map(DhtKey::random).collect()
}

/// When each key was announced last, and how many batches there were in each hour.
#[derive(Default)]
struct Log {
    last: BTreeMap<DhtKey, UnixTime>,
    batches: Vec<(UnixTime, usize)>,
    longest_gap: Duration,
}

/// Lets the planner work for a while, each batch taking three seconds.
fn run(planner: &mut Planner, log: &mut Log, from: UnixTime, hours: u64, peers: f64) -> UnixTime {
    let end = from + Duration::from_secs(hours * HOUR);
    let mut now = from;
    let mut under_way: Vec<(UnixTime, Batch)> = Vec::new();
    loop {
        while let Some(batch) = planner.take(peers, now) {
            assert!(!batch.keys.is_empty());
            under_way.push((now + Duration::from_secs(3), batch));
        }
        let next = under_way.iter().map(|(at, _)| *at).chain(planner.next_due(now)).min();
        // What is due now and was not given waits for its turn.
        now = next.unwrap_or(end).max(now + Duration::from_secs(1));
        if now >= end {
            for (_, batch) in under_way {
                planner.finished(batch.id, FINE, end).unwrap();
                batch.keys.iter().for_each(|key| note(log, *key, end));
            }
            return end;
        }
        let (done, rest) = under_way.into_iter().partition(|(at, _)| *at <= now);
        under_way = rest;
        let done: Vec<(UnixTime, Batch)> = done;
        for (_, batch) in done {
            assert!(planner.finished(batch.id, FINE, now).is_some());
            batch.keys.iter().for_each(|key| note(log, *key, now));
            log.batches.push((now, batch.keys.len()));
        }
    }
}

fn note(log: &mut Log, key: DhtKey, now: UnixTime) {
    if let Some(before) = log.last.insert(key, now) {
        log.longest_gap = log.longest_gap.max(now.since(before));
    }
}

/// Most batches in any one hour from `from` on.
fn busiest_hour(log: &Log, from: UnixTime) -> usize {
    let mut hours: BTreeMap<u64, usize> = BTreeMap::new();
    for (at, _) in log.batches.iter().filter(|(at, _)| *at >= from) {
        *hours.entry((at.0 - from.0) / HOUR).or_default() += 1;
    }
    hours.values().copied().max().unwrap_or(0)
}

#[test]
fn many_new_keys_go_at_once_and_are_spread_from_then_on() {
    let mut planner = Planner::new(Config::default(), 1);
    for key in keys(3000) {
        planner.publish(key, START).unwrap();
    }
    assert_eq!(planner.waiting(), 3000);
    let mut log = Log::default();
    // 1,000 peers: 32 regions.
    let now = run(&mut planner, &mut log, START, 1, 1000.0);
    assert_eq!((planner.waiting(), log.last.len(), log.batches.len()), (0, 3000, 32));
    let later = run(&mut planner, &mut log, now, 150, 1000.0);
    assert!(busiest_hour(&log, now) <= 4, "{} batches in one hour", busiest_hour(&log, now));
    assert!(log.longest_gap <= INTERVAL * 3 / 2 + Duration::from_secs(60));
    assert!(log.longest_gap < EXPIRY);
    // About one batch for each region and interval.
    let batches = log.batches.len() - 32;
    assert!((150..=300).contains(&batches), "{batches}");
    assert!(keys(3000).iter().all(|key| planner.is_announced(key, later)));
}

#[test]
fn a_restart_changes_nothing() {
    let mut planner = Planner::new(Config::default(), 1);
    for key in keys(2000) {
        planner.publish(key, START).unwrap();
    }
    let mut log = Log::default();
    let now = run(&mut planner, &mut log, START, 60, 1000.0);
    let mut again = Planner::new(Config::default(), 1);
    for key in keys(2000) {
        again.restore(key, log.last.get(&key).copied(), now).unwrap();
    }
    assert_eq!(again.waiting(), 0);
    run(&mut again, &mut log, now, 60, 1000.0);
    assert!(busiest_hour(&log, now) <= 5, "{} batches in one hour", busiest_hour(&log, now));
    assert!(log.longest_gap < EXPIRY);
}

#[test]
fn after_a_long_sleep_what_is_overdue_takes_its_time() {
    let mut planner = Planner::new(Config::default(), 3);
    let now = START + 10 * EXPIRY;
    for key in keys(2000) {
        planner.restore(key, Some(START), now).unwrap();
    }
    assert!(!planner.is_announced(&keys(1)[0], now));
    let mut log = Log::default();
    run(&mut planner, &mut log, now, 2, 1000.0);
    let first_minute = log.batches.iter().filter(|(at, _)| at.since(now) < Duration::from_secs(60)).count();
    assert!(first_minute <= 2, "{first_minute}");
    assert_eq!(log.last.len(), 2000, "all within the time to catch up");
    // Meanwhile something new does not wait.
    let key = DhtKey::random(99_999);
    let end = now + Duration::from_secs(2 * HOUR);
    planner.publish(key, end).unwrap();
    let batch = planner.take(1000.0, end).unwrap();
    assert!(batch.keys.contains(&key) && batch.fresh == 1);
}

#[test]
fn a_batch_that_fails_comes_again_later_and_later() {
    let mut planner = Planner::new(Config::default(), 4);
    planner.publish(keys(1)[0], START).unwrap();
    let mut now = START;
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let batch = planner.take(100.0, now).unwrap();
        let failed = Outcome { stored: 1, members: 20, requests: 10 };
        assert_eq!(planner.finished(batch.id, failed, now), None);
        assert!(planner.take(100.0, now).is_none());
        let due = planner.next_due(now).unwrap();
        pauses.push(due.since(now).as_secs());
        now = due;
    }
    assert_eq!(pauses[..4], [60, 120, 240, 480]);
    assert_eq!(*pauses.last().unwrap(), 2 * HOUR);
    let batch = planner.take(100.0, now).unwrap();
    assert_eq!(planner.finished(batch.id, FINE, now).unwrap(), keys(1));
    assert_eq!(planner.finished(batch.id, FINE, now), None);
    assert_eq!((planner.tally().failed, planner.tally().batches), (12, 1));
    // In a network of two, one is enough.
    planner.publish(keys(2)[1], now).unwrap();
    let batch = planner.take(1.0, now).unwrap();
    assert!(planner.finished(batch.id, Outcome { stored: 1, members: 1, requests: 1 }, now).is_some());
}

#[test]
fn clocks_jump() {
    for (label, jump) in [("forward", 1_000_000i64), ("back", -1_000_000), ("back to 1970", -1_690_000_000)] {
        let mut planner = Planner::new(Config::default(), 5);
        for key in keys(500) {
            planner.publish(key, START).unwrap();
        }
        let mut log = Log::default();
        let now = run(&mut planner, &mut log, START, 30, 1000.0);
        let jumped = UnixTime(now.0.saturating_add_signed(jump));
        let mut log = Log::default();
        run(&mut planner, &mut log, jumped, 34, 1000.0);
        assert_eq!(
            log.last.len(),
            500,
            "{label}: everything is announced again within one and a half intervals"
        );
        assert!(busiest_hour(&log, jumped) <= 40, "{label}");
    }
}

/// Nothing but the key itself has told the planner what the time was before the clock went back.
#[test]
fn a_clock_that_jumps_back_before_the_first_batch() {
    let mut planner = Planner::new(Config::default(), 8);
    let key = DhtKey::random(15);
    let before = START + Duration::from_secs(100 * HOUR);
    planner.restore(key, Some(before), before).unwrap();
    let mut log = Log::default();
    run(&mut planner, &mut log, START, 34, 200.0);
    assert_eq!(log.last.len(), 1, "within one and a half intervals of the time that is right");
}

#[test]
fn a_key_stays_as_long_as_a_record_needs_it() {
    let mut planner = Planner::new(Config { keys: 2, ..Config::default() }, 6);
    let [a, b, c] = keys(3)[..] else { panic!() };
    for key in [a, a, b] {
        planner.publish(key, START).unwrap();
    }
    assert!(planner.publish(c, START).is_err());
    assert!(!planner.release(&a) && !planner.release(&c));
    assert_eq!(planner.len(), 2);
    let batch = planner.take(10.0, START).unwrap();
    assert!(planner.release(&a) && !planner.release(&a));
    assert_eq!(planner.finished(batch.id, FINE, START).unwrap(), [b]);
    assert_eq!((planner.len(), planner.waiting(), planner.is_empty()), (1, 0, false));
}

#[test]
fn what_is_new_first_then_whatever_else_is_due_there() {
    let mut planner = Planner::new(Config { keys_per_batch: 10, ..Config::default() }, 7);
    let now = START + 2 * INTERVAL;
    for key in keys(100) {
        planner.restore(key, Some(START), now).unwrap();
    }
    let new: Vec<DhtKey> = (0..5).map(|n| DhtKey::random(1_000_000 + n)).collect();
    for key in &new {
        planner.publish(*key, now).unwrap();
    }
    // Ten peers: one region.
    let batch = planner.take(10.0, now).unwrap();
    assert_eq!((batch.keys.len(), batch.fresh), (10, 5));
    assert!(new.iter().all(|key| batch.keys.contains(key)));
}

proptest! {
    /// Whatever happens, a key is in one place: waiting or in a batch, and comes again.
    #[test]
    fn no_key_is_lost(steps in prop::collection::vec((0u8..6, 0u64..40, 0i64..100_000), 1..80)) {
        let mut planner = Planner::new(Config { parallel: 2, ..Config::default() }, 8);
        let mut now = START;
        let mut out = Vec::new();
        let mut held: BTreeMap<u64, u32> = BTreeMap::new();
        for (what, n, time) in steps {
            match what {
                0 => { planner.publish(DhtKey::random(n), now).unwrap(); *held.entry(n).or_default() += 1; }
                1 => { planner.restore(DhtKey::random(n), Some(UnixTime(now.0 - time as u64)), now).unwrap(); *held.entry(n).or_default() += 1; }
                2 => if let Some(count) = held.get_mut(&n) {
                    *count -= 1;
                    prop_assert_eq!(planner.release(&DhtKey::random(n)), *count == 0);
                    if *count == 0 { held.remove(&n); }
                }
                3 => out.extend(planner.take(200.0, now)),
                4 => if let Some(batch) = out.pop() { planner.finished(batch.id, if n % 2 == 0 { FINE } else { Outcome::default() }, now); }
                _ => now = UnixTime(now.0.saturating_add_signed(time - 30_000)),
            }
            prop_assert_eq!(planner.len(), held.len());
        }
        for batch in out { planner.finished(batch.id, FINE, now); }
        let mut log = Log::default();
        run(&mut planner, &mut log, now, 36, 200.0);
        prop_assert_eq!(log.last.len(), held.len());
    }
}

#[test]
fn a_network_that_grew_is_told_again_at_once() {
    let mut planner = Planner::new(Config::default(), 4);
    for key in keys(100) {
        planner.publish(key, START).unwrap();
    }
    let first = planner.take(3.0, START).unwrap();
    assert_eq!(planner.due(START), 0);
    planner.finished(first.id, Outcome { stored: 3, members: 3, requests: 3 }, START).unwrap();
    assert!(planner.take(3.0, START).is_none());
    planner.again(START);
    assert_eq!(planner.due(START), 100);
    let again = planner.take(12.0, START).unwrap();
    assert_eq!((again.keys.len(), again.fresh), (100, 0));
    // While that is under way there is nothing to tell.
    planner.again(START);
    assert!(planner.take(12.0, START).is_none());
}

#[test]
fn what_the_network_may_have_forgotten_is_counted() {
    let mut planner = Planner::new(Config::default(), 5);
    let now = START + 2 * EXPIRY;
    for (n, key) in keys(30).into_iter().enumerate() {
        let last = [None, Some(START), Some(START + 2 * EXPIRY)][n % 3];
        planner.restore(key, last, now).unwrap();
    }
    assert_eq!((planner.due(now), planner.late(now)), (20, 10));
}
