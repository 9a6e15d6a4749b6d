//! Profiles, follows and the trust list.
//!
//! Profiles and follows are records like tracks, taken by [`crate::RecordIndex::put`] and carried by
//! [`crate::RecordIndex::feed`]. Of each place (spec section 4.11) only the newest is kept: the one it replaces is
//! deleted, so a node holds at most one profile of an artist and [`MAX_FOLLOWS`] follows by one.
//!
//! The trust list is the user's own and in no record. Both together give [`TrustRanks`]:
//!
//! ```text
//!  Own        the user's identities and trust list            at most  1,000
//!  Followed   whom the user's identities follow                        2,000
//!  Beyond     whom those follow, at most 200 each                      8,000
//! ```

use crate::{StoreError, StoredRecord};
use async_trait::async_trait;
use osp_core::did::Did;
use std::collections::HashMap;

/// Most follows by one artist that are kept, ended ones included.
pub const MAX_FOLLOWS: usize = 10_000;
/// Most DIDs of [`TrustLevel::Own`] that are looked at; the oldest entries of the trust list first.
pub const MAX_OWN: usize = 1_000;
/// Most DIDs of [`TrustLevel::Followed`].
pub const MAX_FOLLOWED: usize = 2_000;
/// Most DIDs of [`TrustLevel::Beyond`].
pub const MAX_BEYOND: usize = 8_000;
/// Most of them that one followed artist adds, those followed last.
pub const MAX_BEYOND_EACH: usize = 200;

/// Somebody on the trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Who.
    pub did: Did,
    /// What the user wrote beside it.
    pub note: Option<String>,
    /// Since when, in seconds since 1970.
    pub since: u64,
}

/// How near somebody is to the user; less is nearer. Whoever has no level is a stranger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TrustLevel {
    /// An identity of the user, or on the trust list.
    Own = 0,
    /// Followed by an identity of the user.
    Followed = 1,
    /// Followed by one of those.
    Beyond = 2,
}

impl TrustLevel {
    /// All, the nearest first.
    pub const ALL: [Self; 3] = [Self::Own, Self::Followed, Self::Beyond];
}

/// Levels of everybody who has one: 11,000 at most, see the module's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustRanks {
    levels: HashMap<Did, TrustLevel>,
}

impl TrustRanks {
    /// Adds somebody, unless they are nearer already. `false` if nothing changed.
    pub fn add(&mut self, did: Did, level: TrustLevel) -> bool {
        let nearer = self.levels.get(&did).is_none_or(|known| *known > level);
        if nearer {
            self.levels.insert(did, level);
        }
        nearer
    }

    /// The level of an artist; `None` for a stranger.
    #[must_use]
    pub fn level(&self, did: &Did) -> Option<TrustLevel> {
        self.levels.get(did).copied()
    }

    /// Everybody, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&Did, TrustLevel)> {
        self.levels.iter().map(|(did, level)| (did, *level))
    }

    /// How many they are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// Whether everybody is a stranger.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }
}

/// Profiles, follows and the trust list. What the operator blocks (a record, or its artist) is left out of every answer.
#[async_trait]
pub trait Social: Send + Sync + 'static {
    /// The profile of an artist.
    async fn profile(&self, artist: &Did) -> Result<Option<StoredRecord>, StoreError>;

    /// The newest word of `artist` about following `follows`, "unfollow" included.
    async fn follow_of(&self, artist: &Did, follows: &Did) -> Result<Option<StoredRecord>, StoreError>;

    /// The follows of `artist` that have not ended, the newest first.
    async fn follows(&self, artist: &Did, limit: usize) -> Result<Vec<StoredRecord>, StoreError>;

    /// The follows of others, known here, that name `artist` and have not ended, the newest first.
    async fn followers(&self, artist: &Did, limit: usize) -> Result<Vec<StoredRecord>, StoreError>;

    /// How many current tracks of `artist` are here.
    async fn tracks_of(&self, artist: &Did) -> Result<u64, StoreError>;

    /// Puts somebody on the trust list, or changes the note; `false` if nothing changed. `now`: seconds since 1970.
    async fn trust(&self, did: &Did, note: Option<&str>, now: u64) -> Result<bool, StoreError>;

    /// Takes somebody off the trust list; `false` if they were not on it.
    async fn distrust(&self, did: &Did) -> Result<bool, StoreError>;

    /// The trust list, oldest first.
    async fn trusted(&self) -> Result<Vec<Trusted>, StoreError>;

    /// Who is how near, for a user with these identities.
    async fn trust_ranks(&self, identities: &[Did]) -> Result<TrustRanks, StoreError>;
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_nearest_level_stands() {
        let did = Did::parse("did:web:a.example").unwrap();
        let mut ranks = TrustRanks::default();
        assert!(ranks.add(did.clone(), TrustLevel::Beyond));
        assert!(ranks.add(did.clone(), TrustLevel::Own));
        assert!(!ranks.add(did.clone(), TrustLevel::Followed));
        assert_eq!((ranks.level(&did), ranks.len()), (Some(TrustLevel::Own), 1));
    }
}
