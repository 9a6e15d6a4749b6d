//! What can go wrong, by operation. Every error has a [class](OpenError::class): a short stable word for programs, the same
//! as in the vectors where those name one.
//!
//! Messages say what is wrong and, behind the last semicolon, what to do. Two things are deliberately not told apart: a
//! wrong key and damaged ciphertext look the same to an authenticated cipher.

use crate::{limits, time::UnixTime};

/// The file is not an SMSG container that this crate understands. Stage: before any key is used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContainerError {
    /// The file ends inside the magic, the length, or the header.
    #[error("the file ends after {have} bytes, inside its header; download it again")]
    Truncated {
        /// Bytes there are.
        have: u64,
    },
    /// The first four bytes are not `SMSG`.
    #[error("this is not an SMSG file; choose a file that ends in .smsg")]
    BadMagic,
    /// Base64 of base64: the file was encoded twice on its way.
    #[error("the file was base64-encoded twice; decode it once, or get the original file")]
    DoubleBase64,
    /// Looks like base64 text but is none (wrong alphabet, padding, white space).
    #[error("the base64 text is damaged: {0}; copy it again, whole")]
    BadBase64(String),
    /// Container version other than 2.
    #[error("container version {0} is not known to this program; update it")]
    UnsupportedContainer(u8),
    /// The header says it is longer than [`limits::MAX_HEADER`].
    #[error("the header claims {0} bytes, more than the {max} that are allowed", max = limits::MAX_HEADER)]
    HeaderTooLarge(u64),
    /// The header is not a JSON object, or a known member has a wrong type.
    #[error("the header cannot be read: {0}; the file is damaged")]
    HeaderNotJson(String),
    /// `version`, `algorithm`, `format`, `compression` or `keyMethod` has a value that is not known.
    #[error("{member} {value:?} is not known to this program; update it")]
    Unsupported {
        /// The header's member.
        member: Member,
        /// What it says.
        value: String,
    },
    /// The header's checksum is not that of the payload, or cannot be computed.
    #[error("the checksum in the header does not hold: {0}; download the file again")]
    Checksum(String),
    /// A chunk's place is negative, overflows, or lies behind the end of the file.
    #[error("chunk {0} lies outside the file; download it again")]
    ChunkOutOfBounds(usize),
    /// More chunks, wrapped keys or entries in the manifest, or a larger chunk, than [`limits`] allow.
    #[error("{what} is over the limit of {limit}")]
    OverLimit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
}

/// The header's members whose value decides how everything else is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// `version`
    Version,
    /// `algorithm`
    Algorithm,
    /// `format`
    Format,
    /// `compression`
    Compression,
    /// `keyMethod`
    KeyMethod,
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Version => "version",
            Self::Algorithm => "algorithm",
            Self::Format => "format",
            Self::Compression => "compression",
            Self::KeyMethod => "keyMethod",
        })
    }
}

impl ContainerError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Truncated { .. } => "truncated_container",
            Self::BadMagic => "bad_magic",
            Self::DoubleBase64 => "double_base64",
            Self::BadBase64(_) => "bad_base64",
            Self::UnsupportedContainer(_) => "bad_version",
            Self::HeaderTooLarge(_) => "header_too_large",
            Self::HeaderNotJson(_) => "header_not_json",
            Self::Unsupported { member, .. } => match member {
                Member::Version => "unsupported_version",
                Member::Algorithm => "unsupported_algorithm",
                Member::Format => "unsupported_format",
                Member::Compression => "unsupported_compression",
                Member::KeyMethod => "unsupported_key_method",
            },
            Self::Checksum(_) => "checksum",
            Self::ChunkOutOfBounds(_) => "chunk_out_of_bounds",
            Self::OverLimit { .. } => "over_limit",
        }
    }
}

