//! Who gives way when a key is full, and who is named when not all can be.

use crate::providers::Origin;
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// A place at a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) holder: i64,
    pub(super) origin: Origin,
}

/// Which of these, one more than there is room for, gives way: of the network with most of them the one that ranks
/// last. `None` when all of them are this node's own.
pub(super) fn loser(draw: &RandomState, key: &[u8; 32], places: &[Place]) -> Option<Place> {
    let crowd = crowds(places);
    let others = places.iter().filter(|place| place.origin != Origin::OWN);
    others.max_by_key(|place| (crowd[&place.origin], draw.hash_one((key, place)))).copied()
}

/// `count` of the places in an order of their own for each `turn`: one of each network, then a second of each.
pub(super) fn sample(draw: &RandomState, turn: u64, places: &[Place], count: usize) -> Vec<Place> {
    let mut drawn: Vec<Place> = places.to_vec();
    drawn.sort_by_key(|place| draw.hash_one((turn, place)));
    let mut seen: HashMap<Origin, usize> = HashMap::new();
    let mut turns: Vec<(usize, Place)> = drawn
        .into_iter()
        .map(|place| {
            let count = seen.entry(place.origin).or_default();
            *count += 1;
            (*count, place)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.into_iter().take(count).map(|(_, place)| place).collect()
}

fn crowds(places: &[Place]) -> HashMap<Origin, usize> {
    let mut crowd = HashMap::new();
    for place in places {
        *crowd.entry(place.origin).or_default() += 1;
    }
    crowd
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn place(holder: i64, network: u8) -> Place {
        Place { holder, origin: Origin::of([10, 0, network, 1].into()) }
    }

    #[test]
    fn the_crowded_network_gives_way() {
        let draw = RandomState::new();
        let mut places: Vec<Place> = (0..19).map(|n| place(n, 7)).collect();
        places.push(place(100, 8));
        places.push(place(101, 9));
        while places.iter().filter(|p| p.holder < 100).count() > 1 {
            let loser = loser(&draw, &[0; 32], &places);
            assert!(loser.is_some_and(|loser| loser.holder < 100));
            places.retain(|p| Some(*p) != loser);
        }
    }

    #[test]
    fn own_records_give_way_to_nobody() {
        let draw = RandomState::new();
        let own = Place { holder: 1, origin: Origin::OWN };
        assert_eq!(loser(&draw, &[0; 32], &[own, place(2, 1)]), Some(place(2, 1)));
        assert_eq!(loser(&draw, &[0; 32], &[own]), None);
    }

    #[test]
    fn who_stays_does_not_depend_on_the_order_of_arrival() {
        let draw = RandomState::new();
        let keep = |arrivals: &mut dyn Iterator<Item = i64>| {
            let mut places = Vec::new();
            for holder in arrivals {
                // Each in a network of its own.
                places.push(place(holder, holder as u8));
                if places.len() > 20 {
                    let loser = loser(&draw, &[3; 32], &places);
                    places.retain(|p| Some(*p) != loser);
                }
            }
            places.into_iter().map(|p| p.holder).collect::<HashSet<_>>()
        };
        assert_eq!(keep(&mut (0..200)), keep(&mut (0..200).rev()));
    }

    #[test]
    fn an_answer_names_each_network_before_any_twice() {
        let draw = RandomState::new();
        let mut places: Vec<Place> = (0..100).map(|n| place(n, 7)).collect();
        places.extend((100..105).map(|n| place(n, n as u8)));
        let answer = sample(&draw, 1, &places, 20);
        assert_eq!(answer.iter().filter(|p| p.holder >= 100).count(), 5);
        assert_eq!(answer.len(), 20);
        assert_ne!(answer, sample(&draw, 2, &places, 20));
    }
}
