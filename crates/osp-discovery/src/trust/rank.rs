//! The order of results.

use super::{Circle, Degree};
use osp_core::content::sha256;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// One result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<P> {
    /// The record's id.
    pub id: String,
    /// The artist's DID.
    pub artist: String,
    /// Who has it; empty for what this node holds itself.
    pub providers: BTreeSet<P>,
    /// How well it fits the query; more is better.
    pub relevance: u32,
}

/// How much of one source comes before others have their turn.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Results of one artist.
    pub per_artist: usize,
    /// Strangers' results of one provider.
    pub per_provider: usize,
}

impl Default for Caps {
    fn default() -> Self {
        Self { per_artist: 3, per_provider: 5 }
    }
}

/// The order of `hits`, as indices into them. The salt is the listener's own and secret, such as a hash of a random
/// number kept in the home folder.
#[must_use]
pub fn rank<P: Ord>(hits: &[Hit<P>], circle: &Circle, caps: &Caps, salt: &[u8; 32]) -> Vec<usize> {
    let mut order: Vec<(Degree, Reverse<u32>, u64, usize)> = hits
        .iter()
        .enumerate()
        .map(|(n, hit)| (circle.degree(&hit.artist), Reverse(hit.relevance), lot(salt, &hit.id), n))
        .collect();
    order.sort_by(|a, b| (a.0, a.1, a.2, &hits[a.3].id).cmp(&(b.0, b.1, b.2, &hits[b.3].id)));

    let mut of_artist: BTreeMap<&str, usize> = BTreeMap::new();
    let mut of_provider: BTreeMap<&P, usize> = BTreeMap::new();
    let mut turns: Vec<(Degree, usize, usize, usize)> = Vec::with_capacity(order.len());
    for (place, (degree, _, _, n)) in order.into_iter().enumerate() {
        let hit = &hits[n];
        let artist = of_artist.entry(&hit.artist).or_default();
        let mut turn = *artist / caps.per_artist.max(1);
        *artist += 1;
        // Among several who have it, the one who had the fewest turns stands for it.
        let fewest = hit.providers.iter().min_by_key(|p| of_provider.get(p).copied().unwrap_or(0));
        if let Some(provider) = fewest.filter(|_| degree == Degree::Stranger) {
            let given = of_provider.entry(provider).or_default();
            turn = turn.max(*given / caps.per_provider.max(1));
            *given += 1;
        }
        turns.push((degree, turn, place, n));
    }
    turns.sort_unstable();
    turns.into_iter().map(|(.., n)| n).collect()
}

/// The place of an id among equals.
fn lot(salt: &[u8; 32], id: &str) -> u64 {
    let digest = sha256(&[salt, id.as_bytes()].concat());
    let (first, _) = digest.split_first_chunk::<8>().expect("32 bytes begin with 8");
    u64::from_be_bytes(*first)
}

/// Results as they come in, at most twice `most` of them.
#[derive(Clone, Debug)]
pub struct Results<P> {
    hits: BTreeMap<String, Hit<P>>,
    most: usize,
    caps: Caps,
    salt: [u8; 32],
}

impl<P: Ord + Clone> Results<P> {
    /// Providers that are kept of one result.
    const PROVIDERS: usize = 16;

    /// None yet.
    #[must_use]
    pub fn new(most: usize, caps: Caps, salt: [u8; 32]) -> Self {
        Self { hits: BTreeMap::new(), most: most.max(1), caps, salt }
    }

    /// Takes a result in; of one that is there already the providers are joined and the better relevance stays.
    pub fn insert(&mut self, hit: Hit<P>, circle: &Circle) {
        if let Some(known) = self.hits.get_mut(&hit.id) {
            known.relevance = known.relevance.max(hit.relevance);
            // What this node holds needs nobody.
            if hit.providers.is_empty() {
                known.providers.clear();
            } else if !known.providers.is_empty() {
                known.providers.extend(hit.providers);
                while known.providers.len() > Self::PROVIDERS {
                    known.providers.pop_last();
                }
            }
            return;
        }
        self.hits.insert(hit.id.clone(), hit);
        if self.hits.len() > 2 * self.most {
            let keep: BTreeSet<String> =
                self.top(self.most, circle).into_iter().map(|hit| hit.id.clone()).collect();
            self.hits.retain(|id, _| keep.contains(id));
        }
    }

    /// Takes a result away: it is superseded, withdrawn or blocked.
    pub fn remove(&mut self, id: &str) -> Option<Hit<P>> {
        self.hits.remove(id)
    }

    /// A result that is held.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Hit<P>> {
        self.hits.get(id)
    }

    /// The first `count`, in order.
    #[must_use]
    pub fn top(&self, count: usize, circle: &Circle) -> Vec<&Hit<P>> {
        let hits: Vec<Hit<P>> = self.hits.values().cloned().collect();
        let order = rank(&hits, circle, &self.caps, &self.salt);
        order.into_iter().take(count).filter_map(|n| self.hits.get(&hits[n].id)).collect()
    }

    /// How many are held.
    #[must_use]
    pub fn len(&self) -> usize {
        self.hits.len()
    }

    /// Whether none is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }
}
