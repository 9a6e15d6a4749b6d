//! Peers that call.
//!
//! A caller has [`Patience::handshake`](crate::torrent::Patience) to say which torrent it wants, and only so many
//! may be about it at once: more are hung up on, so that callers who say nothing cost a socket for seconds and no
//! more.

use super::Inner;
use bytes::{Bytes, BytesMut};
use osp_peers::{PeerStream, ReadHalf, stream::BoxFuture, tcp, utp::Utp};
use osp_swarm::wire::handshake::{HANDSHAKE_BYTES, Handshake};
use std::{
    io,
    sync::{Arc, Weak},
};
use tokio::time::timeout;

pub(super) async fn accept_tcp(listener: tcp::Listener, hub: Weak<Inner>) {
    loop {
        let stream = listener.accept().await;
        let Some(inner) = hub.upgrade() else { return };
        received(&inner, stream);
    }
}

pub(super) async fn accept_utp(utp: Utp, hub: Weak<Inner>) {
    while let Ok(stream) = utp.accept().await {
        let Some(inner) = hub.upgrade() else { return };
        received(&inner, stream);
    }
}

/// Finds out what a caller wants, beside everything else.
pub(super) fn received(inner: &Arc<Inner>, stream: PeerStream) {
    let limits = &inner.services.limits;
    let Ok(turn) = Arc::clone(&inner.half_open).try_acquire_owned() else { return };
    // One address has no more half-open places than it may have connections.
    let Some(place) = limits.take(stream.remote) else { return };
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        let _turn = turn;
        let patience = inner.services.patience.handshake;
        let Ok(Ok((stream, handshake))) = timeout(patience, read_handshake(stream)).await else { return };
        drop(place);
        if let Some(torrent) = inner.torrent_for(handshake.infohash).await {
            inner.hand_over(&torrent, stream, Some(handshake));
        }
    });
}

/// Reads a caller's handshake, and no byte more: what came with it is read again.
async fn read_handshake(mut stream: PeerStream) -> io::Result<(PeerStream, Handshake)> {
    let mut came = BytesMut::new();
    while came.len() < HANDSHAKE_BYTES {
        let more = stream.reader.read().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
        came.extend_from_slice(&more);
    }
    let mut came = came.freeze();
    let first = came.split_to(HANDSHAKE_BYTES);
    let first: &[u8; HANDSHAKE_BYTES] = first[..].try_into().map_err(io::Error::other)?;
    let handshake = Handshake::parse(first).ok_or(io::ErrorKind::InvalidData)?;
    if !came.is_empty() {
        stream.reader = Box::new(Prefixed { first: Some(came), rest: stream.reader });
    }
    Ok((stream, handshake))
}

/// A stream of which some bytes have been read already.
struct Prefixed {
    first: Option<Bytes>,
    rest: Box<dyn ReadHalf>,
}

impl ReadHalf for Prefixed {
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>> {
        match self.first.take() {
            Some(bytes) => Box::pin(std::future::ready(Ok(Some(bytes)))),
            None => self.rest.read(),
        }
    }
}
