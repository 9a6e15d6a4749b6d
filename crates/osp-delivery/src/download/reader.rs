//! [`VerifiedReader`]: reading and seeking in content that may still be on its way.
//!
//! A read waits for verified bytes, and its place tells the download what is urgent. When no source is left it fails
//! and names who was tried.

use super::{Download, shared::ReadError};
use crate::torrent::Content;
use bytes::Bytes;
use osp_peers::stream::BoxFuture;
use std::{
    io::{self, SeekFrom},
    ops::Range,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};

/// Most bytes that one read gives.
pub const READ_STEP: u64 = 256 * 1024;
/// How far a reader goes before the download is told, while it does not have to wait.
const TELL_EVERY: u64 = 128 * 1024;
/// A place that no reader is near.
const NOWHERE: u64 = u64::MAX / 2;

/// Where bytes are read: several may read one download at once. Cheap to share.
pub struct Position(Source);

enum Source {
    Download { download: Download, id: u64, told: AtomicU64, buffered: AtomicU64 },
    Stored { content: Arc<dyn Content>, size: u64 },
}

impl Position {
    pub(crate) fn new(download: Download) -> Self {
        let id = download.shared().add_reader();
        let told = AtomicU64::new(NOWHERE);
        Self(Source::Download { download, id, told, buffered: AtomicU64::new(0) })
    }

    /// Of content that is here whole.
    #[must_use]
    pub fn stored(content: Arc<dyn Content>, size: u64) -> Self {
        Self(Source::Stored { content, size })
    }

    /// Bytes of the content; waits until that is known.
    ///
    /// # Errors
    /// [`ReadError::Download`]
    pub async fn size(&self) -> Result<u64, ReadError> {
        match &self.0 {
            Source::Download { download, .. } => download.size().await.map_err(ReadError::Download),
            Source::Stored { size, .. } => Ok(*size),
        }
    }

    /// Playing time that the caller has buffered already: what it reads next is that much less urgent.
    pub fn set_buffered(&self, playing: Duration) {
        if let Source::Download { buffered, .. } = &self.0 {
            buffered.store(u64::try_from(playing.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
    }

    /// The bytes at the start of `range`: at least one, at most [`READ_STEP`], none at or after the end. Waits for them.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn read_at(&self, range: Range<u64>) -> Result<Bytes, ReadError> {
        // Told before anything is waited for, so that the very first range asked of a source is the right one.
        self.tell(&range);
        let size = self.size().await?;
        let end = range.end.min(size).min(range.start.saturating_add(READ_STEP));
        if range.start >= end {
            return Ok(Bytes::new());
        }
        match &self.0 {
            Source::Stored { content, .. } => Ok(content.read(range.start..end).await?),
            Source::Download { download, .. } => download.shared().read(range.start..end).await,
        }
    }

    /// Tells the download where this reader is, if that has changed by much or it has to wait.
    fn tell(&self, range: &Range<u64>) {
        let Source::Download { download, id, told, buffered } = &self.0 else { return };
        let shared = download.shared();
        let near = range.start.wrapping_sub(told.load(Ordering::Relaxed)) < TELL_EVERY;
        if !range.is_empty() && (!near || !shared.has(range.start)) {
            told.store(range.start, Ordering::Relaxed);
            let buffered = Duration::from_millis(buffered.load(Ordering::Relaxed));
            shared.place_reader(*id, range.clone(), buffered);
        }
    }
}

impl Drop for Position {
    fn drop(&mut self) {
        if let Source::Download { download, id, .. } = &self.0 {
            download.shared().remove_reader(*id);
        }
    }
}

/// [`AsyncRead`] and [`AsyncSeek`] over a [`Position`].
pub struct VerifiedReader {
    place: Arc<Position>,
    at: u64,
    /// Bytes from `at` on.
    buffer: Bytes,
    reading: Option<BoxFuture<'static, Result<Bytes, ReadError>>>,
    seeking: Option<BoxFuture<'static, Result<u64, ReadError>>>,
}

impl VerifiedReader {
    /// Begins at the first byte.
    #[must_use]
    pub fn new(place: Position) -> Self {
        Self { place: Arc::new(place), at: 0, buffer: Bytes::new(), reading: None, seeking: None }
    }

    /// Where it is, for sizes and ranges.
    #[must_use]
    pub fn place(&self) -> &Arc<Position> {
        &self.place
    }

    fn go_to(&mut self, at: u64) {
        if at != self.at {
            let inside = at.checked_sub(self.at).filter(|n| *n <= self.buffer.len() as u64);
            self.buffer = inside.map_or_else(Bytes::new, |n| self.buffer.slice(n as usize..));
            self.reading = None;
            self.at = at;
        }
    }
}

impl AsyncRead for VerifiedReader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.buffer.is_empty() && out.remaining() > 0 {
            let (place, at) = (Arc::clone(&this.place), this.at);
            let reading = this
                .reading
                .get_or_insert_with(|| Box::pin(async move { place.read_at(at..u64::MAX).await }));
            let bytes = ready!(reading.as_mut().poll(context));
            this.reading = None;
            this.buffer = bytes?;
        }
        let now = this.buffer.split_to(this.buffer.len().min(out.remaining()));
        out.put_slice(&now);
        this.at += now.len() as u64;
        Poll::Ready(Ok(()))
    }
}

