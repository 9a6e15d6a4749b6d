//! The keys as text.

use super::{DhtKey, Point};
use osp_core::{Cid, content::sha256, did::Did, record::RecordId, text::normalise};

/// Longest key in bytes. Escaped at its worst (six characters a byte) it still fits the longest request.
pub const MAX_KEY_BYTES: usize = 512;
/// What every key of this version begins with.
const VERSION_PREFIX: &str = "osp/0.1/";

/// What a key is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// Everything of an artist; the value is the DID.
    Artist,
    /// A title, normalised.
    Title,
    /// A genre tag, normalised.
    Genre,
    /// One record, and what supersedes or withdraws it; the value is the whole id, `osp:track:…`.
    Track,
    /// Records of some bytes; the value is a CID as text.
    Content,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Artist, Self::Title, Self::Genre, Self::Track, Self::Content];

    /// `artist`, `title`, `genre`, `track`, `content`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Title => "title",
            Self::Genre => "genre",
            Self::Track => "track",
            Self::Content => "content",
        }
    }
}

/// Why there is no such key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Nothing is left of the value when it is normalised.
    #[error("nothing is left to look up once the text is normalised; use letters, digits or signs")]
    Empty,
    /// Longer than [`MAX_KEY_BYTES`].
    #[error(
        "the key would be {0} bytes long and keys have at most {MAX_KEY_BYTES}; look for the artist instead"
    )]
    TooLong(usize),
    /// Not `osp/0.1/<kind>/<value>` of a kind that is known.
    #[error(
        "«{0}» is no index key; they are osp/0.1/ and artist, title, genre, track or content, / and a value"
    )]
    Unknown(String),
}

/// A key under which records are announced and looked up: `osp/0.1/<kind>/<value>`.
///
/// Compared as text. The value is not judged beyond its length: a key that nothing can have finds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IndexKey {
    kind: KeyKind,
    text: String,
}

impl IndexKey {
    /// Everything of this artist.
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn artist(did: &Did) -> Result<Self, KeyError> {
        Self::new(KeyKind::Artist, &did.to_string())
    }

    /// Tracks of this title, however it is spelt in the sense of spec section 6.
    ///
    /// # Errors
    /// [`KeyError::Empty`], [`KeyError::TooLong`].
    pub fn title(title: &str) -> Result<Self, KeyError> {
        Self::new(KeyKind::Title, &normalise(title))
    }

    /// Tracks with this genre tag.
    ///
    /// # Errors
    /// As [`IndexKey::title`].
    pub fn genre(tag: &str) -> Result<Self, KeyError> {
        Self::new(KeyKind::Genre, &normalise(tag))
    }

    /// This record, and what supersedes or withdraws it.
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn track(id: &RecordId) -> Result<Self, KeyError> {
        Self::new(KeyKind::Track, id.as_str())
    }

    /// Records of the content that this CID names, in its usual text (base32, or base58 for version 0).
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn content(cid: &Cid) -> Result<Self, KeyError> {
        Self::new(KeyKind::Content, &cid.to_string())
    }

    /// As [`IndexKey::content`], with the CID as a record or a person wrote it.
    ///
    /// # Errors
    /// [`KeyError::Empty`], [`KeyError::TooLong`].
    pub fn content_as_written(cid: &str) -> Result<Self, KeyError> {
        Self::new(KeyKind::Content, cid)
    }

    fn new(kind: KeyKind, value: &str) -> Result<Self, KeyError> {
        let length = VERSION_PREFIX.len() + kind.as_str().len() + 1 + value.len();
        match value {
            "" => Err(KeyError::Empty),
            _ if length > MAX_KEY_BYTES => Err(KeyError::TooLong(length)),
            _ => Ok(Self { kind, text: format!("{VERSION_PREFIX}{}/{value}", kind.as_str()) }),
        }
    }

    /// Reads a key as others send it.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_KEY_BYTES {
            return Err(KeyError::TooLong(text.len()));
        }
        let unknown = || KeyError::Unknown(text.chars().take(80).collect());
        let rest = text.strip_prefix(VERSION_PREFIX).ok_or_else(unknown)?;
        // A DID, an id and a title may all hold slashes.
        let (kind, value) = rest.split_once('/').ok_or_else(unknown)?;
        let kind = KeyKind::ALL.into_iter().find(|k| k.as_str() == kind).ok_or_else(unknown)?;
        Self::new(kind, value)
    }

    /// The whole key, `osp/0.1/title/…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// What follows the kind.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.text[VERSION_PREFIX.len() + self.kind.as_str().len() + 1..]
    }

    /// What is announced and asked for in the DHT.
    #[must_use]
    pub fn dht_key(&self) -> DhtKey {
        DhtKey::from_digest(sha256(self.text.as_bytes()))
    }

    /// Where it lies.
    #[must_use]
    pub fn point(&self) -> Point {
        self.dht_key().point()
    }
}

impl std::fmt::Display for IndexKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for IndexKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::parse(text)
    }
}
