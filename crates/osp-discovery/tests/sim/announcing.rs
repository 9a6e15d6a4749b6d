//! Ten thousand tracks reach a thousand nodes without flooding them.

use crate::{figure, world::World};
use osp_discovery::{
    DhtKey, UnixTime,
    announce::{Config, Outcome, Planner},
};
use std::time::Duration;

/// Artist, ten genres, and for each track its title, id and content.
fn library(tracks: usize) -> Vec<DhtKey> {
    (0..11 + 3 * tracks as u64).map(|n| DhtKey::random(5_000_000 + n)).collect()
}

#[test]
fn a_thousand_nodes_hear_of_ten_thousand_tracks() {
    const TRACKS: usize = 10_000;
    let mut world = World::with_nodes(1000, 21);
    let me = world.anybody();
    let size = world.nodes[me as usize].density.peers(world.now).unwrap();
    let epoch = 1_700_000_000;
    let clock = |world: &World| UnixTime(epoch + world.now.as_secs());

    let mut planner = Planner::new(Config::default(), 99);
    let keys = library(TRACKS);
    for key in &keys {
        planner.publish(*key, clock(&world)).unwrap();
    }
    let started = world.now;
    let mut under_way = Vec::new();
    let mut reached = 0;
    while planner.waiting() > 0 {
        while let Some(batch) = planner.take(size, clock(&world)) {
            under_way.push((batch.id, world.announce(me, &batch.keys, batch.region)));
        }
        let until = world.now + Duration::from_millis(100);
        world.run_until(until);
        under_way.retain(|(id, run)| {
            let run = &world.runs[*run];
            let Some(summary) = &run.summary else { return true };
            // The last streams are under way.
            if world.now < run.started + summary.took + Duration::from_millis(300) {
                return true;
            }
            let outcome =
                Outcome { stored: run.announced, members: run.members.len(), requests: summary.asked };
            let now = UnixTime(epoch + world.now.as_secs());
            reached += planner.finished(*id, outcome, now).map_or(0, |keys| keys.len());
            false
        });
        assert!(world.now - started < Duration::from_secs(600), "{} are not announced", planner.waiting());
    }
    assert_eq!(reached, keys.len());
    let all_known = world.now - started;
    let tally = *planner.tally();

    // What one lookup each costs, of a few of them.
    let mut alone = 0;
    for key in &keys[..20] {
        let run = world.nearest(me, (*key).into());
        world.run();
        let summary = world.runs[run].summary.as_ref().unwrap();
        alone += summary.asked + summary.nearest.len();
    }
    let per_hour_1000 = |requests: f64| requests / 22.0 / (TRACKS as f64 / 1000.0);
    let (batched, one_by_one) =
        (per_hour_1000(tally.requests as f64), per_hour_1000(alone as f64 / 20.0 * keys.len() as f64));
    let planned = planner.cost(size);
    figure(|| {
        format!(
            "1000 nodes, {TRACKS} tracks, {} keys: {} batches, {} requests, {} ADD_PROVIDERs in {} s; \
             {batched:.1} requests an hour per 1000 tracks, one lookup each {one_by_one:.0} ({:.2} %); planned {:.1}; network size {size:.0}",
            keys.len(),
            tally.batches,
            tally.requests,
            tally.messages,
            all_known.as_secs(),
            100.0 * batched / one_by_one,
            per_hour_1000(planned.requests_per_hour * 22.0),
        )
    });
    assert!(batched * 100.0 < one_by_one, "{batched} against {one_by_one}");
    // What the planner says it costs is what it costs.
    let said = per_hour_1000(planned.requests_per_hour * 22.0);
    assert!((0.5..2.0).contains(&(batched / said)), "{batched} and said {said}");

    // And everybody finds them.
    for n in 0..30 {
        let from = world.anybody();
        let run = world.search(from, keys[n * 997]);
        world.run();
        assert!(from == me || world.runs[run].providers.contains_key(&me), "key {n}");
    }
}

#[test]
fn what_was_published_is_seen_at_once() {
    let mut world = World::with_nodes(300, 22);
    let mut times = Vec::new();
    for n in 0..40 {
        let key = DhtKey::random(9000 + n);
        let (me, other) = (world.anybody(), world.anybody());
        let start = world.now;
        world.announce_one(me, key);
        // Somebody elsewhere looks again and again.
        let seen = loop {
            let end = world.now + Duration::from_millis(100);
            world.run_until(end);
            let run = world.search(other, key);
            let end = world.now + Duration::from_millis(400);
            world.run_until(end);
            if let Some(after) = world.runs[run].providers.get(&me) {
                break world.runs[run].started + *after - start;
            }
            assert!(world.now - start < Duration::from_secs(10));
        };
        world.run();
        times.push(seen);
    }
    times.sort_unstable();
    figure(|| format!("published and found elsewhere: p50 {:?}, p90 {:?}", times[20], times[36]));
    assert!(times[36] < Duration::from_secs(5));
}
