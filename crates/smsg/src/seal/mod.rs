//! Sealing: sources to a writer.
//!
//! Chunked v3 is written in the memory of its table and of the chunks that are being sealed: one, or with the feature
//! `threads` as many as keep the cores busy, up to 24 MiB of them (or one, if it is larger). The other formats have one nonce
//! and one tag around everything, so their box is built in memory (the size of the file) and written once.

mod boxes;
mod chunks;
mod sources;

use crate::{
    Header, Manifest, Message, SealError, UnixTime, container,
    crypto::{Cek, PasswordKey},
    header::{Compression, Format},
    keys::{Cadence, Licence, Password, wrap::wrap_for},
    limits::{MAX_ATTACHMENTS, MAX_ENTRIES, MAX_HEADER, MAX_MESSAGE_JSON},
    payload::json,
};
use rand_core::CryptoRng;
use std::{
    borrow::Cow,
    io::{Read, Write},
};

/// The bytes of an attachment; name, type and size stand in the message.
pub struct Source<'s>(pub Box<dyn Read + 's>);

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(..)")
    }
}

/// What kind of file to write, and for whom.
#[derive(Clone, Debug)]
pub enum Target {
    /// One JSON; attachments grow by a third. For old readers only.
    V1 {
        /// The licence key.
        password: Password,
    },
    /// The original's default.
    V2 {
        /// The licence key.
        password: Password,
        /// zstd is the original's default.
        compression: Compression,
    },
    /// Wrapped for the current and the next period. Without the feature `zstd-encoder` the message is not compressed, where the
    /// original always does; its readers open both.
    V3 {
        /// For whom.
        licence: Licence,
        /// How often keys change.
        cadence: Cadence,
        /// The moment that decides the periods; and the message's `timestamp` and the manifest's `issued_at` where those are 0.
        now: UnixTime,
        /// Plaintext bytes per chunk; `None` writes two boxes instead of chunks.
        chunk: Option<u32>,
    },
}

/// What to seal.
#[derive(Clone, Debug)]
pub struct Release {
    /// The message; its attachments' `size` is what the sources will give, exactly. `timestamp` 0 is left out of v1 and v2: to
    /// write the time of sealing, as the original does, their caller sets it. v3 has [`Target::V3::now`] for it.
    pub message: Message,
    /// In the clear. `None` leaves it out.
    pub manifest: Option<Manifest>,
    /// In the clear, v1 only (as in the original).
    pub hint: Option<String>,
}

/// Writes the sealed file. Nothing in `release` or `sources` is changed but that sources are read to their announced size.
/// Returns the file's length.
///
/// Nothing is written that [`crate::open::open`] would refuse with its default limits.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    release: &Release,
    sources: &mut [Source<'_>],
    target: &Target,
    rng: &mut impl CryptoRng,
    out: &mut dyn Write,
) -> Result<u64, SealError> {
    check(release, sources.len(), target)?;
    let file = match target {
        Target::V1 { password } => boxes::v1(release, sources, &PasswordKey::derive(password.as_str()), rng)?,
        Target::V2 { password, compression } => {
            boxes::v2(release, sources, &PasswordKey::derive(password.as_str()), *compression, rng)?
        }
        Target::V3 { licence, cadence, now, chunk } => {
            let cek = Cek::generate(rng);
            let mut header = Header::new(Format::V3);
            header.cadence = Some(cadence.clone());
            header.wrapped_keys = wrap_for(&cek, licence, cadence, *now, rng);
            header.manifest.clone_from(&release.manifest);
            if let Some(manifest) = &mut header.manifest
                && manifest.issued_at == 0
            {
                manifest.issued_at = now.0;
            }
            let mut message = Cow::Borrowed(&release.message);
            if message.timestamp == 0 {
                message.to_mut().timestamp = now.0;
            }
            match chunk {
                Some(chunk) => return chunks::write(&message, sources, header, &cek, *chunk, rng, out),
                None => boxes::v3(&message, sources, header, &cek, rng)?,
            }
        }
    };
    out.write_all(&file).map_err(SealError::Write)?;
    Ok(file.len() as u64)
}

/// What can be refused before anything is read.
fn check(release: &Release, sources: usize, target: &Target) -> Result<(), SealError> {
    match target {
        Target::V1 { password } | Target::V2 { password, .. } if password.as_str().is_empty() => {
            return Err(SealError::PasswordRequired);
        }
        Target::V3 { licence, .. } if licence.id.is_empty() => return Err(SealError::LicenceRequired),
        Target::V1 { .. } | Target::V2 { .. } | Target::V3 { .. } => {}
    }
    let message = &release.message;
    if message.body.is_empty() && message.attachments.is_empty() {
        return Err(SealError::EmptyMessage);
    }
    if message.attachments.len() > MAX_ATTACHMENTS {
        return Err(SealError::OverLimit {
            what: "the number of attachments",
            limit: MAX_ATTACHMENTS as u64,
        });
    }
    if message.meta.len() > MAX_ENTRIES {
        return Err(SealError::OverLimit {
            what: "the number of texts beside the message",
            limit: MAX_ENTRIES as u64,
        });
    }
    if let Some(manifest) = &release.manifest {
        manifest.check()?;
    }
    if message.attachments.len() != sources {
        return Err(SealError::Unsupported("there must be one source for each attachment of the message"));
    }
    if release.hint.is_some() && !matches!(target, Target::V1 { .. }) {
        return Err(SealError::Unsupported("only v1 has a hint; leave it out, or say it in the manifest"));
    }
    Ok(())
}

/// The message as v2 and v3 have it.
fn message_json(message: &crate::Message) -> Result<Vec<u8>, SealError> {
    let json = json::write(message);
    if json.len() as u64 > MAX_MESSAGE_JSON {
        return Err(SealError::OverLimit {
            what: "the message without attachments",
            limit: MAX_MESSAGE_JSON,
        });
    }
    Ok(json)
}

/// The bytes before the payload.
fn prefix(header: &Header) -> Result<Vec<u8>, SealError> {
    container::write(header).map_err(|_| SealError::OverLimit {
        what: "the header (a shorter manifest, or larger chunks, make it smaller)",
        limit: MAX_HEADER,
    })
}

/// A length as the format writes it.
fn u32_len(len: usize) -> Result<[u8; 4], SealError> {
    let too_long = |_| SealError::OverLimit { what: "a length", limit: u32::MAX.into() };
    u32::try_from(len).map(u32::to_be_bytes).map_err(too_long)
}
