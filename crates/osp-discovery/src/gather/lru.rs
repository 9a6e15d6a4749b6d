//! A map that forgets what was used longest ago.

use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub(super) struct Lru<K, V> {
    most: usize,
    values: BTreeMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
    now: u64,
}

impl<K: Ord + Clone, V> Lru<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self { most, values: BTreeMap::new(), order: BTreeMap::new(), now: 0 }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    /// Marks it as used.
    pub(super) fn touch(&mut self, key: &K) {
        if let Some((at, _)) = self.values.get_mut(key) {
            self.order.remove(at);
            self.now += 1;
            *at = self.now;
            self.order.insert(self.now, key.clone());
        }
    }

    /// The value, made where there is none; used now.
    pub(super) fn entry(&mut self, key: &K, make: impl FnOnce() -> V) -> &mut V {
        if !self.values.contains_key(key) {
            while self.values.len() >= self.most.max(1) {
                let Some((_, oldest)) = self.order.pop_first() else { break };
                self.values.remove(&oldest);
            }
        }
        self.touch(key);
        let (now, order) = (&mut self.now, &mut self.order);
        let (_, value) = self.values.entry(key.clone()).or_insert_with(|| {
            *now += 1;
            order.insert(*now, key.clone());
            (*now, make())
        });
        value
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

#[cfg(test)]
mod tests {
    use super::Lru;

    #[test]
    fn the_one_used_longest_ago_goes() {
        let mut lru = Lru::new(3);
        for n in 0..3 {
            lru.entry(&n, || n * 10);
        }
        lru.touch(&0);
        *lru.entry(&1, || 0) += 1;
        lru.entry(&3, || 30);
        assert_eq!(
            (lru.get(&0), lru.get(&1), lru.get(&2), lru.get(&3)),
            (Some(&0), Some(&11), None, Some(&30))
        );
        for n in 0..1000 {
            lru.entry(&n, || n);
            assert!(lru.len() <= 3 && lru.order.len() == lru.len());
        }
    }
}
