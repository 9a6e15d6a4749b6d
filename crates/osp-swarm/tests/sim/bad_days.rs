//! Hostile peers and dying sources, one kind at a time and then all together over many seeds.

use crate::{
    actor::{Habit, Node, Track},
    net::Line,
    player::Player,
    scripts::{Flooder, Lie, MetadataLiar},
    swarm::figures,
    world::{Id, Manner, World},
};
use osp_swarm::{Config, Reason, Refused, Time};
use std::{sync::Arc, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

fn peer(world: &mut World, track: &Arc<Track>, number: u64, seed: u64, habit: Habit, line: Line) -> Id {
    let mut node = Node::new(track, Config::default(), number, seed, world.now).seed(world.now);
    node.habit = habit;
    world.add_node(node, line)
}

fn leech(world: &mut World, track: &Arc<Track>, number: u64, seed: u64) -> Id {
    let node = Node::new(track, Config::default(), number, seed, world.now);
    world.add_node(node, Line::home())
}

#[test]
fn a_poisoned_peer_is_found_among_honest_ones_and_does_not_come_back() {
    for seed in 0..40 {
        let track = Track::of(3_000_000);
        let mut world = World::new(seed);
        let poison = peer(&mut world, &track, 1, seed, Habit::Poison, Line::home());
        let honest: Vec<Id> =
            (2..5).map(|n| peer(&mut world, &track, n, seed, Habit::Honest, Line::home())).collect();
        let us = leech(&mut world, &track, 9, seed);
        world.connect(us, poison).unwrap();
        for other in &honest {
            world.connect(us, *other).unwrap();
        }
        assert!(world.run(MINUTE * 2, |world| world.node(us).is_complete()), "seed {seed}");
        world.assert_honest_are_trusted();
        if world.node(us).bad > 0 {
            let culprits = world.culprits(us);
            assert!(
                matches!(culprits.as_slice(), [(id, Reason::BadPiece(_))] if *id == poison),
                "seed {seed}: {culprits:?}"
            );
            assert_eq!(world.connect(us, poison), None, "seed {seed}: it is banned");
        }
    }
}

#[test]
fn a_poisoned_peer_alone_is_dropped_at_its_first_bad_piece() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let poison = peer(&mut world, &track, 1, 1, Habit::Poison, Line::home());
    let us = leech(&mut world, &track, 9, 1);
    world.connect(us, poison).unwrap();
    assert!(!world.run(MINUTE, |world| world.node(us).is_complete()));
    assert_eq!(world.node(us).bad, 1);
    assert!(matches!(world.culprits(us).as_slice(), [(id, Reason::BadPiece(_))] if *id == poison));
}

#[test]
fn a_peer_that_promises_and_stalls_does_not_stop_a_player() {
    for seed in 0..20 {
        let track = Track::of(1_200_000);
        let mut world = World::new(seed);
        let stall = peer(&mut world, &track, 1, seed, Habit::Stall, Line::server());
        let honest = peer(&mut world, &track, 2, seed, Habit::Honest, Line::home());
        let mut node = Node::new(&track, Config::default(), 9, seed, Time::ZERO).with_info(Time::ZERO);
        node.player = Some(Player::new(40_000, Time::ZERO));
        let us = world.add_node(node, Line::home());
        world.connect(us, stall).unwrap();
        world.connect(us, honest).unwrap();
        let finished = |world: &World| world.node(us).player.as_ref().unwrap().finished.is_some();
        assert!(world.run(MINUTE * 2, finished), "seed {seed}");
        let player = world.node(us).player.as_ref().unwrap();
        assert_eq!(player.stutters, 0, "seed {seed}");
        let start = player.first_sound.unwrap().since(player.asked);
        assert!(start < Duration::from_secs(2), "seed {seed}: the first sound took {start:?}");
        world.assert_honest_are_trusted();
    }
}

#[test]
fn a_flood_of_requests_ends_the_flooder_and_starves_nobody() {
    let track = Track::of(3_000_000);
    let mut world = World::new(1);
    let seed = peer(&mut world, &track, 1, 1, Habit::Honest, Line::home());
    let flooder = world.add_script(Flooder::new(&track), Line::server());
    let us = leech(&mut world, &track, 9, 1);
    world.connect(flooder, seed).unwrap();
    world.connect(us, seed).unwrap();
    assert!(
        world.run(Duration::from_secs(8), |world| world.node(us).is_complete()),
        "in thrice its time alone"
    );
    world.run(Duration::from_secs(5), |_| false);
    assert!(matches!(world.culprits(seed).as_slice(), [(id, Reason::Protocol(_))] if *id == flooder));
}

