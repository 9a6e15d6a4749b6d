//! [`PeerStream`]: an ordered byte stream to a peer, whatever carries it.

use bytes::{Bytes, BytesMut};
use osp_swarm::PeerKind;
use std::{
    collections::VecDeque, future::Future, io, io::IoSlice, net::SocketAddr, pin::Pin, time::Duration,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A future of a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How long a write may wait without a single byte going out before the peer counts as gone: somebody who reads nothing
/// would otherwise hold a connection for as long as he likes.
pub const WRITE_STALL: Duration = Duration::from_secs(60);
/// The read buffer of a connection where little happens.
const SMALL_READ: usize = 16 * 1024;
/// The read buffer of a connection that fills it every time.
const LARGE_READ: usize = 256 * 1024;
/// Slices handed to one vectored write; more than that rarely fits a socket's buffer anyway.
const SLICES: usize = 32;

/// The receiving side.
pub trait ReadHalf: Send {
    /// The next bytes, as many as there are; `None` at the end. Cancel safe.
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>>;
}

/// The sending side.
pub trait WriteHalf: Send {
    /// Sends all the bytes, in order. Returns once the stream has room for more, so that a slow peer holds its sender back
    /// and not our memory. Not cancel safe: after a write that was dropped midway the stream is good for nothing but
    /// dropping. Fails with [`io::ErrorKind::TimedOut`] when nothing moved for [`WRITE_STALL`].
    fn write(&mut self, bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>>;
    /// Says that nothing more comes. Dropping it closes as well.
    fn close(&mut self) -> BoxFuture<'_, ()>;
}

/// A connection to a peer.
pub struct PeerStream {
    /// What carries it.
    pub kind: PeerKind,
    /// Whether we called (for WebRTC: whether we offered).
    pub outgoing: bool,
    /// The other end's address, where there is one. Never to be logged.
    pub remote: Option<SocketAddr>,
    /// What comes.
    pub reader: Box<dyn ReadHalf>,
    /// What goes.
    pub writer: Box<dyn WriteHalf>,
}

impl PeerStream {
    /// A stream of anything that tokio reads and writes.
    pub fn from_io(
        kind: PeerKind,
        outgoing: bool,
        remote: Option<SocketAddr>,
        reader: impl AsyncRead + Send + Unpin + 'static,
        writer: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        Self {
            kind,
            outgoing,
            remote,
            reader: Box::new(IoReader::new(reader)),
            writer: Box::new(IoWriter { inner: writer }),
        }
    }

    /// Puts bytes back that were read: they are read again, before all others.
    #[must_use]
    pub fn unread(self, bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return self;
        }
        Self { reader: Box::new(Unread { bytes: Some(bytes), rest: self.reader }), ..self }
    }

    /// Two ends of a connection inside this process, each direction with room for `capacity` bytes.
    #[must_use]
    pub fn pair(kind: PeerKind, capacity: usize) -> (Self, Self) {
        let (here, there) = tokio::io::duplex(capacity);
        let end = |stream, outgoing| {
            let (reader, writer) = tokio::io::split(stream);
            Self::from_io(kind, outgoing, None, reader, writer)
        };
        (end(here, true), end(there, false))
    }
}

/// A reader of which some bytes have been put back.
struct Unread {
    bytes: Option<Bytes>,
    rest: Box<dyn ReadHalf>,
}

impl ReadHalf for Unread {
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>> {
        match self.bytes.take() {
            Some(bytes) => Box::pin(std::future::ready(Ok(Some(bytes)))),
            None => self.rest.read(),
        }
    }
}

/// Never the address, which must not reach a log.
impl std::fmt::Debug for PeerStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PeerStream")
            .field("kind", &self.kind)
            .field("outgoing", &self.outgoing)
            .finish_non_exhaustive()
    }
}

/// Reads with a buffer that grows to [`LARGE_READ`] while it is filled and shrinks again, so that a thousand idle
/// connections do not hold a quarter of a gigabyte.
struct IoReader<R> {
    inner: R,
    buffer: BytesMut,
    size: usize,
}