/// Opening a file failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Stage: container and header.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// An empty password.
    #[error("the licence key is empty; type the key you were given")]
    PasswordRequired,
    /// A v3 file, and no licence id was given.
    #[error(
        "this file is opened by a licence id, not by a key; give the licence id (and fingerprint) you were given"
    )]
    LicenceRequired,
    /// A licence id was given, but the file is v1 or v2.
    #[error("this file is opened by a licence key, not by a licence id; give the key you were given")]
    NotV3,
    /// A wrapped key is dated for now, and the licence does not open it.
    #[error("the licence does not open this file; check licence id and fingerprint, letter for letter")]
    NoValidKey,
    /// v3: all wrapped keys are dated for periods before `now`.
    #[error(
        "the licence period of this file is over (its last key is for {last}); ask for a newer file. \
             That it ends is a request of the artist, written in the file, not a lock"
    )]
    PeriodOver {
        /// The latest period there is a key for.
        last: String,
    },
    /// v3: all wrapped keys are dated for periods to come, or none is dated at all.
    #[error(
        "no key in this file is for now (its first is for {first}); try again then, or ask for another file"
    )]
    PeriodNotBegun {
        /// The earliest period there is a key for; `never` when there is none.
        first: String,
    },
    /// The manifest's `expires_at` has passed.
    #[error(
        "the licence of this file ended at {0}; ask the artist for a new one. \
             The date is the artist's request, written in the file, not a lock"
    )]
    Expired(UnixTime),
    /// The key does not open a box: wrong key or damaged bytes.
    #[error(
        "{part} does not open: the key is wrong or the file is damaged; type the key again, then download the file again"
    )]
    DecryptionFailed {
        /// Which box.
        part: Part,
    },
    /// Decrypted, but not what this format says.
    #[error(
        "the content is not a message: {0}; download the file again, and if that does not help ask for another"
    )]
    InvalidPayload(String),
    /// The message names more bytes of an attachment than there are.
    #[error(
        "attachment {:?} is cut short inside the sealed content; the file was made wrongly, ask for another",
        shortened(.0)
    )]
    AttachmentTruncated(String),
    /// Not the compression that the header says, or damaged.
    #[error("the content cannot be decompressed: {0}; the file was made wrongly, ask for another")]
    DecompressionFailed(String),
    /// More than [`crate::Limits`] allows: decompressed, or by chunks that are named more than once.
    #[error("the content comes to more than {0} bytes; raise the limit if you trust the file")]
    DecompressionLimit(u64),
    /// More than is ever decompressed of a text that is held whole; [`crate::Limits`] cannot raise it.
    #[error("{what} decompresses to more than the {limit} bytes that are ever read; ask for another file")]
    DecompressionCap {
        /// Which text.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// Too much of something else.
    #[error("{what} is over the limit of {limit}")]
    OverLimit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// The caller's reader failed.
    #[error("reading the file failed: {0}")]
    Read(#[source] std::io::Error),
    /// The caller's sink failed.
    #[error("writing failed: {0}")]
    Write(#[source] std::io::Error),
}

/// A box of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The only box of v1 and v2; the message of v3.
    Message,
    /// The attachments of v3.
    Attachments,
    /// A chunk, by index.
    Chunk(usize),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Message => f.write_str("the content"),
            Self::Attachments => f.write_str("the attachments' part"),
            Self::Chunk(index) => write!(f, "chunk {index}"),
        }
    }
}

impl OpenError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Container(e) => e.class(),
            Self::PasswordRequired => "password_required",
            Self::LicenceRequired => "license_required",
            Self::NotV3 => "not_v3",
            Self::NoValidKey => "no_valid_key",
            Self::PeriodOver { .. } | Self::Expired(_) => "expired",
            Self::PeriodNotBegun { .. } => "not_yet_valid",
            Self::DecryptionFailed { .. } => "decryption_failed",
            Self::InvalidPayload(_) => "invalid_payload",
            Self::AttachmentTruncated(_) => "attachment_truncated",
            Self::DecompressionFailed(_) => "decompression_failed",
            Self::DecompressionLimit(_) | Self::DecompressionCap { .. } => "decompression_limit",
            Self::OverLimit { .. } => "over_limit",
            Self::Read(_) | Self::Write(_) => "io",
        }
    }
}

/// Sealing failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// Neither text nor attachment.
    #[error("there is nothing to seal; give a file or a text")]
    EmptyMessage,
    /// An empty password.
    #[error("the licence key is empty; give one, or let one be made")]
    PasswordRequired,
    /// v3 without licence id.
    #[error("v3 needs a licence id; give one")]
    LicenceRequired,
    /// A wish that the format cannot fulfil.
    #[error("{0}")]
    Unsupported(&'static str),
    /// An attachment's reader gave fewer or more bytes than announced.
    #[error(
        "{:?} changed its length while it was read: {expected} bytes were announced; seal it again",
        shortened(name)
    )]
    SourceLength {
        /// The attachment.
        name: String,
        /// Bytes announced.
        expected: u64,
    },
    /// More than a reader would accept.
    #[error("{what} is over the limit of {limit}")]
    OverLimit {
        /// What there is too much of.
        what: &'static str,
        /// The bound.
        limit: u64,
    },
    /// An attachment's reader failed.
    #[error("reading {:?} failed: {error}", shortened(name))]
    Read {
        /// The attachment.
        name: String,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The writer failed.
    #[error("writing the sealed file failed: {0}")]
    Write(#[source] std::io::Error),
    /// The compressor failed.
    #[error("compressing failed: {0}")]
    Compress(#[source] std::io::Error),
}

impl SealError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::EmptyMessage => "empty_message",
            Self::PasswordRequired => "password_required",
            Self::LicenceRequired => "license_required",
            Self::Unsupported(_) => "unsupported",
            Self::SourceLength { .. } => "source_changed",
            Self::OverLimit { .. } => "over_limit",
            Self::Read { .. } | Self::Write(_) | Self::Compress(_) => "io",
        }
    }
}

/// The beginning of a name that a stranger chose, for a message. Written with `{:?}`, which escapes control characters.
fn shortened(name: &str) -> String {
    const SHOWN: usize = 64;
    let mut shown: String = name.chars().take(SHOWN).collect();
    if shown.len() < name.len() {
        shown.push_str("...");
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{OpenError, SealError};

    /// An attachment's name can be megabytes, and anything.
    #[test]
    fn names_are_shown_shortened_and_escaped() {
        let name = || format!("\u{1b}[2Jname\n{}", "é".repeat(1 << 20));
        for message in [
            OpenError::AttachmentTruncated(name()).to_string(),
            SealError::SourceLength { name: name(), expected: 1 }.to_string(),
            SealError::Read { name: name(), error: std::io::Error::other("gone") }.to_string(),
        ] {
            assert!(message.len() < 400, "{} bytes", message.len());
            assert!(
                !message.contains(char::is_control) && message.contains("name") && message.contains("...")
            );
        }
        let short = OpenError::AttachmentTruncated("a".into()).to_string();
        assert!(short.starts_with("attachment \"a\" is cut short"), "{short}");
    }
}
