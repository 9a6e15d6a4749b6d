//! The header: what the file is, in the clear, signed; all keys depend on every byte of it.
//!
//! ```text
//!  0  "SMSG" 03    5  u32 N    9  JSON, N bytes          H = SHA-256(all of it)
//! ```

mod draft;
mod geometry;
mod index;
mod parse;
mod part;

pub use draft::HeaderDraft;
pub use geometry::{ChunkPlace, Geometry};
pub use index::{Mark, TimeIndex};
pub use part::{Cut, Part, PartDraft, Track};

use super::{
    FileId,
    error::Refused,
    json::Object,
    limits::MAX_JSON,
    signing::{Standing, Verifier},
    tree::Tree,
};
use std::ops::Range;

/// Magic and version of a container.
pub const MAGIC: [u8; 5] = *b"SMSG\x03";

/// Bytes before the header's JSON.
pub const PREFIX: usize = 9;

/// A header whose signature holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    id: FileId,
    bytes: Vec<u8>,
    object: Object,
    artist: String,
    key: Option<String>,
    standing: Standing,
    /// Title of the release.
    pub title: String,
    /// When it was made, Unix seconds.
    pub created: u64,
    /// How this artist's keys begin.
    pub key_prefix: Option<String>,
    digests: bool,
    parts: Vec<Part>,
    /// Marks, as on a CD, with the chunks they are in.
    pub tracks: Vec<Track>,
    /// Sets of chunks that were thought of when the file was made.
    pub cuts: Vec<Cut>,
    /// Name to URL. Never fetched without being asked.
    pub links: Vec<(String, String)>,
    geometry: Geometry,
}

impl Header {
    /// How long prefix and header are together, from the first 9 bytes.
    ///
    /// # Errors
    /// [`Refused::Truncated`], [`Refused::BadMagic`], [`Refused::BadVersion`], [`Refused::TooLarge`].
    pub fn length(prefix: &[u8]) -> Result<usize, Refused> {
        let magic = &MAGIC[..4];
        if prefix.len() < 4 {
            return Err(if magic.starts_with(prefix) {
                Refused::Truncated("its header")
            } else {
                Refused::BadMagic
            });
        }
        if prefix[..4] != *magic {
            return Err(Refused::BadMagic);
        }
        match prefix.get(4) {
            Some(&version) if version != MAGIC[4] => return Err(Refused::BadVersion(version)),
            _ => {}
        }
        let length = prefix.get(5..PREFIX).and_then(<[u8]>::first_chunk::<4>);
        let length = u32::from_be_bytes(*length.ok_or(Refused::Truncated("its header"))?);
        if length as usize > MAX_JSON {
            return Err(Refused::TooLarge { what: "the header", length: length.into() });
        }
        Ok(PREFIX + length as usize)
    }

    /// Reads and verifies everything up to the end of the header.
    ///
    /// # Errors
    /// Any of [`Refused`] that is about headers.
    pub fn parse(bytes: &[u8], verifier: &dyn Verifier) -> Result<Self, Refused> {
        parse::parse(bytes, verifier)
    }

    /// What the file is called.
    #[must_use]
    pub fn id(&self) -> FileId {
        self.id
    }

    /// The bytes, magic and length included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The artist's DID, whose signature holds. Compare it with the one you were told.
    #[must_use]
    pub fn artist(&self) -> &str {
        &self.artist
    }

    /// The `did:key` that signed, where the artist's DID is none.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The DID to check signatures with: that of the key if there is one, else the artist's.
    #[must_use]
    pub fn signed_by(&self) -> &str {
        self.key().unwrap_or(&self.artist)
    }

    /// Whether it was checked that the key that signed is the artist's.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.standing
    }

    /// Members that version 3.0 does not define, as signed.
    pub fn more(&self) -> impl Iterator<Item = (&String, &serde_json::Value)> {
        self.object.iter().filter(|(name, _)| !parse::KNOWN.contains(&name.as_str()))
    }

    /// Whether the artist signed digests of the chunks. If not, who has a key can have changed what it opens.
    #[must_use]
    pub fn has_digests(&self) -> bool {
        self.digests
    }

    /// Media files.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Where everything lies.
    #[must_use]
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// The form of its keys' tree.
    #[must_use]
    pub fn tree(&self) -> Tree {
        Tree::new(self.geometry.chunks())
    }

    /// The JSON as signed, with the members that this crate does not know.
    #[must_use]
    pub fn json(&self) -> &Object {
        &self.object
    }

    /// The chunks of all parts of a tier.
    #[must_use]
    pub fn tier(&self, tier: &str) -> Vec<Range<u32>> {
        let of_tier = |(_, part): &(usize, &Part)| part.tier.as_deref() == Some(tier);
        self.parts.iter().enumerate().filter(of_tier).filter_map(|(at, _)| self.geometry.part(at)).collect()
    }
}
