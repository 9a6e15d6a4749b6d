//! The file of a server without ranges, as far as it has come: it sends all of it every time, so it is asked once, read
//! from its beginning to its end, and every range is cut from what has come.
//!
//! ```text
//!   one answer ---- read on by whoever waits ----> spool (a file without a name) ----> any number of ranges
//!                   0 ............... at ........................ size
//! ```
//!
//! It is read only while some range waits for what comes next, and what was passed over on the way to a range is there
//! when it is asked for. When the answer breaks off, the next one is read up to where the last one ended.

use super::http::{Inner, Parked};
use crate::{Outcome, download::partial::Partial};
use bytes::Bytes;
use std::{io, ops::Range, sync::Arc};

/// Most bytes of the spool that are read at once.
const STEP: u64 = 256 * 1024;

/// See the module's text.
pub(super) struct Spool {
    place: Partial,
    /// Bytes from the beginning that are in it.
    at: u64,
    /// The open answer.
    answer: Option<Parked>,
    /// What has come and may not have been written.
    pending: Bytes,
}

impl Spool {
    /// Begins with an answer that holds the whole file.
    ///
    /// # Errors
    /// There is no place for it.
    pub(super) async fn new(source: &Inner, answer: Parked) -> Result<Self, Outcome> {
        let (folder, size) = (source.folder.clone(), source.size);
        let place = tokio::task::spawn_blocking(move || Partial::new(&folder, Some(size)));
        let place = place.await.map_err(io::Error::other).and_then(|place| place).map_err(|e| ours(&e))?;
        Ok(Self { place, at: 0, answer: Some(answer), pending: Bytes::new() })
    }

    /// The bytes at the start of `range`, if they have come; no bytes when something came, but not yet those. May be
    /// dropped at any time.
    ///
    /// # Errors
    /// [`Outcome`]
    pub(super) async fn read(&mut self, source: &Arc<Inner>, range: &Range<u64>) -> Result<Bytes, Outcome> {
        if self.at <= range.start {
            self.pull(source).await?;
        }
        let end = range.end.min(self.at).min(range.start + STEP);
        if end <= range.start {
            return Ok(Bytes::new());
        }
        self.place.read(range.start..end).await.map_err(|e| ours(&e))
    }

    /// Takes one more part of the answer.
    async fn pull(&mut self, source: &Arc<Inner>) -> Result<(), Outcome> {
        if self.pending.is_empty() {
            let mut answer = match self.answer.take().filter(|answer| answer.at < answer.end) {
                Some(answer) => answer,
                None => source.ask(&(self.at..source.size)).await?,
            };
            let chunk = match std::mem::take(&mut answer.left) {
                left if left.is_empty() => {
                    // Should this be dropped while it waits, the answer has to be there afterwards.
                    let answer = self.answer.insert(answer);
                    let chunk = answer.response.chunk().await;
                    if !matches!(chunk, Ok(Some(_))) {
                        self.answer = None;
                    }
                    chunk?.ok_or_else(|| Outcome::Failed("its file ends too early".to_owned()))?
                }
                left => {
                    self.answer = Some(answer);
                    left
                }
            };
            let Some(answer) = &mut self.answer else { return Ok(()) };
            let known = self.at.saturating_sub(answer.at).min(chunk.len() as u64);
            answer.at += chunk.len() as u64;
            let room = source.size.saturating_sub(self.at).min(chunk.len() as u64 - known);
            self.pending = chunk.slice(known as usize..(known + room) as usize);
        }
        self.place.write(self.at, vec![self.pending.clone()]).await.map_err(|e| ours(&e))?;
        self.at += std::mem::take(&mut self.pending).len() as u64;
        Ok(())
    }
}

/// Not the server's fault, but it is of no use without a place for its file.
fn ours(error: &io::Error) -> Outcome {
    Outcome::Absent(format!("it gives no parts of its file, and the whole cannot be kept: {error}"))
}
