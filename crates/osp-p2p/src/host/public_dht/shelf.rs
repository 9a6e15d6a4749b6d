//! Which provider records are kept for others, how many and how long.
//!
//! The records themselves are in the store that Kademlia answers from. It has no bound that leaves room for this host's
//! own records and looks for expired ones only when it is asked for them; the shelf says which have to go.

use super::MAX_RECORDS;
use libp2p::{PeerId, kad::RecordKey};
use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

/// Records kept of one provider.
const MAX_OF_ONE: usize = 1024;

/// A record is forgotten after this long without being told again.
pub(super) const LIFE: Duration = Duration::from_secs(48 * 60 * 60);

/// A record: the key, and who provides it.
pub(super) type Place = (RecordKey, PeerId);

/// The order in which records came.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// The turn of each.
    kept: HashMap<Place, u64>,
    of_one: HashMap<PeerId, usize>,
    /// By turn, so the oldest first: one that is told again gets a new turn.
    order: BTreeMap<u64, (Instant, Place)>,
    turns: u64,
}

impl Shelf {
    /// A record has come. `None` if it is not to be kept; else those that have to go for it.
    pub(super) fn put(&mut self, place: Place, now: Instant) -> Option<Vec<Place>> {
        match self.kept.get(&place) {
            Some(turn) => drop(self.order.remove(turn)),
            None => {
                let count = self.of_one.entry(place.1).or_default();
                if *count >= MAX_OF_ONE {
                    return None;
                }
                *count += 1;
            }
        }
        self.turns += 1;
        self.kept.insert(place.clone(), self.turns);
        self.order.insert(self.turns, (now, place));
        let mut gone = self.expired(now);
        while self.kept.len() > MAX_RECORDS {
            gone.extend(self.pop());
        }
        Some(gone)
    }

    /// Those whose time is up.
    pub(super) fn expired(&mut self, now: Instant) -> Vec<Place> {
        let mut gone = Vec::new();
        let old = |at: &Instant| now.duration_since(*at) >= LIFE;
        while self.order.first_key_value().is_some_and(|(_, (at, _))| old(at)) {
            gone.extend(self.pop());
        }
        gone
    }

    fn pop(&mut self) -> Option<Place> {
        let (_, (_, place)) = self.order.pop_first()?;
        self.kept.remove(&place);
        if let Some(count) = self.of_one.get_mut(&place.1) {
            *count -= 1;
            if *count == 0 {
                self.of_one.remove(&place.1);
            }
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn place(key: usize, peer: usize) -> Place {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&peer.to_be_bytes());
        let hash = libp2p::multihash::Multihash::wrap(0x12, &seed).unwrap();
        (RecordKey::new(&key.to_be_bytes()), PeerId::from_multihash(hash).unwrap())
    }

    #[test]
    fn the_oldest_goes_when_it_is_full() {
        let (mut shelf, now) = (Shelf::default(), Instant::now());
        for n in 0..MAX_RECORDS {
            assert_eq!(shelf.put(place(n, n / 1000), now), Some(Vec::new()));
        }
        assert_eq!(shelf.put(place(0, 900), now), Some(vec![place(0, 0)]));
        assert_eq!(shelf.kept.len(), MAX_RECORDS);
    }

    #[test]
    fn nobody_has_all_of_it() {
        let (mut shelf, now) = (Shelf::default(), Instant::now());
        for n in 0..MAX_OF_ONE {
            assert!(shelf.put(place(n, 1), now).is_some());
        }
        assert_eq!(shelf.put(place(MAX_OF_ONE, 1), now), None);
        assert!(shelf.put(place(0, 1), now).is_some(), "what is there may be told again");
        assert!(shelf.put(place(0, 2), now).is_some());
    }

    #[test]
    fn what_is_told_again_lives_on_and_the_rest_expires() {
        let (mut shelf, now) = (Shelf::default(), Instant::now());
        shelf.put(place(1, 1), now);
        shelf.put(place(2, 1), now);
        let later = now + LIFE / 2;
        shelf.put(place(1, 1), later);
        assert_eq!(shelf.expired(now + LIFE), [place(2, 1)]);
        assert_eq!(shelf.expired(later + LIFE), [place(1, 1)]);
        assert!(shelf.kept.is_empty() && shelf.of_one.is_empty() && shelf.order.is_empty());
    }

    #[test]
    fn telling_the_same_again_costs_nothing() {
        let (mut shelf, now) = (Shelf::default(), Instant::now());
        for _ in 0..1000 {
            shelf.put(place(1, 1), now);
        }
        assert_eq!((shelf.kept.len(), shelf.order.len()), (1, 1));
    }
}
