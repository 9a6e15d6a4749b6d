//! Members of a swarm that are found by key, chosen at random and removed, each in constant time.

use crate::random::Random;
use std::{collections::HashMap, hash::Hash};

/// Values by key, in no order.
#[derive(Debug)]
pub(super) struct Pool<K, V> {
    all: Vec<(K, V)>,
    at: HashMap<K, usize>,
}

impl<K, V> Default for Pool<K, V> {
    fn default() -> Self {
        Self { all: Vec::new(), at: HashMap::new() }
    }
}

impl<K: Copy + Eq + Hash, V> Pool<K, V> {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.at.get(key).map(|at| &self.all[*at].1)
    }

    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.at.get(key).map(|at| &mut self.all[*at].1)
    }

    /// Adds what is not there yet.
    pub(super) fn add(&mut self, key: K, value: V) {
        debug_assert!(!self.at.contains_key(&key));
        self.at.insert(key, self.all.len());
        self.all.push((key, value));
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.at.remove(key)?;
        let (_, value) = self.all.swap_remove(at);
        if let Some((moved, _)) = self.all.get(at) {
            self.at.insert(*moved, at);
        }
        // What a crowd has left behind is given back.
        if self.all.capacity() > 64 && self.all.len() < self.all.capacity() / 4 {
            self.all.shrink_to(self.all.len() * 2);
            self.at.shrink_to(self.all.len() * 2);
        }
        Some(value)
    }

    /// At most `most` that `fit`, at random. No more than eight times as many are looked at, so that a choice costs
    /// the same in a swarm of any size.
    pub(super) fn choose<'a>(
        &'a self,
        most: usize,
        random: &'a mut Random,
        fit: impl Fn(&K, &V) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a K, &'a V)> {
        random
            .sample(self.all.len(), if most == 0 { 0 } else { most * 8 + 8 })
            .map(|at| (&self.all[at].0, &self.all[at].1))
            .filter(move |(key, value)| fit(key, value))
            .take(most)
    }

    /// The keys of those for which it is time.
    pub(super) fn keys_of(&self, old: impl Fn(&V) -> bool) -> Vec<K> {
        self.all.iter().filter(|(_, value)| old(value)).map(|(key, _)| *key).collect()
    }
}