impl<R> IoReader<R> {
    fn new(inner: R) -> Self {
        Self { inner, buffer: BytesMut::new(), size: SMALL_READ }
    }
}

impl<R: AsyncRead + Send + Unpin> ReadHalf for IoReader<R> {
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>> {
        Box::pin(async move {
            // Reuses the memory if everything handed out of it is gone, else takes new.
            self.buffer.reserve(self.size);
            let count = self.inner.read_buf(&mut self.buffer).await?;
            if count == 0 {
                return Ok(None);
            }
            if count >= self.size {
                self.size = (self.size * 2).min(LARGE_READ);
            } else if count < self.size / 4 {
                self.size = (self.size / 2).max(SMALL_READ);
            }
            Ok(Some(self.buffer.split().freeze()))
        })
    }
}

struct IoWriter<W> {
    inner: W,
}

impl<W: AsyncWrite + Send + Unpin> WriteHalf for IoWriter<W> {
    fn write(&mut self, bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            let mut queue: VecDeque<Bytes> = bytes.into_iter().filter(|part| !part.is_empty()).collect();
            while !queue.is_empty() {
                let slices: Vec<IoSlice<'_>> =
                    queue.iter().take(SLICES).map(|part| IoSlice::new(part)).collect();
                let sent = stalls(self.inner.write_vectored(&slices)).await?;
                if sent == 0 {
                    return Err(io::ErrorKind::WriteZero.into());
                }
                take(&mut queue, sent);
            }
            // No flush: TCP has none, and uTP's waits until the peer has acknowledged everything.
            Ok(())
        })
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            // It may be gone already, which is what was wanted.
            let _ = stalls(self.inner.shutdown()).await;
        })
    }
}

/// Removes the first `count` bytes of the queue.
fn take(queue: &mut VecDeque<Bytes>, mut count: usize) {
    while let Some(first) = queue.front_mut() {
        if count < first.len() {
            let _ = first.split_to(count);
            return;
        }
        count -= first.len();
        queue.pop_front();
    }
}

/// Ends what makes no progress for [`WRITE_STALL`].
pub(crate) async fn stalls<T>(step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(WRITE_STALL, step)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the peer takes no bytes any more")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    async fn read_exactly(stream: &mut PeerStream, count: usize) -> Vec<u8> {
        let mut got = Vec::new();
        while got.len() < count {
            got.extend_from_slice(&stream.reader.read().await.unwrap().unwrap());
        }
        got
    }

    #[tokio::test]
    async fn many_small_and_large_parts_arrive_in_order() {
        let (mut a, mut b) = PeerStream::pair(PeerKind::Tcp, 1000);
        let parts: Vec<Bytes> = (0..200_usize)
            .map(|i| Bytes::from(vec![i as u8; if i % 7 == 0 { 5000 } else { i % 5 }]))
            .collect();
        let whole: Vec<u8> = parts.iter().flat_map(|part| part.to_vec()).collect();
        let sender = tokio::spawn(async move {
            a.writer.write(parts).await.unwrap();
            a.writer.close().await;
            a
        });
        assert_eq!(read_exactly(&mut b, whole.len()).await, whole);
        assert!(b.reader.read().await.unwrap().is_none(), "the close is seen after the last byte");
        sender.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_reads_nothing_is_given_up() {
        let (mut a, _b) = PeerStream::pair(PeerKind::Tcp, 1000);
        let error = a.writer.write(vec![Bytes::from(vec![0; 5000])]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_waited_for() {
        let (mut a, mut b) = PeerStream::pair(PeerKind::Tcp, 1000);
        let reader = tokio::spawn(async move {
            let mut got = 0;
            while let Some(bytes) = b.reader.read().await.unwrap() {
                got += bytes.len();
                tokio::time::sleep(WRITE_STALL / 2).await;
            }
            got
        });
        a.writer.write(vec![Bytes::from(vec![0; 5000])]).await.unwrap();
        drop(a);
        assert_eq!(reader.await.unwrap(), 5000);
    }
}
