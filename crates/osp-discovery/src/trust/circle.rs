//! Whom the listener chose, and whom those chose.

use std::collections::{BTreeMap, BTreeSet};

/// Follows that are taken of one artist: the first ones by text, so that the same follows give the same circle.
const FOLLOWS: usize = 1000;
/// Artists of the second degree in all.
const SECOND: usize = 100_000;

/// How near an artist is to the listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Degree {
    /// On the trust list, or followed.
    Chosen,
    /// Followed by one who is chosen.
    Second,
    /// Anybody else.
    Stranger,
}

/// The trust list. DIDs are compared as text.
#[derive(Clone, Debug, Default)]
pub struct Circle {
    chosen: BTreeSet<String>,
    /// For each of the second degree, how many chosen ones follow it.
    second: BTreeMap<String, usize>,
    follows: BTreeMap<String, BTreeSet<String>>,
}

impl Circle {
    /// Nobody is trusted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts or follows an artist.
    pub fn choose(&mut self, did: impl Into<String>) {
        self.chosen.insert(did.into());
    }

    /// Puts an artist into the second degree, because somebody else has worked out that a chosen one follows it. It
    /// stays there whatever [`Circle::set_follows`] says later.
    pub fn befriend(&mut self, did: impl Into<String>) {
        let did = did.into();
        if self.second.len() < SECOND || self.second.contains_key(&did) {
            *self.second.entry(did).or_default() += 1;
        }
    }

    /// Trusts an artist no more, nor whom that one follows.
    pub fn drop(&mut self, did: &str) {
        self.chosen.remove(did);
        self.set_follows(did, []);
    }

    /// Whom a chosen artist follows, as their verified follow records say: all of them, in place of what was said
    /// before. Follows of others mean nothing.
    pub fn set_follows(&mut self, by: &str, whom: impl IntoIterator<Item = String>) {
        for old in self.follows.remove(by).into_iter().flatten() {
            if let Some(count) = self.second.get_mut(&old) {
                *count -= 1;
                if *count == 0 {
                    self.second.remove(&old);
                }
            }
        }
        if !self.chosen.contains(by) {
            return;
        }
        let mut taken = BTreeSet::new();
        for did in whom {
            taken.insert(did);
            if taken.len() > FOLLOWS {
                taken.pop_last();
            }
        }
        taken.retain(|did| self.second.contains_key(did) || self.second.len() < SECOND);
        for did in &taken {
            *self.second.entry(did.clone()).or_default() += 1;
        }
        self.follows.insert(by.to_owned(), taken);
    }

    /// How near this artist is.
    #[must_use]
    pub fn degree(&self, did: &str) -> Degree {
        if self.chosen.contains(did) {
            Degree::Chosen
        } else if self.second.contains_key(did) {
            Degree::Second
        } else {
            Degree::Stranger
        }
    }
}