impl AsyncSeek for VerifiedReader {
    fn start_seek(self: Pin<&mut Self>, to: SeekFrom) -> io::Result<()> {
        let this = self.get_mut();
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "that is before the first byte");
        match to {
            SeekFrom::Start(at) => this.go_to(at),
            SeekFrom::Current(by) => {
                let at = this.at.checked_add_signed(by).ok_or_else(before)?;
                this.go_to(at);
            }
            SeekFrom::End(by) => {
                let place = Arc::clone(&this.place);
                this.seeking = Some(Box::pin(async move {
                    let size = place.size().await?;
                    Ok(size.checked_add_signed(by).ok_or_else(before)?)
                }));
            }
        }
        Ok(())
    }

    fn poll_complete(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let this = self.get_mut();
        if let Some(seeking) = &mut this.seeking {
            let at = ready!(seeking.as_mut().poll(context));
            this.seeking = None;
            this.go_to(at?);
        }
        Poll::Ready(Ok(this.at))
    }
}

/// [`io::Read`] and [`io::Seek`] over a [`Position`], for decoders on a thread of their own. Never to be used on a
/// thread of the runtime.
pub struct BlockingReader {
    place: Arc<Position>,
    runtime: tokio::runtime::Handle,
    at: u64,
    /// Bytes from `at` on.
    buffer: Bytes,
}

impl BlockingReader {
    /// Begins at the first byte; waits on `runtime`.
    #[must_use]
    pub fn new(place: Arc<Position>, runtime: tokio::runtime::Handle) -> Self {
        Self { place, runtime, at: 0, buffer: Bytes::new() }
    }
}

impl io::Read for BlockingReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.buffer.is_empty() && !out.is_empty() {
            self.buffer = self.runtime.block_on(self.place.read_at(self.at..u64::MAX))?;
        }
        let now = self.buffer.split_to(self.buffer.len().min(out.len()));
        out[..now.len()].copy_from_slice(&now);
        self.at += now.len() as u64;
        Ok(now.len())
    }
}

impl io::Seek for BlockingReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.runtime.block_on(self.place.size())?.checked_add_signed(by),
        };
        let before = || io::Error::new(io::ErrorKind::InvalidInput, "that is before the first byte");
        let at = at.ok_or_else(before)?;
        let inside = at.checked_sub(self.at).filter(|n| *n <= self.buffer.len() as u64);
        self.buffer = inside.map_or_else(Bytes::new, |n| self.buffer.slice(n as usize..));
        self.at = at;
        Ok(at)
    }
}
