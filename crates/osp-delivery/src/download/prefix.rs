//! A download in order, from the first byte on: for files whose pieces nobody proves.
//!
//! What [`Delivery`](crate::Delivery) verifies as it comes can be read at once; what it spools can be read only when the
//! whole was verified.

use super::partial::Partial;
use crate::{SinkError, VerifiedSink};
use async_trait::async_trait;
use bytes::Bytes;
use std::{
    io,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// See the module's text.
pub(crate) struct Prefix {
    folder: PathBuf,
    state: Mutex<State>,
    /// Counts changes of anything that readers wait for.
    tick: watch::Sender<u64>,
}

struct State {
    /// A new one after every restart: nobody reads from what is written anew.
    partial: Option<Partial>,
    size: Option<u64>,
    written: u64,
    verified: u64,
}

impl Prefix {
    pub(crate) fn new(folder: PathBuf, tick: watch::Sender<u64>) -> Self {
        let state = State { partial: None, size: None, written: 0, verified: 0 };
        Self { folder, state: Mutex::new(state), tick }
    }

    /// Bytes of the file, as its root says.
    pub(crate) fn size(&self) -> Option<u64> {
        self.lock().size
    }

    /// Verified bytes.
    pub(crate) fn verified(&self) -> u64 {
        self.lock().verified
    }

    /// Where the verified bytes that begin at `from` lie, and where they end.
    pub(crate) fn verified_from(&self, from: u64, until: u64) -> Option<(Partial, u64)> {
        let state = self.lock();
        let end = state.verified.min(until);
        Some((state.partial.clone()?, end)).filter(|_| end > from)
    }

    /// Everything was verified. Gives where it lies, and its size.
    ///
    /// # Errors
    /// The system's.
    pub(crate) fn finish(&self) -> io::Result<(Partial, u64)> {
        let mut state = self.lock();
        let partial = match &state.partial {
            Some(partial) => partial.clone(),
            None => Partial::new(&self.folder, Some(0))?,
        };
        state.partial = Some(partial.clone());
        state.verified = state.written;
        state.size = Some(state.written);
        let size = state.written;
        drop(state);
        self.tell();
        Ok((partial, size))
    }

    /// A sink that fills it.
    pub(crate) fn sink(&self) -> PrefixSink<'_> {
        PrefixSink(self)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.tick.send_modify(|n| *n += 1);
    }

    async fn append(&self, bytes: Bytes, verified: bool) -> Result<(), SinkError> {
        let (partial, at) = {
            let mut state = self.lock();
            let partial = match &state.partial {
                Some(partial) => partial.clone(),
                // The size is the word of a source until the end: it reserves nothing.
                None => Partial::new(&self.folder, None)?,
            };
            state.partial = Some(partial.clone());
            (partial, state.written)
        };
        let len = bytes.len() as u64;
        partial.write(at, vec![bytes]).await?;
        {
            let mut state = self.lock();
            state.written += len;
            if verified {
                state.verified = state.written;
            }
        }
        self.tell();
        Ok(())
    }
}

/// See [`Prefix::sink`].
pub(crate) struct PrefixSink<'a>(&'a Prefix);

#[async_trait]
impl VerifiedSink for PrefixSink<'_> {
    fn size(&mut self, bytes: u64) {
        self.0.lock().size = Some(bytes);
        self.0.tell();
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        self.0.append(bytes, true).await
    }

    async fn spool(&mut self, bytes: Bytes) -> Result<(), SinkError> {
        self.0.append(bytes, false).await
    }

    async fn restart(&mut self) -> Result<(), SinkError> {
        *self.0.lock() = State { partial: None, size: None, written: 0, verified: 0 };
        Ok(())
    }
}
