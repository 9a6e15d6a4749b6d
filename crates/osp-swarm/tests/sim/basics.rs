//! Two or three honest engines.

use crate::{
    actor::{Node, Track},
    net::Line,
    world::{Manner, World},
};
use osp_swarm::{Config, Time};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

#[test]
fn a_leech_that_knows_only_the_infohash_gets_the_file_from_a_seed() {
    for length in [1, 16_384, 65_536, 65_537, 3_000_000, 9_000_000] {
        let track = Track::of(length);
        let mut world = World::new(1);
        let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
        let seed = world.add_node(seed, Line::server());
        let leech = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::server());
        world.connect(leech, seed).unwrap();
        assert!(world.run(MINUTE, |world| world.node(leech).is_complete()), "{length} bytes");
        world.assert_honest_are_trusted();
        let stats = world.node(leech).engine.stats(world.now);
        assert_eq!(stats.from_bittorrent, length as u64);
        assert_eq!(stats.wasted, 0);
        let took = world.now.since_origin();
        let least = Duration::from_secs_f64(length as f64 / 25e6);
        assert!(took < least * 2 + Duration::from_secs(2), "{length} bytes took {took:?}");
    }
}

#[test]
fn who_is_called_can_fetch_as_well_as_who_calls() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
    let seed = world.add_node(seed, Line::home());
    let leech = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::home());
    world.connect(seed, leech).unwrap();
    assert!(world.run(MINUTE, |world| world.node(leech).is_complete()));
}

#[test]
fn a_mirror_alone_carries_everything() {
    let track = Track::of(9_000_000);
    let mut world = World::new(1);
    let mirror = world.add_mirror(Line::server(), Manner::Honest);
    let leech = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::server());
    world.use_mirror(leech, mirror);
    assert!(world.run(MINUTE, |world| world.node(leech).is_complete()));
    let stats = world.node(leech).engine.stats(world.now);
    assert_eq!(stats.web_seeds.len(), 1);
    assert_eq!((stats.web_seeds[0].1, stats.wasted), (9_000_000, 0));
    assert!(world.now.since_origin() < Duration::from_secs(2), "{:?}", world.now);
}

#[test]
fn a_cap_on_uploads_is_kept_and_shared() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let config = Config { upload_limit: Some(200_000), ..Config::default() };
    let seed = world.add_node(Node::new(&track, config, 1, 1, Time::ZERO).seed(Time::ZERO), Line::server());
    let leeches: Vec<_> = (2..5)
        .map(|n| world.add_node(Node::new(&track, Config::default(), n, 1, Time::ZERO), Line::server()))
        .collect();
    for leech in &leeches {
        world.connect(*leech, seed).unwrap();
    }
    world.run(Duration::from_secs(10), |_| false);
    let got: Vec<u64> =
        leeches.iter().map(|id| world.node(*id).engine.stats(world.now).from_bittorrent).collect();
    let sent = world.node(seed).engine.stats(world.now).uploaded;
    assert!((1_900_000..2_150_000).contains(&sent), "{sent}");
    assert!(got.iter().all(|got| (400_000..900_000).contains(got)), "{got:?}");
}
