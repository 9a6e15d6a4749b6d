//! Peers that call.
//!
//! A caller has [`Patience::handshake`](crate::torrent::Patience) to say which torrent it wants, and only so many
//! may be about it at once: more are hung up on, so that callers who say nothing cost a socket for seconds and no
//! more. The same time and the same places hold for one who says it with MSE, which it need not announce: its first
//! bytes are none of a plain handshake.

use super::Inner;
use crate::torrent::Encryption;
use bytes::BytesMut;
use osp_peers::{PeerStream, mse, tcp, utp::Utp};
use osp_swarm::{
    PeerKind,
    wire::handshake::{HANDSHAKE_BYTES, Handshake},
};
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
        let Ok(Ok((stream, handshake))) = timeout(patience, read_handshake(&inner, stream)).await else {
            return;
        };
        drop(place);
        if let Some(torrent) = inner.torrent_for(handshake.infohash).await {
            inner.hand_over(&torrent, stream, Some(handshake));
        }
    });
}

/// Reads a caller's handshake, and no byte more: what came with it is read again.
async fn read_handshake(inner: &Inner, mut stream: PeerStream) -> io::Result<(PeerStream, Handshake)> {
    let encryption = match stream.kind {
        PeerKind::Tcp | PeerKind::Utp => inner.config.encryption,
        _ => Encryption::Off,
    };
    let mut came = BytesMut::new();
    let mut named = None;
    if encryption != Encryption::Off {
        let plain = loop {
            if let Some(plain) = mse::looks_plain(&came) {
                break plain;
            }
            read(&mut stream, &mut came).await?;
        };
        if plain && !encryption.takes_plain() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        if !plain {
            let stream_again = stream.unread(came.split().freeze());
            let answer = mse::answer(stream_again, encryption.methods(), |name| inner.named(name));
            let (wrapped, infohash) = answer.await.map_err(io::Error::other)?;
            (stream, named) = (wrapped, Some(infohash));
        }
    }
    while came.len() < HANDSHAKE_BYTES {
        read(&mut stream, &mut came).await?;
    }
    let mut came = came.freeze();
    let first = came.split_to(HANDSHAKE_BYTES);
    let first: &[u8; HANDSHAKE_BYTES] = first[..].try_into().map_err(io::Error::other)?;
    let handshake = Handshake::parse(first).ok_or(io::ErrorKind::InvalidData)?;
    // MSE's keys are one torrent's; the handshake within cannot mean another.
    if named.is_some_and(|infohash| infohash != handshake.infohash) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok((stream.unread(came), handshake))
}

async fn read(stream: &mut PeerStream, came: &mut BytesMut) -> io::Result<()> {
    let more = stream.reader.read().await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    came.extend_from_slice(&more);
    Ok(())
}
