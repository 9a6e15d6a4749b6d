//! yamux as the transports want it, with frames as long as those of other implementations.
//!
//! ```text
//!  stream ── writes ──▶ frames of at most 64 KiB ──▶ Noise ──▶ TCP, WebSocket, a relay
//! ```
//!
//! `libp2p::yamux` writes frames of 16 KiB and does not let one choose, so that a block of 1 MiB arrives as 64 pieces, each
//! with a wake-up of its own at the other end; go-libp2p writes 64 KiB. Other streams wait for no more than one frame.
//!
//! rust-yamux closes a connection on which a frame over 1 MiB arrives, and js-libp2p writes frames as large as the window
//! it was given. So many streams are allowed that each keeps the first window of 256 KiB for good.

use futures_util::{
    future::{Ready, ready},
    io::{AsyncRead, AsyncWrite},
};
use libp2p::core::{
    muxing::{StreamMuxer, StreamMuxerEvent},
    upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade, UpgradeInfo},
};
use std::{
    collections::VecDeque,
    io,
    iter::{Once, once},
    pin::Pin,
    task::{Context, Poll, Waker},
};
use yamux::{Connection, ConnectionError, Mode, Stream};

/// The protocol's name.
const PROTOCOL: &str = "/yamux/1.0.0";
/// Longest frame that is written, without its header.
const FRAME: usize = 64 * 1024;
/// Streams of a connection.
const MAX_STREAMS: usize = 4096;
/// Streams that a peer opened and nobody has taken yet; further ones are reset.
const MAX_WAITING: usize = 256;

/// Turns a secured connection into streams.
#[derive(Clone, Debug)]
pub(super) struct Yamux(yamux::Config);

impl Yamux {
    pub(super) fn new() -> Self {
        let mut config = yamux::Config::default();
        config.set_max_num_streams(MAX_STREAMS);
        config.set_split_send_size(FRAME);
        Self(config)
    }

    fn open<C: AsyncRead + AsyncWrite + Unpin>(self, socket: C, mode: Mode) -> Muxer<C> {
        Muxer { connection: Connection::new(socket, self.0, mode), arrived: VecDeque::new(), taker: None }
    }
}

impl UpgradeInfo for Yamux {
    type Info = &'static str;
    type InfoIter = Once<Self::Info>;

    fn protocol_info(&self) -> Self::InfoIter {
        once(PROTOCOL)
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> InboundConnectionUpgrade<C> for Yamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<io::Result<Muxer<C>>>;

    fn upgrade_inbound(self, socket: C, _: Self::Info) -> Self::Future {
        ready(Ok(self.open(socket, Mode::Server)))
    }
}

impl<C: AsyncRead + AsyncWrite + Send + Unpin + 'static> OutboundConnectionUpgrade<C> for Yamux {
    type Output = Muxer<C>;
    type Error = io::Error;
    type Future = Ready<io::Result<Muxer<C>>>;

    fn upgrade_outbound(self, socket: C, _: Self::Info) -> Self::Future {
        ready(Ok(self.open(socket, Mode::Client)))
    }
}

/// The streams of one connection.
#[derive(Debug)]
pub(super) struct Muxer<C> {
    connection: Connection<C>,
    /// What moves existing streams on is also what brings new ones, which may come when nobody has asked for them.
    arrived: VecDeque<Stream>,
    /// Who asked for one when there was none.
    taker: Option<Waker>,
}

impl<C: AsyncRead + AsyncWrite + Unpin> Muxer<C> {
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        self.connection.poll_next_inbound(context).map(|next| match next {
            Some(stream) => stream.map_err(failure),
            None => Err(io::ErrorKind::ConnectionAborted.into()),
        })
    }
}

impl<C: AsyncRead + AsyncWrite + Unpin> StreamMuxer for Muxer<C> {
    type Substream = Stream;
    type Error = io::Error;

    fn poll_inbound(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        if let Some(stream) = self.arrived.pop_front() {
            return Poll::Ready(Ok(stream));
        }
        let next = self.poll_next(context);
        if next.is_pending() {
            self.taker = Some(context.waker().clone());
        }
        next
    }

    fn poll_outbound(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        self.connection.poll_new_outbound(context).map_err(failure)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.poll_close(context).map_err(failure)
    }

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        let Poll::Ready(stream) = self.poll_next(context)? else { return Poll::Pending };
        if self.arrived.len() < MAX_WAITING {
            self.arrived.push_back(stream);
            if let Some(taker) = self.taker.take() {
                taker.wake();
            }
        }
        // There may be more; others come in between.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn failure(error: ConnectionError) -> io::Error {
    match error {
        ConnectionError::Io(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::{AsyncWriteExt as _, FutureExt as _, future::poll_fn};

    /// What is written into a socket at whose other end nobody says anything.
    #[derive(Default)]
    struct Recorder(Vec<u8>);

    impl AsyncRead for Recorder {
        fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut [u8]) -> Poll<io::Result<usize>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Recorder {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0.extend_from_slice(bytes);
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    /// Version, type, flags, stream, length; type 0 is data.
    fn lengths_of_data(mut bytes: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        while let Some((header, rest)) = bytes.split_at_checked(12) {
            let length = u32::from_be_bytes(header[8..].try_into().unwrap()) as usize;
            if header[1] == 0 {
                lengths.push(length);
                bytes = &rest[length..];
            } else {
                bytes = rest;
            }
        }
        lengths
    }

    #[test]
    fn frames_are_as_long_as_those_of_others() {
        let mut socket = Recorder::default();
        let mut muxer = Yamux::new().open(&mut socket, Mode::Client);
        let mut stream =
            poll_fn(|context| Pin::new(&mut muxer).poll_outbound(context)).now_or_never().unwrap().unwrap();
        let mut written = 0;
        while written < 200_000 {
            let step = stream.write(&[7; 200_000][written..]).now_or_never();
            written += step.map_or(0, Result::unwrap);
            // The peer says nothing, so this never has anything.
            assert!(poll_fn(|context| Pin::new(&mut muxer).poll(context)).now_or_never().is_none());
        }
        drop((stream, muxer));
        assert_eq!(lengths_of_data(&socket.0), [FRAME, FRAME, FRAME, 200_000 - 3 * FRAME]);
    }
}
