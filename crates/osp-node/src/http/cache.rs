//! A small bounded cache whose entries hold for one generation of the index.
//!
//! Two maps instead of an ordered list: entries live in `young`; when that is full it becomes `old` and the old
//! one is dropped; an entry met in `old` moves back to `young`. So what is in use stays, at most `capacity`
//! entries are kept, and no operation costs more than a hash lookup.

use std::{
    borrow::Borrow,
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

/// Values by key, valid for one generation.
pub(crate) struct Cache<K, V> {
    half: usize,
    inner: Mutex<Inner<K, V>>,
}

struct Inner<K, V> {
    generation: u64,
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    /// A cache of at most `capacity` entries.
    pub(crate) fn new(capacity: usize) -> Self {
        let inner = Inner { generation: 0, young: HashMap::new(), old: HashMap::new() };
        Self { half: (capacity / 2).max(1), inner: Mutex::new(inner) }
    }

    /// The value stored under `key` in this very generation.
    pub(crate) fn get<Q>(&self, generation: u64, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.generation != generation {
            return None;
        }
        if let Some(value) = inner.young.get(key) {
            return Some(value.clone());
        }
        let (key, value) = inner.old.remove_entry(key)?;
        inner.insert(self.half, key, value.clone());
        Some(value)
    }

    /// Stores a value found while the index was at `generation`; a new generation empties the cache.
    pub(crate) fn put(&self, generation: u64, key: K, value: V) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.generation != generation {
            inner.young.clear();
            inner.old.clear();
            inner.generation = generation;
        }
        inner.insert(self.half, key, value);
    }

    /// Forgets one key, whose value turned out to be out of date.
    pub(crate) fn forget<Q>(&self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.young.remove(key);
        inner.old.remove(key);
    }
}

impl<K: Eq + Hash, V> Inner<K, V> {
    fn insert(&mut self, half: usize, key: K, value: V) {
        if self.young.len() >= half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_holds_more_than_its_capacity_and_keeps_what_is_in_use() {
        let cache = Cache::new(8);
        cache.put(1, 0, "kept");
        for key in 1..1000 {
            assert_eq!(cache.get(1, &0), Some("kept"), "after {key} others");
            cache.put(1, key, "other");
        }
        let inner = cache.inner.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(inner.young.len() + inner.old.len() <= 8);
    }

    #[test]
    fn a_new_generation_knows_nothing_of_the_old_one() {
        let cache = Cache::new(8);
        cache.put(1, "a", 1);
        assert_eq!(cache.get(2, "a"), None);
        cache.put(2, "b", 2);
        assert_eq!((cache.get(2, "a"), cache.get(2, "b")), (None, Some(2)));
        cache.forget("b");
        assert_eq!(cache.get(2, "b"), None);
    }
}
