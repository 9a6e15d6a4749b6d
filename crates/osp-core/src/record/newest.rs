//! Which of several profiles or follows counts: the newest by its own `updated` (spec section 4.11).
//!
//! ```text
//!  place     profile: its artist                    follow: its artist and whom they follow
//!  rank      (updated, id), both compared as texts: `updated` has one form, so that is the order of time
//! ```
//!
//! Every reader so ends with the same record, in whatever order records arrive. The date is the writer's claim: a
//! record dated far ahead would stand for ever, so one that is more than [`MAX_AHEAD_SECONDS`] ahead of the receiver's
//! clock is not taken yet.

use super::{Record, RecordId, date};
use crate::did::Did;

/// How far ahead of the receiver's clock `updated` may be, in seconds: a day, more than any time zone mistaken for
/// UTC, and little enough to wait for.
pub const MAX_AHEAD_SECONDS: u64 = 24 * 3600;

/// The place of which a record is the newest holder.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The profile of an artist.
    Profile(Did),
    /// Whether `artist` follows `follows`.
    Follow {
        /// Who follows.
        artist: Did,
        /// Who is followed.
        follows: Did,
    },
}

/// When a record was updated, by its own word; greater replaces less.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank {
    updated: String,
    id: RecordId,
}

impl Rank {
    /// `updated`, as `YYYY-MM-DDThh:mm:ssZ`.
    #[must_use]
    pub fn updated(&self) -> &str {
        &self.updated
    }

    /// Whether it is too far ahead of the clock to be taken yet. `now`: seconds since 1970.
    #[must_use]
    pub fn is_early(&self, now: u64) -> bool {
        is_early(&self.updated, now)
    }
}

/// Whether an `updated` is too far ahead of the clock for its record to be taken yet. `now`: seconds since 1970.
#[must_use]
pub fn is_early(updated: &str, now: u64) -> bool {
    let latest = i64::try_from(now.saturating_add(MAX_AHEAD_SECONDS)).unwrap_or(i64::MAX);
    date::unix_seconds(updated).is_some_and(|updated| updated > latest)
}

/// The `updated` that a writer signs with: `now`, or one second after the newest record of the place when that is
/// later. Both are times as records write them; one that is not counts as absent.
#[must_use]
pub fn next_update(now: &str, newest: Option<&str>) -> String {
    let after = newest.and_then(date::unix_seconds).and_then(|newest| date::of_unix_seconds(newest + 1));
    match after {
        Some(after) if *after > *now => after,
        _ => now.to_owned(),
    }
}

impl Record {
    /// The place it holds and with what rank; `None` for tracks and retractions, which replace nothing by their date.
    #[must_use]
    pub fn place(&self) -> Option<(Place, Rank)> {
        let (place, updated) = match self {
            Self::Profile(profile) => (Place::Profile(profile.artist()), profile.updated()),
            Self::Follow(follow) => {
                let place = Place::Follow { artist: follow.artist(), follows: follow.follows().clone() };
                (place, follow.updated())
            }
            Self::Track(_) | Self::Retraction(_) => return None,
        };
        Some((place, Rank { updated: updated.to_owned(), id: self.id() }))
    }
}
