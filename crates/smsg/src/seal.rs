//! Sealing: sources to a writer.
//!
//! Chunked v3 is written in the memory of one chunk. The other formats have one nonce and one tag around everything, so their
//! box is built in memory (the size of the file) and written once.

use crate::{
    Manifest, Message, SealError, UnixTime,
    header::Compression,
    keys::{Cadence, Licence, Password},
};
use rand_core::CryptoRng;
use std::io::{Read, Write};

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
    /// Wrapped for the current and the next period.
    V3 {
        /// For whom.
        licence: Licence,
        /// How often keys change.
        cadence: Cadence,
        /// The moment that decides the periods, and `issued_at` when the manifest has none.
        now: UnixTime,
        /// Plaintext bytes per chunk; `None` writes two boxes instead of chunks.
        chunk: Option<u32>,
    },
}

/// What to seal.
#[derive(Clone, Debug)]
pub struct Release {
    /// The message; its attachments' `size` is what the sources will give, exactly.
    pub message: Message,
    /// In the clear. `None` leaves it out.
    pub manifest: Option<Manifest>,
    /// In the clear, v1 only (as in the original).
    pub hint: Option<String>,
}

/// Writes the sealed file. Nothing in `release` or `sources` is changed but that sources are read to their announced size.
/// Returns the file's length.
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
    todo!("{release:?} {sources:?} {target:?} {} {}", rng.next_u32(), out.flush().is_ok())
}