#[test]
fn metadata_liars_delay_nobody_for_long_and_are_named() {
    let track = Track::of(9_000_000);
    let lies = [
        Lie::Hash,
        Lie::Length(1),
        Lie::Length(100_000),
        Lie::Length(5_000_000),
        Lie::Length(u32::MAX),
        Lie::Silence,
    ];
    for lie in lies {
        let mut world = World::new(1);
        let liar = world.add_script(MetadataLiar::new(&track, lie), Line::home());
        let seed = peer(&mut world, &track, 1, 1, Habit::Honest, Line::home());
        let us = leech(&mut world, &track, 9, 1);
        world.connect(us, liar).unwrap();
        world.later(Duration::from_millis(300), move |world| {
            world.connect(us, seed);
        });
        assert!(world.run(MINUTE, |world| world.node(us).is_complete()), "{lie:?}");
        world.assert_honest_are_trusted();
        if lie == Lie::Hash {
            let culprits = world.culprits(us);
            assert!(
                matches!(culprits.as_slice(), [(id, Reason::BadMetadata)] if *id == liar),
                "{culprits:?}"
            );
        }
    }
}

#[test]
fn the_publisher_goes_off_in_the_middle_and_listeners_have_the_rest_from_each_other() {
    for seed in 0..10 {
        let track = Track::of(3_000_000);
        let mut world = World::new(seed);
        let publisher = peer(&mut world, &track, 1, seed, Habit::Honest, Line::home());
        let others: Vec<Id> = (2..6).map(|n| leech(&mut world, &track, n, seed)).collect();
        for (i, a) in others.iter().enumerate() {
            world.connect(*a, publisher);
            for b in &others[..i] {
                world.connect(*a, *b);
            }
        }
        // It has sent everything once, and no listener has all of it.
        let pieces = track.geometry.pieces();
        let spread = |world: &World| {
            (0..pieces)
                .all(|p| others.iter().any(|id| world.node(*id).verified.has(osp_swarm::PieceIndex(p))))
        };
        assert!(world.run(MINUTE, spread), "seed {seed}");
        world.kill(publisher, Duration::from_secs(20));
        let all = |world: &World| others.iter().all(|id| world.node(*id).is_complete());
        assert!(world.run(MINUTE * 2, all), "seed {seed}");
        world.assert_honest_are_trusted();
    }
}

#[test]
fn when_all_peers_and_then_the_mirror_are_gone_it_stops_clean_and_goes_on_when_one_comes_back() {
    let track = Track::of(9_000_000);
    let mut world = World::new(3);
    let seed = peer(&mut world, &track, 1, 3, Habit::Honest, Line::home());
    let mirror = world.add_mirror(Line { up: 1_000_000, ..Line::server() }, Manner::Honest);
    let us = leech(&mut world, &track, 9, 3);
    world.use_mirror(us, mirror);
    world.connect(us, seed).unwrap();
    world.run(Duration::from_secs(1), |_| false);
    world.kill(seed, Duration::from_secs(1));
    world.run(Duration::from_secs(2), |_| false);
    world.kill_mirror(mirror);
    world.run(MINUTE * 5, |_| false);
    let node = world.node(us);
    assert!(!node.is_complete() && node.verified.count() > 0);
    assert_eq!(node.engine.pieces().unwrap(), &node.verified);
    let again = peer(&mut world, &track, 7, 3, Habit::Honest, Line::home());
    world.connect(us, again).unwrap();
    assert!(world.run(MINUTE, |world| world.node(us).is_complete()));
}

#[test]
fn of_ten_thousand_peers_no_more_are_taken_than_there_is_room_for() {
    let track = Track::of(1_000_000);
    let mut world = World::new(1);
    let us = leech(&mut world, &track, 9, 1);
    let now = world.now;
    let engine = &mut world.node_mut(us).engine;
    let mut full = 0;
    for n in 0..10_000 {
        let address = std::net::SocketAddr::from(([10, 9, (n >> 8) as u8, n as u8], 6881));
        let info =
            osp_swarm::PeerInfo { kind: osp_swarm::PeerKind::Tcp, outgoing: true, address: Some(address) };
        match engine.add_peer(osp_swarm::ConnId(1_000_000 + n), info, None, now) {
            Ok(()) => {}
            Err(refused) => {
                assert_eq!(refused, Refused::Full);
                full += 1;
            }
        }
    }
    assert_eq!(full, 10_000 - Config::default().max_peers);
    assert!(engine.load().within_bounds());
}

