//! Signed records: parse, verify, sign (spec/OSP-v0.1.md section 4).
//!
//! ```text
//!  body      = record without id, signature, proof
//!  id        = "osp:track:" + CID(JCS(body))        or osp:retraction:, osp:profile:, osp:follow:
//!  signature = Ed25519(JCS(body + id))                         base64
//!  proof     = DataIntegrityProof eddsa-jcs-2022 over body + id + signature
//! ```
//!
//! A record passes through two gates, and the types say which it has passed:
//!
//! ```text
//!  bytes --parse--> Record          well-formed; nothing is known about who wrote it
//!        --verify-> Verified<Record>  signature, id and proof hold
//! ```

mod date;
mod draft;
mod envelope;
mod follow;
mod id;
pub mod newest;
mod offers;
mod profile;
mod proof;
mod refusal;
mod retraction;
mod track;
mod wellformed;
mod words;

pub use draft::TrackDraft;
pub use follow::{Follow, FollowState, MAX_FOLLOWS_CHARS};
pub use id::{RETRACTION_ID_PREFIX, RecordId, RecordKind, TRACK_ID_PREFIX};
pub use offers::{MAX_OFFERS, MAX_PRICE_CHARS, MAX_WORD_CHARS, Offer, Preview, Sealed, SealedPart};
pub use profile::{Profile, ProfileDraft};
pub use refusal::{Refusal, RefusalClass};
pub use retraction::Retraction;
pub use track::TrackRecord;
pub use words::{
    Link, MAX_BIO_CHARS, MAX_LINK_NAME_CHARS, MAX_LINKS, MAX_NAME_CHARS, MAX_URL_CHARS, PAYMENT_SCHEMES,
};

use crate::{
    did::Did,
    json::{self, Json},
    key::PublicKey,
};
use envelope::Envelope;

/// Largest record that is read, in bytes as received.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;
/// The `version` this crate reads and writes.
pub const VERSION: &str = "0.1";

/// A record that is well-formed; its signature has not been looked at.
#[derive(Clone, Debug)]
pub enum Record {
    /// `osp:Track`
    Track(TrackRecord),
    /// `osp:Retraction`
    Retraction(Retraction),
    /// `osp:Profile`
    Profile(Profile),
    /// `osp:Follow`
    Follow(Follow),
}

/// A record whose signature, id and (where there is one) proof hold. Only [`Record::verify`],
/// [`Record::verify_with_keys`] and signing make one, so whoever asks for a `Verified` cannot be handed less.
#[derive(Clone, Debug)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// The record.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}
impl<T> std::ops::Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl Record {
    /// Reads a record of any known type; checks everything of class malformed and nothing else.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        // Before parsing, so that no JSON text however large costs more than its length.
        if bytes.len() > MAX_RECORD_BYTES {
            return Err(Refusal::malformed(format!(
                "the record is {} bytes long; records have at most {MAX_RECORD_BYTES}",
                bytes.len()
            )));
        }
        let members = match json::parse(bytes) {
            Ok(Json::Object(members)) => members,
            Ok(_) => return Err(Refusal::malformed("the record is JSON, but not an object")),
            Err(e) => return Err(Refusal::malformed(format!("the record is not valid JSON: {e}"))),
        };
        match wellformed::kind(&members)? {
            RecordKind::Track => TrackRecord::from_members(members).map(Self::Track),
            RecordKind::Retraction => Retraction::from_members(members).map(Self::Retraction),
            RecordKind::Profile => Profile::from_members(members).map(Self::Profile),
            RecordKind::Follow => Follow::from_members(members).map(Self::Follow),
        }
    }

    /// Verifies with the key in the artist's own DID (`did:key`).
    ///
    /// # Errors
    /// [`Refusal`]: signature, id or proof, in this order. A `did:web` artist is refused with class signature
    /// and a message that says its document is needed: use [`Record::verify_with_keys`].
    pub fn verify(self) -> Result<Verified<Self>, Refusal> {
        self.verify_with_keys(&[])
    }

    /// Verifies with keys found elsewhere (a `did:web` document). Ignored for `did:key` artists.
    ///
    /// # Errors
    /// As [`Record::verify`].
    pub fn verify_with_keys(self, keys: &[PublicKey]) -> Result<Verified<Self>, Refusal> {
        self.envelope().verify(keys)?;
        Ok(Verified(self))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        self.envelope().id.clone()
    }

    /// Its artist.
    #[must_use]
    pub fn artist(&self) -> Did {
        self.envelope().artist.clone()
    }

    /// RFC 8785 bytes of the whole record, signature and proof included: how records are stored and served.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        json::canonical_object(&self.envelope().members)
    }

    /// Every member, unknown ones included.
    #[must_use]
    pub fn members(&self) -> &json::Object {
        &self.envelope().members
    }

    /// The track, if it is one.
    #[must_use]
    pub fn as_track(&self) -> Option<&TrackRecord> {
        if let Self::Track(t) = self { Some(t) } else { None }
    }

    /// The withdrawal, if it is one.
    #[must_use]
    pub fn as_retraction(&self) -> Option<&Retraction> {
        if let Self::Retraction(r) = self { Some(r) } else { None }
    }

    /// The profile, if it is one.
    #[must_use]
    pub fn as_profile(&self) -> Option<&Profile> {
        if let Self::Profile(p) = self { Some(p) } else { None }
    }

    /// The follow, if it is one.
    #[must_use]
    pub fn as_follow(&self) -> Option<&Follow> {
        if let Self::Follow(f) = self { Some(f) } else { None }
    }

    fn envelope(&self) -> &Envelope {
        match self {
            Self::Track(track) => &track.envelope,
            Self::Retraction(retraction) => &retraction.envelope,
            Self::Profile(profile) => &profile.envelope,
            Self::Follow(follow) => &follow.envelope,
        }
    }
}
