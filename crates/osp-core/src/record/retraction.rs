//! Retractions: an artist's signed withdrawal of one track.
//!
//! ```json
//! {"type":"osp:Retraction","version":"0.1","id":"osp:retraction:bafkrei…","artist":"did:key:z6Mk…",
//!  "track":"osp:track:bafkrei…","reason":"wrong master","signature":"…"}
//! ```
//!
//! It binds only together with the record it names: a retraction counts when its artist is that record's artist,
//! which is for whoever has both to check.

use super::{Envelope, Record, RecordId, RecordKind, Refusal, VERSION, Verified, envelope};
use crate::{
    did::Did,
    json::{self, Object},
    key::ArtistKey,
};

/// A well-formed withdrawal of one track by its artist.
#[derive(Clone, Debug)]
pub struct Retraction {
    pub(super) envelope: Envelope,
    track: RecordId,
}

impl Retraction {
    pub(super) fn from_members(members: Object) -> Result<Self, Refusal> {
        let envelope = Envelope::new(RecordKind::Retraction, members)?;
        let track = RecordId::parse(envelope::text(&envelope.members, "track"))?;
        Ok(Self { envelope, track })
    }

    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.envelope.id.clone()
    }

    /// `artist`
    #[must_use]
    pub fn artist(&self) -> Did {
        self.envelope.artist.clone()
    }

    /// The track withdrawn.
    #[must_use]
    pub fn track(&self) -> RecordId {
        self.track.clone()
    }

    /// `reason`
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.envelope.members.get("reason")?.as_str()
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

    /// Signs the withdrawal of `track`.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed.
    pub fn sign(
        track: &RecordId,
        reason: Option<&str>,
        key: &ArtistKey,
    ) -> Result<Verified<Record>, Refusal> {
        Self::sign_as(track, reason, &key.did(), key)
    }

    /// Signs as an artist whose DID is not the key itself ([`super::TrackDraft::sign_as`]).
    ///
    /// # Errors
    /// As [`Retraction::sign`]; class signature when `artist` is a `did:key` of another key.
    pub fn sign_as(
        track: &RecordId,
        reason: Option<&str>,
        artist: &Did,
        key: &ArtistKey,
    ) -> Result<Verified<Record>, Refusal> {
        let mut body = Object::from([
            ("type".to_owned(), RecordKind::Retraction.type_name().into()),
            ("version".to_owned(), VERSION.into()),
            ("artist".to_owned(), artist.to_string().into()),
            ("track".to_owned(), track.as_str().into()),
        ]);
        if let Some(reason) = reason {
            body.insert("reason".into(), reason.into());
        }
        let signed = envelope::sign(RecordKind::Retraction, body, key);
        Record::parse(&json::canonical_object(&signed))?.verify_with_keys(&[key.public()])
    }
}
