//! Bytes are asked for, not read.

use crate::v3::error::Refused;
use std::ops::Range;

/// Bytes of a first request that usually hold everything before the first page of a table.
const FIRST: u64 = 64 << 10;

/// Something that wants bytes of a file, one range at a time, until it wants none.
pub trait Asks {
    /// What it wants next. `None`: it is done. Each range lies behind the one before, unless something new was planned
    /// in between.
    fn needs(&self) -> Option<Range<u64>>;

    /// Takes exactly these bytes, and judges them.
    ///
    /// # Errors
    /// What is wrong with them. After an error it must not be used.
    fn take(&mut self, bytes: &[u8]) -> Result<(), Refused>;
}

/// Feeds `asks` from `fetch` until it is done.
///
/// # Errors
/// Those of `fetch`, and [`Refused`] by way of `E`.
pub fn drive<E: From<Refused>>(
    asks: &mut dyn Asks,
    mut fetch: impl FnMut(Range<u64>) -> Result<Vec<u8>, E>,
) -> Result<(), E> {
    while let Some(range) = asks.needs() {
        let wanted = range.end - range.start;
        let bytes = fetch(range)?;
        if bytes.len() as u64 != wanted {
            return Err(Refused::Truncated("what was fetched").into());
        }
        asks.take(&bytes)?;
    }
    Ok(())
}

/// The beginning of a file, fetched at once: small requests are served from it.
#[derive(Clone, Debug, Default)]
pub struct Begun {
    bytes: Vec<u8>,
}

impl Begun {
    /// What to fetch first.
    #[must_use]
    pub fn range(file_length: Option<u64>) -> Range<u64> {
        0..file_length.unwrap_or(FIRST).min(FIRST)
    }

    /// Takes what was fetched.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// These bytes, if they are among those at hand.
    #[must_use]
    pub fn get(&self, range: &Range<u64>) -> Option<&[u8]> {
        let (from, to) = (usize::try_from(range.start).ok()?, usize::try_from(range.end).ok()?);
        self.bytes.get(from..to)
    }

    /// Serves what it can, and says what must be fetched; `None` when nothing is needed any more.
    ///
    /// # Errors
    /// Those of [`Asks::take`].
    pub fn serve(&self, asks: &mut dyn Asks) -> Result<Option<Range<u64>>, Refused> {
        while let Some(range) = asks.needs() {
            match self.get(&range) {
                Some(bytes) => asks.take(bytes)?,
                None => return Ok(Some(range)),
            }
        }
        Ok(None)
    }
}
