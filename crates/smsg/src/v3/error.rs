//! What can go wrong. [`Refused`] is everything a reader refuses, with the [class](Refused::class) of `spec/SMSG.md` 19.13;
//! [`SealError`] is what stops a writer.

use super::signing::SigningFailed;

/// A file, table, licence or chunk was refused, or the key does not open it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The file, or what was given as a section of it, ends too early.
    #[error("the file ends inside {0}; download it again")]
    Truncated(&'static str),
    /// Bytes behind the last chunk, or behind a section that has a length.
    #[error("there are bytes behind the end of {0}; download it again")]
    TrailingBytes(&'static str),
    /// Not an SMSG file, or not a table of one.
    #[error("this is not an SMSG file; choose a file that ends in .smsg")]
    BadMagic,
    /// Another container version.
    #[error("container version {0} is not 3; use what reads that version")]
    BadVersion(u8),
    /// Header or table head is longer than [`super::limits::MAX_JSON`].
    #[error("{what} claims {length} bytes, more than are allowed; the file is damaged or made to harm")]
    TooLarge {
        /// Which.
        what: &'static str,
        /// What it claims.
        length: u64,
    },
    /// Not JSON, or not in its canonical form.
    #[error("{0} is not canonical JSON; the file is damaged or was made wrongly")]
    NotCanonical(&'static str),
    /// A member is missing, has another type, or is out of its bounds.
    #[error("{of}: {member:?} is missing or not as it must be; the file was made wrongly")]
    BadMember {
        /// Which object.
        of: &'static str,
        /// Which member.
        member: &'static str,
    },
    /// More of something than is allowed.
    #[error("{0} are over the limit; the file was made wrongly or made to harm")]
    OverLimit(&'static str),
    /// `crit` names what this program does not know.
    #[error("{of} needs {name:?} to be understood, which this program does not; update it")]
    UnknownCritical {
        /// Which object.
        of: &'static str,
        /// The name, cut when it is long.
        name: String,
    },
    /// `version` of the header.
    #[error("version {0:?} is not known to this program; update it")]
    UnsupportedVersion(String),
    /// A signature does not hold.
    #[error("the artist's signature of {0} does not hold; get the file from the artist")]
    BadSignature(&'static str),
    /// The signature holds, but the artist does not name the key that made it.
    #[error("the artist does not name the key that signed {0}; get the file from the artist")]
    KeyNotNamed(&'static str),
    /// Made for another file.
    #[error("{0} is of another file; get the one that belongs to this file")]
    WrongFile(&'static str),
    /// Signed by somebody else than the header, or the header by somebody else than was expected.
    #[error("{0} is of another artist; get the file from the artist you mean")]
    WrongArtist(&'static str),
    /// An older table than one already seen.
    #[error(
        "the key table is older (number {found}) than one already seen (number {seen}); get the newer one"
    )]
    TableRollback {
        /// Its number.
        found: u64,
        /// The highest seen.
        seen: u64,
    },
    /// Directory or page are not what the head says, or not sorted.
    #[error("the key table is damaged: {0}; download the file again")]
    BadTable(&'static str),
    /// The key is not one of this table, or not this licence's.
    #[error("this key does not open this file; check that key and file belong together")]
    NoValidKey,
    /// An entry or grant does not open, or holds something else than it must.
    #[error("the key is right, but what it leads to is not: {0}; ask whoever sold it")]
    BadGrant(&'static str),
    /// A passphrase slot asks for more work than is ever done, or for none.
    #[error(
        "the passphrase slot asks for an absurd amount of work; the file was made wrongly or made to harm"
    )]
    WorkFactor,
    /// No memory for the passphrase's function.
    #[error("there is not enough memory for the passphrase ({0} KiB); close other programs")]
    OutOfMemory(u64),
    /// The bytes are not those that the artist signed.
    #[error("{0} is not what the artist signed; download the file again from elsewhere")]
    BadDigest(Piece),
    /// The licence does not reach there.
    #[error("{0} is outside of what the licence opens")]
    NotLicensed(Piece),
    /// The chunk was made for another key.
    #[error("{0} belongs to another key than the licence has; the licence or the file was made wrongly")]
    Commitment(Piece),
    /// The chunk's tag does not hold.
    #[error("{0} is damaged; download the file again")]
    Decryption(Piece),
}

/// A chunk, or digests of chunks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A chunk, by number.
    Chunk(u32),
    /// The digests of a group of chunks, by number.
    Group(u32),
}

impl std::fmt::Display for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chunk(number) => write!(f, "chunk {number}"),
            Self::Group(number) => write!(f, "the list of digests {number}"),
        }
    }
}

impl Refused {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Truncated(_) => "truncated_container",
            Self::TrailingBytes(_) => "trailing_bytes",
            Self::BadMagic => "bad_magic",
            Self::BadVersion(_) => "bad_version",
            Self::TooLarge { .. } => "header_too_large",
            Self::NotCanonical(_) => "not_canonical",
            Self::BadMember { .. } => "bad_member",
            Self::OverLimit(_) => "over_limit",
            Self::UnknownCritical { .. } => "unknown_critical",
            Self::UnsupportedVersion(_) => "unsupported_version",
            Self::BadSignature(_) | Self::KeyNotNamed(_) => "bad_signature",
            Self::WrongFile(_) => "wrong_file",
            Self::WrongArtist(_) => "wrong_artist",
            Self::TableRollback { .. } => "table_rollback",
            Self::BadTable(_) => "bad_table",
            Self::NoValidKey => "no_valid_key",
            Self::BadGrant(_) => "bad_grant",
            Self::WorkFactor => "work_factor",
            Self::OutOfMemory(_) => "out_of_memory",
            Self::BadDigest(_) => "bad_digest",
            Self::NotLicensed(_) => "not_licensed",
            Self::Commitment(_) => "commitment",
            Self::Decryption(_) => "decryption_failed",
        }
    }
}

/// Making a file, table or licence failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// What was asked for is something that every reader would refuse.
    #[error("this cannot be sealed, because readers would refuse it: {0}")]
    Refused(#[from] Refused),
    /// The signature was not made.
    #[error("signing failed: {0}")]
    Signing(#[from] SigningFailed),
    /// The nodes at hand do not reach what is to be granted.
    #[error("the keys at hand do not open everything that is to be granted; use the file's root key")]
    NotHeld,
    /// A licence key is there twice.
    #[error("the same licence key is there twice; make new ones")]
    DuplicateKey,
    /// An entry or slot names a grant that is not there.
    #[error("grant {0} is not there; there are fewer")]
    NoSuchGrant(usize),
    /// A passphrase is empty.
    #[error("the passphrase is empty; choose one")]
    EmptyPassphrase,
    /// The table is for another file, or its number is over.
    #[error("the table was made for another file; make it for this one")]
    ForeignTable,
    /// A part's reader gave fewer or more bytes than its header announced.
    #[error("part {0:?} changed its length while it was read; seal it again")]
    SourceLength(String),
    /// Not as many readers as parts.
    #[error("there are {found} sources for {parts} parts; give one for each")]
    Sources {
        /// Sources.
        found: usize,
        /// Parts.
        parts: usize,
    },
    /// A part's reader failed.
    #[error("reading part {name:?} failed: {error}")]
    Read {
        /// Which part.
        name: String,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The writer failed.
    #[error("writing failed: {0}")]
    Write(#[source] std::io::Error),
}

/// The beginning of a text that a stranger chose.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