/// Some of everything, decided by the seed.
fn storm(seed: u64) -> Duration {
    let mut world = World::new(seed);
    let track = Track::of([200_000, 700_000, 1_500_000][world.dice.between(0, 3) as usize]);
    let line = |world: &mut World| Line {
        up: world.dice.between(200_000, 5_000_000),
        down: world.dice.between(1_000_000, 12_000_000),
        delay: Duration::from_millis(world.dice.between(1, 80)),
        loss: [0.0, 0.001, 0.01, 0.02][world.dice.between(0, 4) as usize],
    };
    let mut sources = Vec::new();
    for n in 0..world.dice.between(1, 3) {
        let line = line(&mut world);
        sources.push(peer(&mut world, &track, n, seed, Habit::Honest, line));
    }
    let dying = world.dice.chance(0.3).then(|| {
        let line = line(&mut world);
        peer(&mut world, &track, 20, seed, Habit::Honest, line)
    });
    sources.extend(dying);
    for (number, habit) in [(30, Habit::Poison), (31, Habit::Poison), (32, Habit::Stall)] {
        if world.dice.chance(0.5) {
            let line = line(&mut world);
            sources.push(peer(&mut world, &track, number, seed, habit, line));
        }
    }
    if world.dice.chance(0.3) {
        sources.push(world.add_script(Flooder::new(&track), Line::home()));
    }
    if world.dice.chance(0.3) {
        let lie = [Lie::Hash, Lie::Length(77_777), Lie::Silence][world.dice.between(0, 3) as usize];
        sources.push(world.add_script(MetadataLiar::new(&track, lie), Line::home()));
    }
    let mut listeners = Vec::new();
    for n in 0..world.dice.between(1, 4) {
        let mut node = Node::new(&track, Config::default(), 40 + n, seed, Time::ZERO);
        if world.dice.chance(0.5) {
            node = node.with_info(Time::ZERO);
        }
        if world.dice.chance(0.7) {
            node.player = Some(Player::new(20_000, Time::ZERO));
        }
        let line = line(&mut world);
        listeners.push(world.add_node(node, line));
    }
    for manner in [Manner::Honest, Manner::Lies, Manner::Stalls] {
        if world.dice.chance(0.25) {
            let mirror = world.add_mirror(Line::server(), manner);
            for us in &listeners {
                world.use_mirror(*us, mirror);
            }
        }
    }
    for (i, us) in listeners.clone().into_iter().enumerate() {
        for other in sources.iter().chain(&listeners[..i]).copied().collect::<Vec<Id>>() {
            let after = Duration::from_millis(world.dice.between(0, 3000));
            world.later(after, move |world| {
                world.connect(us, other);
            });
        }
    }
    if let Some(dying) = dying {
        let after = Duration::from_millis(world.dice.between(0, 6000));
        let noticed = Duration::from_secs(world.dice.between(0, 60));
        world.later(after, move |world| world.kill(dying, noticed));
    }
    let all = |world: &World| listeners.iter().all(|id| world.node(*id).is_complete());
    // Longer than the snubbing of every liar and staller one after the other; shorter than the silence of a dead peer.
    let done = world.run(MINUTE, all);
    assert!(
        done,
        "seed {seed}: {:?}",
        listeners.iter().map(|id| world.node(*id).engine.stats(world.now)).collect::<Vec<_>>()
    );
    world.assert_honest_are_trusted();
    for us in &listeners {
        let node = world.node(*us);
        if node.bad > 0 {
            let named = world.culprits(*us).iter().any(|(_, reason)| matches!(reason, Reason::BadPiece(_)));
            assert!(
                named || !node.dropped.is_empty(),
                "seed {seed}: {us} got {} bad pieces from nobody",
                node.bad
            );
        }
    }
    world.now.since_origin()
}

#[test]
fn a_thousand_storms_are_survived() {
    let seeds = std::env::var("OSP_SIM_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let mut took: Vec<Duration> = (0..seeds).map(storm).collect();
    took.sort_unstable();
    if figures() {
        let at = |part: usize| took[(took.len() - 1) * part / 100];
        println!(
            "{seeds} storms: everybody has the file after {:?} (median), {:?} (p99), {:?}",
            at(50),
            at(99),
            at(100)
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_storm() {
    for seed in [5, 77, 300] {
        assert_eq!(storm(seed), storm(seed));
    }
}
