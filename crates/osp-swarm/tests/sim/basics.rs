//! Two or three honest engines.

use crate::{
    actor::{Node, Track},
    net::Line,
    player::Player,
    world::{Manner, World},
};
use osp_swarm::{Config, Demand, Event, PieceIndex, Playhead, Reason, Time, WebSeed, WebSeedId};
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

#[test]
fn when_the_first_mirror_stalls_a_second_one_is_asked_for_the_same_bytes_at_once() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let stalls = world.add_mirror(Line::server(), Manner::Stalls);
    let honest = world.add_mirror(Line::server(), Manner::Honest);
    let mut node = Node::new(&track, Config::default(), 2, 1, Time::ZERO);
    node.player = Some(Player::new(40_000, Time::ZERO));
    let us = world.add_node(node, Line::server());
    world.use_mirror(us, stalls);
    world.use_mirror(us, honest);
    let finished = |world: &World| world.node(us).player.as_ref().unwrap().finished.is_some();
    assert!(world.run(MINUTE * 2, finished));
    let player = world.node(us).player.as_ref().unwrap();
    assert_eq!(player.stutters, 0);
    let start = player.first_sound.unwrap().since(player.asked);
    assert!(start < Duration::from_millis(600), "the hedge came after {start:?}");
}

#[test]
fn a_mirror_that_lies_is_dropped_and_named_and_another_carries_on() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let lies = world.add_mirror(Line::server(), Manner::Lies);
    let honest = world.add_mirror(Line::server(), Manner::Honest);
    let us = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::server());
    world.use_mirror(us, lies);
    world.use_mirror(us, honest);
    assert!(world.run(MINUTE, |world| world.node(us).is_complete()));
    let dropped = &world.node(us).dropped;
    assert!(matches!(dropped.as_slice(), [(seed, Reason::BadPiece(_))] if seed.0 == lies), "{dropped:?}");
}

#[test]
fn a_mirror_of_large_blocks_is_asked_for_whole_ones() {
    let track = Track::of(9_000_000);
    let mut engine = Node::new(&track, Config::default(), 2, 1, Time::ZERO).engine;
    engine.set_geometry(track.geometry, Time::ZERO);
    let head = Playhead { position: 5_000_000, rate: 40_000, buffered: Duration::ZERO, end: u64::MAX };
    engine.set_playheads(&[head], Time::ZERO);
    engine.add_web_seed(WebSeedId(0), WebSeed { align: 1 << 20, parallel: 3, free: false }, Time::ZERO);
    let mut ranges = Vec::new();
    while let Some(event) = engine.poll_event() {
        if let Event::Fetch { range, .. } = event {
            ranges.push(range);
        }
    }
    assert!(ranges.iter().any(|range| range.contains(&5_000_000)), "{ranges:?}");
    for range in ranges {
        assert_eq!(range.start % (1 << 20), 0);
        assert!(range.end % (1 << 20) == 0 || range.end == 9_000_000);
    }
}

#[test]
fn the_metadata_comes_from_peers_that_learnt_it_themselves_a_moment_ago() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
    let seed = world.add_node(seed, Line::home());
    let middle = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::home());
    let far = world.add_node(Node::new(&track, Config::default(), 3, 1, Time::ZERO), Line::home());
    world.connect(far, middle).unwrap();
    world.run(Duration::from_secs(1), |_| false);
    world.connect(middle, seed).unwrap();
    assert!(world.run(MINUTE, |world| world.node(far).is_complete()));
}

#[test]
fn peers_are_told_of_each_other_and_never_of_private_addresses_unless_asked_to() {
    for private in [true, false] {
        let track = Track::of(3_000_000);
        let mut world = World::new(1);
        let config = Config { exchange_private: private, upload_limit: Some(20_000), ..Config::default() };
        let node = |n, config: &Config| Node::new(&track, config.clone(), n, 1, Time::ZERO);
        let middle = world.add_node(node(1, &config).seed(Time::ZERO), Line::home());
        let others: Vec<_> = (2..5).map(|n| world.add_node(node(n, &config), Line::home())).collect();
        for other in &others {
            world.connect(middle, *other).unwrap();
        }
        world.run(MINUTE, |_| false);
        for other in &others {
            assert_eq!(world.node(*other).addresses, if private { 2 } else { 0 });
        }
    }
}

#[test]
fn only_the_windows_of_readers_are_fetched_when_no_more_is_wanted() {
    let track = Track::of(9_000_000);
    let mut world = World::new(1);
    let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
    let seed = world.add_node(seed, Line::home());
    let mut node = Node::new(&track, Config::default(), 2, 1, Time::ZERO);
    node.engine.set_demand(Demand::Windows, Time::ZERO);
    let head = Playhead { position: 3_000_000, rate: 40_000, buffered: Duration::ZERO, end: u64::MAX };
    node.engine.set_playheads(&[head], Time::ZERO);
    let us = world.add_node(node, Line::home());
    world.connect(us, seed).unwrap();
    world.run(MINUTE, |_| false);
    let node = world.node(us);
    let first = track.geometry.piece_at(3_000_000).unwrap();
    let last = track.geometry.piece_at(3_000_000 + 30 * 40_000 - 1).unwrap();
    for piece in (0..track.geometry.pieces()).map(PieceIndex) {
        assert_eq!(node.verified.has(piece), (first..=last).contains(&piece), "{piece:?}");
    }
    assert_eq!(node.engine.missing_in(3_000_000..3_000_000 + 30 * 40_000), 0);
}

#[test]
fn a_cap_on_downloads_holds_for_peers_and_mirrors_together() {
    let track = Track::of(9_000_000);
    let mut world = World::new(1);
    let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
    let seed = world.add_node(seed, Line::server());
    let mirror = world.add_mirror(Line::server(), Manner::Honest);
    let config = Config { download_limit: Some(300_000), ..Config::default() };
    let us = world.add_node(Node::new(&track, config, 2, 1, Time::ZERO), Line::server());
    world.use_mirror(us, mirror);
    world.connect(us, seed).unwrap();
    world.run(Duration::from_secs(20), |_| false);
    let stats = world.node(us).engine.stats(world.now);
    let got = stats.from_bittorrent + stats.web_seeds.iter().map(|(_, bytes)| bytes).sum::<u64>();
    assert!((4_500_000..6_600_000).contains(&got), "{got}");
}

#[test]
fn a_piece_that_was_lost_is_fetched_again() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let seed = Node::new(&track, Config::default(), 1, 1, Time::ZERO).seed(Time::ZERO);
    let seed = world.add_node(seed, Line::home());
    let us = world.add_node(Node::new(&track, Config::default(), 2, 1, Time::ZERO), Line::home());
    world.connect(us, seed).unwrap();
    assert!(world.run(MINUTE, |world| world.node(us).is_complete()));
    let now = world.now;
    let node = world.node_mut(us);
    node.verified.clear(PieceIndex(7));
    node.complete = None;
    node.engine.forget_piece(PieceIndex(7), now);
    world.drive(us);
    assert!(world.run(MINUTE, |world| world.node(us).is_complete()));
}
