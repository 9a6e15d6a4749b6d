//! Follows: one artist's public word that they follow another, or no longer do.
//!
//! ```json
//! {"type":"osp:Follow","version":"0.1","id":"osp:follow:bafkrei…","artist":"did:key:z6MkA…",
//!  "follows":"did:key:z6MkB…","state":"follow","updated":"2026-01-15T12:00:00Z","signature":"…"}
//! ```
//!
//! Of each pair the newest counts ([`super::newest`]). Stopping is a record as well, because a record once given away
//! cannot be called back.

use super::{Envelope, Record, RecordId, RecordKind, Refusal, Verified, date, draft, envelope::text};
use crate::{
    context,
    did::Did,
    json::{self, Object},
    key::ArtistKey,
};

/// Longest DID that is followed, in characters.
pub const MAX_FOLLOWS_CHARS: usize = 1_024;

/// Column `state` of a follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FollowState {
    /// "follow"
    Follow,
    /// "unfollow"
    Unfollow,
}

impl FollowState {
    /// As it stands in a record.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::Unfollow => "unfollow",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Follow, Self::Unfollow].into_iter().find(|state| state.as_str() == text)
    }
}

/// A well-formed follow.
#[derive(Clone, Debug)]
pub struct Follow {
    pub(super) envelope: Envelope,
    follows: Did,
    state: FollowState,
}

impl Follow {
    pub(super) fn from_members(members: Object) -> Result<Self, Refusal> {
        let envelope = Envelope::new(RecordKind::Follow, members)?;
        let follows = Did::parse(text(&envelope.members, "follows"))
            .map_err(|e| Refusal::malformed(format!("`follows`: {e}")))?;
        let state = FollowState::parse(text(&envelope.members, "state"))
            .ok_or_else(|| Refusal::malformed("`state` is neither \"follow\" nor \"unfollow\""))?;
        Ok(Self { envelope, follows, state })
    }

    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.envelope.id.clone()
    }

    /// `artist`: who follows.
    #[must_use]
    pub fn artist(&self) -> Did {
        self.envelope.artist.clone()
    }

    /// `follows`: who is followed.
    #[must_use]
    pub fn follows(&self) -> &Did {
        &self.follows
    }

    /// `state`
    #[must_use]
    pub fn state(&self) -> FollowState {
        self.state
    }

    /// `updated`, as `YYYY-MM-DDThh:mm:ssZ`.
    #[must_use]
    pub fn updated(&self) -> &str {
        text(&self.envelope.members, "updated")
    }

    /// Every member, unknown ones included.
    #[must_use]
    pub fn members(&self) -> &Object {
        &self.envelope.members
    }

    /// RFC 8785 bytes of the whole record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        json::canonical_object(&self.envelope.members)
    }

    /// Signs with the follower's own key. `updated` (RFC 3339, UTC, seconds) is also when the proof was created.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed.
    pub fn sign(
        follows: &Did,
        state: FollowState,
        key: &ArtistKey,
        updated: &str,
    ) -> Result<Verified<Record>, Refusal> {
        Self::sign_as(follows, state, &key.did(), key, updated)
    }

    /// Signs as a follower whose DID is not the key itself ([`super::TrackDraft::sign_as`]).
    ///
    /// # Errors
    /// As [`Follow::sign`]; class signature when `artist` is a `did:key` of another key.
    pub fn sign_as(
        follows: &Did,
        state: FollowState,
        artist: &Did,
        key: &ArtistKey,
        updated: &str,
    ) -> Result<Verified<Record>, Refusal> {
        date::must_be_utc_seconds("updated", updated)?;
        let body = Object::from([
            ("follows".to_owned(), follows.to_string().into()),
            ("state".to_owned(), state.as_str().into()),
            ("updated".to_owned(), updated.into()),
        ]);
        draft::finish(RecordKind::Follow, body, &context::social_uri(), artist, key, Some(updated))
    }
}
