//! Signed records: parse, verify, sign (spec/OSP-v0.1.md section 4).
//!
//! ```text
//!  body      = record without id, signature, proof
//!  id        = "osp:track:" + CID(JCS(body))
//!  signature = Ed25519(JCS(body + id))                         base64
//!  proof     = DataIntegrityProof eddsa-jcs-2022 over body + id + signature
//! ```

use crate::{
    Cid,
    did::Did,
    json::{Json, Object},
    key::{ArtistKey, PublicKey},
};

/// Largest record that is read, in bytes as received.
pub const MAX_RECORD_BYTES: usize = 64 * 1024;
/// The `version` this crate reads and writes.
pub const VERSION: &str = "0.1";

/// The class of a refusal, in the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalClass {
    /// Not a record at all.
    Malformed,
    /// The signature is not the artist's.
    Signature,
    /// `id` is not the CID of the body.
    Id,
    /// A `proof` is there and does not hold.
    Proof,
}

impl RefusalClass {
    /// `malformed`, `signature`, `id` or `proof`: the word used by `osp verify --json` and the HTTP API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Signature => "signature",
            Self::Id => "id",
            Self::Proof => "proof",
        }
    }
}

/// Why a record is refused.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Which check failed.
    pub class: RefusalClass,
    /// One sentence for a person.
    pub message: String,
}

/// `osp:track:<cid>` or `osp:retraction:<cid>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId {
    // kept as written
    text: String,
}

impl RecordId {
    /// Parses a whole id.
    ///
    /// # Errors
    /// `None`-like [`Refusal`] of class malformed.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let _ = text;
        todo!()
    }
    /// The whole id, `osp:track:…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
    /// The CID part.
    #[must_use]
    pub fn cid_text(&self) -> &str {
        todo!()
    }
}

/// A record that is well-formed; its signature has not been looked at.
#[derive(Clone, Debug)]
pub enum Record {
    /// `osp:Track`
    Track(TrackRecord),
    /// `osp:Retraction`
    Retraction(Retraction),
}

/// A well-formed Track Record. Members are read through accessors; unknown ones are kept.
#[derive(Clone, Debug)]
pub struct TrackRecord {
    pub(crate) members: Object,
}

/// A well-formed withdrawal of one track by its artist.
#[derive(Clone, Debug)]
pub struct Retraction {
    pub(crate) members: Object,
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
        let _ = bytes;
        todo!()
    }
    /// Verifies with the key in the artist's own DID (`did:key`).
    ///
    /// # Errors
    /// [`Refusal`]: signature, id or proof, in this order. A `did:web` artist is refused with class signature
    /// and a message that says its document is needed: use [`Record::verify_with_keys`].
    pub fn verify(self) -> Result<Verified<Self>, Refusal> {
        todo!()
    }
    /// Verifies with keys found elsewhere (a `did:web` document). Ignored for `did:key` artists.
    ///
    /// # Errors
    /// As [`Record::verify`].
    pub fn verify_with_keys(self, keys: &[PublicKey]) -> Result<Verified<Self>, Refusal> {
        let _ = keys;
        todo!()
    }
    /// Its id.
    #[must_use]
    pub fn id(&self) -> RecordId {
        todo!()
    }
    /// Its artist.
    #[must_use]
    pub fn artist(&self) -> Did {
        todo!()
    }
    /// RFC 8785 bytes of the whole record, signature and proof included: how records are stored and served.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }
    /// The track, if it is one.
    #[must_use]
    pub fn as_track(&self) -> Option<&TrackRecord> {
        if let Self::Track(t) = self { Some(t) } else { None }
    }
}

impl TrackRecord {
    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        todo!()
    }
    /// `artist`
    #[must_use]
    pub fn artist(&self) -> Did {
        todo!()
    }
    /// `title`
    #[must_use]
    pub fn title(&self) -> &str {
        todo!()
    }
    /// `format`, a media type.
    #[must_use]
    pub fn format(&self) -> &str {
        todo!()
    }
    /// `cid` of the audio.
    #[must_use]
    pub fn content(&self) -> Cid {
        todo!()
    }
    /// `artistName`, `album`, `released`, `license`, `torrent` and other optional strings.
    #[must_use]
    pub fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member)?.as_str()
    }
    /// `duration` (seconds), `size` (bytes), `trackNumber`, `discNumber`.
    #[must_use]
    pub fn number(&self, member: &str) -> Option<f64> {
        self.members.get(member)?.as_f64()
    }
    /// `genre`
    #[must_use]
    pub fn genres(&self) -> Vec<&str> {
        todo!()
    }
    /// `artwork`
    #[must_use]
    pub fn artwork(&self) -> Option<Cid> {
        todo!()
    }
    /// `supersedes`
    #[must_use]
    pub fn supersedes(&self) -> Option<RecordId> {
        todo!()
    }
    /// Every member, unknown ones included.
    #[must_use]
    pub fn members(&self) -> &Object {
        &self.members
    }
    /// RFC 8785 bytes of the whole record.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        todo!()
    }
}

impl Retraction {
    /// `id`
    #[must_use]
    pub fn id(&self) -> RecordId {
        todo!()
    }
    /// `artist`
    #[must_use]
    pub fn artist(&self) -> Did {
        todo!()
    }
    /// The track withdrawn.
    #[must_use]
    pub fn track(&self) -> RecordId {
        todo!()
    }
    /// `reason`
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        todo!()
    }
}

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
        let _ = (key, created);
        todo!()
    }
}

impl Retraction {
    /// Signs the withdrawal of `track`.
    ///
    /// # Errors
    /// [`Refusal`] of class malformed.
    pub fn sign(
        track: &RecordId,
        reason: Option<&str>,
        key: &ArtistKey,
    ) -> Result<Verified<Record>, Refusal> {
        let _ = (track, reason, key);
        todo!()
    }
}
