//! Signing a Track Record.

use super::{Record, RecordKind, Refusal, VERSION, Verified, date, envelope, proof};
use crate::{
    context,
    did::Did,
    json::{self, Json, Object},
    key::ArtistKey,
};

/// Members that signing writes itself, or that have their own field in [`TrackDraft`].
const RESERVED: [&str; 10] =
    ["@context", "type", "version", "id", "title", "artist", "format", "cid", "signature", "proof"];

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
        self.check(created)?;
        let mut body = self.members.clone();
        let own: [(&str, Json); 7] = [
            ("@context", context::uri().into()),
            ("type", RecordKind::Track.type_name().into()),
            ("version", VERSION.into()),
            ("title", self.title.as_str().into()),
            ("artist", artist.to_string().into()),
            ("format", self.format.as_str().into()),
            ("cid", self.cid.as_str().into()),
        ];
        body.extend(own.map(|(name, value)| (name.to_owned(), value)));
        let mut record = envelope::sign(RecordKind::Track, body, key);
        if let Some(created) = created {
            let proof = proof::create(&record, artist, key, created);
            record.insert("proof".into(), proof);
        }
        // Read back like anyone's: size, nesting and every member are checked by the same code.
        Record::parse(&json::canonical_object(&record))?.verify_with_keys(&[key.public()])
    }

    /// What reading back cannot see.
    fn check(&self, created: Option<&str>) -> Result<(), Refusal> {
        if let Some(name) = RESERVED.iter().find(|name| self.members.contains_key(**name)) {
            return Err(Refusal::malformed(format!("`{name}` is written by signing and cannot be set")));
        }
        for (name, value) in &self.members {
            json::validate(value).map_err(|e| Refusal::malformed(format!("`{name}`: {e}")))?;
        }
        if created.is_some_and(|created| !date::is_utc_seconds(created)) {
            return Err(Refusal::malformed("the proof's time is not of the form 2026-01-15T12:00:00Z"));
        }
        Ok(())
    }
}
