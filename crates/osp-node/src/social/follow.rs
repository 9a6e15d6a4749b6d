//! Following an artist, of whom nothing else need be known.

use crate::{Node, identity::Signatory};
use osp_core::{
    did::Did,
    record::{Follow, FollowState, Record, Refusal, Verified, newest},
};
use osp_store::{Put, Social, StoreError};

/// Why a follow was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The follower and the followed are one.
    #[error("{0} is the identity that would sign; name another artist to follow")]
    Oneself(Did),
    /// Nothing to stop.
    #[error("{artist} does not follow {follows}; «osp follow --list» shows whom it does")]
    NotFollowed {
        /// The follower.
        artist: Did,
        /// The other.
        follows: Did,
    },
    /// More than a node keeps.
    #[error("an artist has at most {} follows; stop one first", osp_store::social::MAX_FOLLOWS)]
    TooMany,
    /// The newest record of this follow is dated in the future.
    #[error(
        "the last word about this follow is dated {0}, more than a day ahead; check this machine's clock"
    )]
    Clock(String),
    /// The record would not be valid.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Signs and stores that the key's artist follows `follows`, or no longer does. What is so already is not signed again:
/// the record that says it is given back. `now`: RFC 3339, UTC, seconds.
///
/// # Errors
/// [`FollowError`].
pub async fn follow(
    node: &Node,
    signer: &Signatory,
    follows: &Did,
    state: FollowState,
    now: &str,
) -> Result<Verified<Record>, FollowError> {
    let artist = signer.artist().clone();
    if artist == *follows {
        return Err(FollowError::Oneself(artist));
    }
    let known = node.store().follow_of(&artist, follows).await?;
    let known = known
        .map(|stored| Record::parse(&stored.json)?.verify_with_keys(&[signer.key().public()]))
        .transpose()?;
    let before = known.as_ref().and_then(|record| record.as_follow());
    match (before.map(Follow::state), state) {
        (None | Some(FollowState::Unfollow), FollowState::Unfollow) => {
            return Err(FollowError::NotFollowed { artist, follows: follows.clone() });
        }
        (Some(FollowState::Follow), FollowState::Follow) => {
            return known.ok_or_else(|| FollowError::NotFollowed { artist, follows: follows.clone() });
        }
        _ => {}
    }
    let updated = newest::next_update(now, before.map(Follow::updated));
    let record = Follow::sign_as(follows, state, signer.artist(), signer.key(), &updated)?;
    match node.records().put(std::slice::from_ref(&record)).await?.first() {
        Some(Put::Full) => Err(FollowError::TooMany),
        Some(Put::Early) => Err(FollowError::Clock(updated)),
        _ => Ok(record),
    }
}
