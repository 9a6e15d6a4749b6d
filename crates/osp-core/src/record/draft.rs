//! Signing a record: Track Records, and what drafts of all kinds have in common.

use super::{Record, RecordKind, Refusal, VERSION, Verified, date, envelope, proof};
use crate::{
    context,
    did::Did,
    json::{self, Json, Object},
    key::ArtistKey,
};

/// Members that signing writes itself.
pub(super) const RESERVED: [&str; 7] = ["@context", "type", "version", "id", "artist", "signature", "proof"];
/// Members that have their own field in [`TrackDraft`].
const FIELDS: [&str; 3] = ["title", "format", "cid"];

/// What an artist says about a track, before it is signed.
#[derive(Clone, Debug, Default)]
pub struct TrackDraft {
    /// `title`
    pub title: String,
    /// `format`
    pub format: String,
    /// `cid`, as it shall be written
    pub cid: String,
    /// Optional members by their record names (`artistName`, `album`, `duration`, `genre`, …); checked on signing.
    pub members: Object,
}

impl TrackDraft {
    /// Sets an optional member.
    pub fn set(&mut self, member: &str, value: Json) -> &mut Self {
        self.members.insert(member.to_owned(), value);
        self
    }

    /// Signs: adds `@context`, `type`, `version`, `artist`, `id`, `signature` and a proof created at `created`
    /// (RFC 3339, UTC, seconds). Without `created` no proof is written.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed when the draft would not be a valid record.
    pub fn sign(&self, key: &ArtistKey, created: Option<&str>) -> Result<Verified<Record>, Refusal> {
        self.sign_as(&key.did(), key, created)
    }

    /// Signs as an artist whose DID is not the key itself: a `did:web` whose document lists `key` under
    /// `assertionMethod`.
    ///
    /// # Errors
    /// As [`TrackDraft::sign`]; class signature when `artist` is a `did:key` of another key.
    pub fn sign_as(
        &self,
        artist: &Did,
        key: &ArtistKey,
        created: Option<&str>,
    ) -> Result<Verified<Record>, Refusal> {
        check_members(&self.members, &FIELDS)?;
        let mut body = self.members.clone();
        let own = [("title", &self.title), ("format", &self.format), ("cid", &self.cid)];
        body.extend(own.map(|(name, value)| (name.to_owned(), value.as_str().into())));
        finish(RecordKind::Track, body, &context::uri(), artist, key, created)
    }
}

/// What reading back cannot see in the optional members of a draft that has `fields` of its own.
pub(super) fn check_members(members: &Object, fields: &[&str]) -> Result<(), Refusal> {
    if let Some(name) = RESERVED.iter().chain(fields).find(|name| members.contains_key(**name)) {
        return Err(Refusal::malformed(format!("`{name}` is written by signing and cannot be set")));
    }
    for (name, value) in members {
        json::validate(value).map_err(|e| Refusal::malformed(format!("`{name}`: {e}")))?;
    }
    Ok(())
}

/// Adds what every record has, signs, and reads the result back. Without `created` no proof is written.
pub(super) fn finish(
    kind: RecordKind,
    mut body: Object,
    context: &str,
    artist: &Did,
    key: &ArtistKey,
    created: Option<&str>,
) -> Result<Verified<Record>, Refusal> {
    if created.is_some_and(|created| !date::is_utc_seconds(created)) {
        return Err(Refusal::malformed("the proof's time is not of the form 2026-01-15T12:00:00Z"));
    }
    let own: [(&str, Json); 4] = [
        ("@context", context.into()),
        ("type", kind.type_name().into()),
        ("version", VERSION.into()),
        ("artist", artist.to_string().into()),
    ];
    body.extend(own.map(|(name, value)| (name.to_owned(), value)));
    let mut record = envelope::sign(kind, body, key);
    if let Some(created) = created {
        let proof = proof::create(&record, artist, key, created);
        record.insert("proof".into(), proof);
    }
    // Read back like anyone's: size, nesting and every member are checked by the same code.
    Record::parse(&json::canonical_object(&record))?.verify_with_keys(&[key.public()])
}
