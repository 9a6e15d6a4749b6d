//! Message Stream Encryption on streams ([`osp_swarm::wire::mse`] has the protocol): wraps what TCP and uTP carry.
//!
//! Plain streams do not pass through here. A stream whose exchange selected plaintext costs nothing further either; one
//! in RC4 costs a copy of every byte and the cipher.

use crate::{PeerStream, ReadHalf, WriteHalf, stream::BoxFuture};
use bytes::{Buf as _, Bytes, BytesMut};
use osp_swarm::{
    InfoHash,
    wire::mse::{Called, Caller, Chance, Established, Heard, Keystream},
};
use std::io;

pub use osp_swarm::wire::mse::{Method, MseError, SkeyHash, looks_plain};

/// Why an exchange came to nothing. The stream is of no use after it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The other side did not keep to the protocol, or wants what we don't.
    #[error(transparent)]
    Mse(#[from] MseError),
    /// The caller means a torrent that is not here.
    #[error("the peer asks for a torrent that is not here")]
    UnknownTorrent,
    /// The connection broke, or the system has no randomness.
    #[error("the connection ended during the encrypted handshake: {0}")]
    Io(#[from] io::Error),
}

/// The caller's side. `first` is sent in the exchange itself, so that it costs no turn: the stream that comes of it
/// expects to be told to write these bytes first, and sends them no second time.
///
/// # Errors
/// [`ExchangeError`]. It waits for as long as the other side is silent.
pub async fn call(
    mut stream: PeerStream,
    infohash: InfoHash,
    offered: &[Method],
    first: Bytes,
) -> Result<PeerStream, ExchangeError> {
    let (mut caller, step1) = Caller::start(infohash, offered, &first, chance()?);
    stream.writer.write(vec![step1.into()]).await?;
    let established = loop {
        let bytes = next(&mut stream).await?;
        let mut out = Vec::new();
        let done = caller.received(&bytes, &mut out)?;
        if !out.is_empty() {
            stream.writer.write(vec![out.into()]).await?;
        }
        if let Some(established) = done {
            break established;
        }
    };
    let mut stream = wrap(stream, established);
    stream.writer = Box::new(Said { first, inner: stream.writer });
    Ok(stream)
}

/// The side that was called. `accepted` are the methods that are accepted, the best first; `find` tells which torrent a
/// name means, if it is here.
///
/// # Errors
/// [`ExchangeError`]. It waits for as long as the other side is silent.
pub async fn answer(
    mut stream: PeerStream,
    accepted: &[Method],
    find: impl FnOnce(SkeyHash) -> Option<InfoHash>,
) -> Result<(PeerStream, InfoHash), ExchangeError> {
    let mut called = Called::start(accepted, chance()?);
    let mut find = Some(find);
    loop {
        let bytes = next(&mut stream).await?;
        let mut out = Vec::new();
        let mut heard = called.received(&bytes, &mut out)?;
        if let Heard::Asked(name) = heard {
            let found = find.take().and_then(|find| find(name)).ok_or(ExchangeError::UnknownTorrent)?;
            heard = called.found(found, &mut out)?;
        }
        if !out.is_empty() {
            stream.writer.write(vec![out.into()]).await?;
        }
        if let Heard::Done(established) = heard {
            let infohash = established.infohash;
            return Ok((wrap(stream, *established), infohash));
        }
    }
}

async fn next(stream: &mut PeerStream) -> io::Result<Bytes> {
    stream.reader.read().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

fn chance() -> io::Result<Chance> {
    Chance::draw(getrandom::fill).map_err(io::Error::other)
}

/// The stream behind an exchange.
fn wrap(mut stream: PeerStream, established: Established) -> PeerStream {
    if let Some(ciphers) = established.ciphers {
        stream.reader = Box::new(Decrypting { inner: stream.reader, keys: ciphers.receiving });
        stream.writer = Box::new(Encrypting { inner: stream.writer, keys: ciphers.sending });
    }
    stream.unread(established.received.into())
}

struct Decrypting {
    inner: Box<dyn ReadHalf>,
    keys: Keystream,
}

impl ReadHalf for Decrypting {
    fn read(&mut self) -> BoxFuture<'_, io::Result<Option<Bytes>>> {
        Box::pin(async move {
            let Some(bytes) = self.inner.read().await? else { return Ok(None) };
            // Others may hold the rest of the same buffer.
            let mut bytes = bytes.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
            self.keys.apply(&mut bytes);
            Ok(Some(bytes.freeze()))
        })
    }
}

struct Encrypting {
    inner: Box<dyn WriteHalf>,
    keys: Keystream,
}

impl WriteHalf for Encrypting {
    fn write(&mut self, bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>> {
        let mut whole = BytesMut::with_capacity(bytes.iter().map(Bytes::len).sum());
        bytes.iter().for_each(|part| whole.extend_from_slice(part));
        self.keys.apply(&mut whole);
        self.inner.write(vec![whole.freeze()])
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

/// A stream at which the first bytes have been sent already.
struct Said {
    first: Bytes,
    inner: Box<dyn WriteHalf>,
}

impl WriteHalf for Said {
    fn write(&mut self, mut bytes: Vec<Bytes>) -> BoxFuture<'_, io::Result<()>> {
        for part in &mut bytes {
            let known = part.len().min(self.first.len());
            if part[..known] != self.first[..known] {
                let error =
                    io::Error::new(io::ErrorKind::InvalidInput, "other first bytes were sent already");
                return Box::pin(std::future::ready(Err(error)));
            }
            part.advance(known);
            self.first.advance(known);
        }
        self.inner.write(bytes)
    }

    fn close(&mut self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}
