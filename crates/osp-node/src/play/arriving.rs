//! Reading what may still be on its way, from the decoder's thread.

use bytes::Bytes;
use osp_delivery::download::{Position, ReadError};
use std::{
    io::{self, SeekFrom},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{runtime::Handle, sync::watch};

/// Ends every read that waits, and all after it.
#[derive(Clone, Debug)]
pub(super) struct Stop(Arc<watch::Sender<bool>>);

impl Stop {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    pub(super) fn now(&self) {
        self.0.send_replace(true);
    }

    /// The result of something, unless it is stopped before.
    pub(super) async fn or<T>(&self, waited: impl Future<Output = T>) -> Option<T> {
        let mut stopped = self.0.subscribe();
        tokio::select! {
            biased;
            _ = stopped.wait_for(|stopped| *stopped) => None,
            done = waited => Some(done),
        }
    }
}

/// A blocking reader of a [`Position`] that can be stopped, and that tells when it waits.
pub(super) struct Arriving {
    place: Position,
    runtime: Handle,
    stop: Stop,
    waiting: Arc<AtomicBool>,
    size: u64,
    at: u64,
    /// Bytes from `at` on.
    buffer: Bytes,
}

impl Arriving {
    /// Begins at the first byte, once the size is known.
    pub(super) fn new(
        place: Position,
        runtime: Handle,
        stop: Stop,
        waiting: Arc<AtomicBool>,
    ) -> Result<Self, ReadError> {
        let size = wait(&runtime, &stop, &waiting, place.size())?;
        Ok(Self { place, runtime, stop, waiting, size, at: 0, buffer: Bytes::new() })
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }
}

fn wait<T>(
    runtime: &Handle,
    stop: &Stop,
    waiting: &AtomicBool,
    result: impl Future<Output = Result<T, ReadError>>,
) -> Result<T, ReadError> {
    waiting.store(true, Ordering::Relaxed);
    let result = runtime.block_on(stop.or(result));
    waiting.store(false, Ordering::Relaxed);
    result.unwrap_or_else(|| Err(ReadError::Io(io::Error::new(io::ErrorKind::ConnectionAborted, "stopped"))))
}

impl io::Read for Arriving {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.buffer.is_empty() && !out.is_empty() && self.at < self.size {
            let bytes = self.place.read_at(self.at..u64::MAX);
            self.buffer = wait(&self.runtime, &self.stop, &self.waiting, bytes)?;
        }
        let now = self.buffer.split_to(self.buffer.len().min(out.len()));
        out[..now.len()].copy_from_slice(&now);
        self.at += now.len() as u64;
        Ok(now.len())
    }
}

impl io::Seek for Arriving {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        let inside = at.checked_sub(self.at).and_then(|n| usize::try_from(n).ok());
        self.buffer = match inside.filter(|n| *n <= self.buffer.len()) {
            Some(n) => self.buffer.slice(n..),
            None => Bytes::new(),
        };
        self.at = at;
        Ok(at)
    }
}
