//! Peers that lie do not hide what honest ones hold.

use crate::{
    finding::{announced, search_all},
    node::{Id, Manner, Peer},
    world::World,
};
use osp_discovery::{DhtKey, Point, lookup::Group};
use std::{collections::BTreeSet, rc::Rc};

/// A point that shares `bits` bits with another.
fn beside(point: &Point, bits: u8, seed: u64) -> Point {
    let mut bytes = *DhtKey::random(seed).point().as_bytes();
    let keep = usize::from(bits / 8);
    bytes[..keep].copy_from_slice(&point.as_bytes()[..keep]);
    Point::from_bytes(bytes)
}

/// Liars nearer to the key than anybody, whom everybody near has met.
fn crowd(world: &mut World, key: &DhtKey, count: usize, group: Option<Group>, spread: bool) -> Vec<Id> {
    let at = key.point();
    let ids: Vec<Id> = (0..count)
        .map(|n| {
            let bits = if spread { 8 * (n as u8 % 3) } else { 16 };
            world.add(beside(&at, bits, 77_000 + n as u64), Manner::Honest, group)
        })
        .collect();
    let all: Rc<[Peer]> = ids.iter().map(|id| world.contact(*id)).collect();
    for id in &ids {
        world.nodes[*id as usize].manner = Manner::Crowd(all.clone());
        let point = world.nodes[*id as usize].point;
        for node in &mut world.nodes {
            node.met(*id, &point);
        }
    }
    ids
}

fn found_by_many(world: &mut World, key: DhtKey, who: &BTreeSet<Id>, searches: usize) -> usize {
    (0..searches)
        .filter(|_| {
            let from = world.anybody();
            let run = world.search(from, key);
            world.run();
            let run = &world.runs[run];
            assert!(run.summary.as_ref().unwrap().asked <= world.config.requests);
            who.iter().all(|id| run.providers.contains_key(id))
        })
        .count()
}

#[test]
fn twenty_sybils_around_a_key_do_not_hide_it() {
    let mut world = World::with_nodes(300, 11);
    let key = DhtKey::random(42);
    crowd(&mut world, &key, 20, Some(Group(9)), false);
    let who: BTreeSet<Id> = (0..3).map(|_| world.anybody()).collect();
    for id in &who {
        world.announce_one(*id, key);
    }
    world.run();
    assert_eq!(found_by_many(&mut world, key, &who, 30), 30);
    // From thirty different networks they are no different.
    for node in &mut world.nodes {
        node.group = None;
    }
    assert_eq!(found_by_many(&mut world, key, &who, 30), 30);
    // The twenty nearest, to whom others would have announced it and whom they would ask, are all Sybils.
    let from = world.anybody();
    let run = world.nearest(from, key.into());
    world.run();
    let nearest = &world.runs[run].summary.as_ref().unwrap().nearest;
    assert!(nearest.len() == 20 && nearest.iter().all(|d| d.leading_zeros() >= 16));
}

#[test]
fn a_hundred_sybils_neither_around_it_nor_all_over() {
    for spread in [false, true] {
        let mut world = World::with_nodes(300, 12);
        let key = DhtKey::random(43);
        let who: BTreeSet<Id> = (0..2).map(|_| world.anybody()).collect();
        crowd(&mut world, &key, 100, None, spread);
        for id in &who {
            world.announce_one(*id, key);
        }
        world.run();
        assert_eq!(found_by_many(&mut world, key, &who, 20), 20, "spread: {spread}");
    }
}

#[test]
fn peers_that_do_not_exist_cannot_use_a_lookup_up() {
    let mut world = World::with_nodes(300, 13);
    let key = DhtKey::random(44);
    let liars = crowd(&mut world, &key, 10, None, false);
    for id in liars {
        world.nodes[id as usize].manner = Manner::Inventor(500);
    }
    let who: BTreeSet<Id> = (0..2).map(|_| world.anybody()).collect();
    for id in &who {
        world.announce_one(*id, key);
    }
    world.run();
    world.runs.clear();
    assert_eq!(found_by_many(&mut world, key, &who, 10), 10);
    let most = world.runs.iter().map(|run| run.most_contacts).max().unwrap();
    assert!(most <= 700, "{most} contacts");
}

#[test]
fn a_crowd_at_one_place_does_not_change_the_size_of_the_network() {
    let mut world = World::with_nodes(200, 14);
    let before: Vec<f64> = world.nodes.iter().map(|n| n.density.peers(world.now).unwrap()).collect();
    crowd(&mut world, &DhtKey::random(45), 60, None, false);
    world.everybody_refreshes();
    let now = world.now;
    let honest = world.alive();
    let off = honest
        .iter()
        .filter(|id| {
            let (before, after) =
                (before[**id as usize], world.nodes[**id as usize].density.peers(now).unwrap());
            !(0.6..1.6).contains(&(after / before))
        })
        .count();
    assert!(off * 20 < honest.len(), "{off} of {}", honest.len());
}

#[test]
fn other_keys_go_on_as_if_nothing_were() {
    let mut world = World::with_nodes(200, 15);
    crowd(&mut world, &DhtKey::random(46), 40, None, false);
    let keys = announced(&mut world, 20, 3);
    assert_eq!(search_all(&mut world, &keys, "40 Sybils elsewhere"), (20, 20));
}
