//! Lookups find everybody who has something, in good days and bad.

use crate::{figure, node::Id, world::World};
use osp_discovery::DhtKey;
use std::{collections::BTreeSet, time::Duration};

/// Keys, each announced by a few nodes.
pub fn announced(world: &mut World, keys: usize, by: usize) -> Vec<(DhtKey, BTreeSet<Id>)> {
    let mut all = Vec::new();
    for n in 0..keys {
        let key = DhtKey::random(1000 + n as u64);
        let mut who = BTreeSet::new();
        while who.len() < by {
            who.insert(world.anybody());
        }
        for id in &who {
            world.announce_one(*id, key);
        }
        all.push((key, who));
    }
    world.run();
    world.runs.clear();
    all
}

/// Looks each key up from somewhere; gives how many lookups found all live providers, and of how many.
pub fn search_all(world: &mut World, keys: &[(DhtKey, BTreeSet<Id>)], label: &str) -> (usize, usize) {
    let (mut found_all, mut of) = (0, 0);
    let mut first = Vec::new();
    let (mut requests, mut took) = (0, Vec::new());
    for (key, who) in keys {
        let live: BTreeSet<Id> = who.iter().copied().filter(|id| world.nodes[*id as usize].alive).collect();
        if live.is_empty() {
            continue;
        }
        of += 1;
        let from = loop {
            let id = world.anybody();
            if !who.contains(&id) {
                break id;
            }
        };
        world.hang_up();
        let run = world.search(from, *key);
        world.run();
        let run = &world.runs[run];
        found_all += usize::from(live.iter().all(|id| run.providers.contains_key(id)));
        first.extend(run.providers.values().min());
        let summary = run.summary.as_ref().unwrap();
        requests += summary.asked;
        took.push(summary.took);
    }
    first.sort_unstable();
    took.sort_unstable();
    let at = |list: &[Duration], share: f64| list[((list.len() - 1) as f64 * share) as usize].as_millis();
    figure(|| {
        format!(
            "{label}: {found_all}/{of} found all; first provider p50 {} ms p90 {} ms; whole lookup p50 {} ms p90 {} ms; {} requests each",
            at(&first, 0.5),
            at(&first, 0.9),
            at(&took, 0.5),
            at(&took, 0.9),
            requests / of.max(1),
        )
    });
    world.runs.clear();
    (found_all, of)
}

#[test]
fn three_hundred_nodes_lose_a_third_then_more_than_half() {
    let mut world = World::with_nodes(300, 1);
    let estimates: Vec<f64> =
        world.alive().iter().map(|id| world.nodes[*id as usize].density.peers(world.now).unwrap()).collect();
    let off = estimates.iter().filter(|n| !(200.0..450.0).contains(*n)).count();
    assert!(off < 15, "{off} nodes are far off with the size of the network");

    let keys = announced(&mut world, 50, 5);
    assert_eq!(search_all(&mut world, &keys, "300 nodes"), (50, 50));
    let before = world.alive().len();
    world.kill(0.3);
    assert_eq!(search_all(&mut world, &keys, "30 % killed"), (50, 50));
    let now = world.alive().len();
    world.kill(1.0 - 0.4 * before as f64 / now as f64);
    assert_eq!(world.alive().len(), 120);
    let (found, of) = search_all(&mut world, &keys, "60 % killed");
    assert!(of >= 41, "{of}");
    assert_eq!(found, of);
}

#[test]
fn loss_delays_and_hides_nothing() {
    let mut world = World::with_nodes(120, 2);
    world.loss = 0.05;
    let keys = announced(&mut world, 25, 3);
    assert_eq!(search_all(&mut world, &keys, "120 nodes, 5 % loss"), (25, 25));
}

#[test]
fn a_handful_of_nodes_finds_everything() {
    for count in [2, 3, 7, 25] {
        let mut world = World::with_nodes(count, count as u64);
        let keys = announced(&mut world, 5, 1);
        assert_eq!(search_all(&mut world, &keys, &format!("{count} nodes")), (5, 5));
    }
}

#[test]
fn nodes_come_and_go_all_the_time() {
    let mut world = World::with_nodes(150, 3);
    let keys = announced(&mut world, 20, 4);
    let mut all = (0, 0);
    // Half of the network is another one in the end, and nothing is announced again.
    for _ in 0..5 {
        for _ in 0..15 {
            let victim = world.anybody();
            world.nodes[victim as usize].alive = false;
            world.join();
        }
        for id in world.alive() {
            if world.nodes[id as usize].density.peers(world.now).is_none() {
                world.look_around(id);
            }
        }
        let (found, of) = search_all(&mut world, &keys, "churn");
        all = (all.0 + found, all.1 + of);
    }
    assert!(all.1 > 60);
    assert_eq!(all.0, all.1);
}

/// The same network, the same seed, the same everything: nothing reads a clock or chance of its own.
#[test]
fn a_seed_decides_everything() {
    let trace = || {
        let mut world = World::with_nodes(40, 9);
        let keys = announced(&mut world, 3, 2);
        let run = world.search(5, keys[0].0);
        world.run();
        (world.now, world.runs[run].providers.clone(), world.dice.roll())
    };
    assert_eq!(trace(), trace());
}
