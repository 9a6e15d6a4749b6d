//! Messages on a stream: an unsigned varint of the length, then so many bytes.

use super::message::{Message, Version};
use crate::bitswap::limits::{MAX_MESSAGE, MESSAGE_TIME};
use bytes::{Bytes, BytesMut};
use futures_util::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use std::{
    io::{self, ErrorKind},
    sync::Arc,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// What a peer may send at this moment.
pub(crate) struct Allowance {
    /// Largest message, in bytes.
    pub(crate) max: usize,
    /// What all streams of the connection may hold at once, a permit a byte; at least `max` of them.
    pub(crate) room: Arc<Semaphore>,
}

/// Reads the bytes of one message. `Ok(None)` at an orderly end. The first byte may take any time, the rest
/// [`MESSAGE_TIME`].
///
/// `allowance` is asked once the length is known. The permit stands for the memory and belongs to the message
/// until it is dealt with. Memory is taken as bytes arrive, not as they are announced.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for a message that is too large: the sender is at fault.
pub(crate) async fn read_message_bytes<S: AsyncRead + Unpin>(
    stream: &mut S,
    allowance: impl Fn() -> Allowance,
) -> io::Result<Option<(Bytes, OwnedSemaphorePermit)>> {
    let mut first = [0];
    if stream.read(&mut first).await? == 0 {
        return Ok(None);
    }
    let rest = async {
        let len = read_length(stream, first[0]).await?;
        let Allowance { max, room } = allowance();
        if len > max.min(MAX_MESSAGE) {
            return Err(too_large());
        }
        let permits = u32::try_from(len).map_err(io::Error::other)?;
        let permit = room.acquire_many_owned(permits).await.map_err(io::Error::other)?;
        Ok((read_body(stream, len).await?, permit))
    };
    timeout(MESSAGE_TIME, rest)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(ErrorKind::TimedOut, "a Bitswap message took over 10 s")))
        .map(Some)
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "it sent a Bitswap message that is too large")
}

/// The rest of a varint of at most four bytes: more would be over any limit.
async fn read_length<S: AsyncRead + Unpin>(stream: &mut S, first: u8) -> io::Result<usize> {
    let (mut byte, mut len) = (first, 0_usize);
    for shift in [0, 7, 14, 21] {
        len |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(len);
        }
        if shift < 21 {
            let mut next = [0];
            stream.read_exact(&mut next).await?;
            byte = next[0];
        }
    }
    Err(too_large())
}

async fn read_body<S: AsyncRead + Unpin>(stream: &mut S, len: usize) -> io::Result<Bytes> {
    const STEP: usize = 256 * 1024;
    let mut body = BytesMut::new();
    while body.len() < len {
        let have = body.len();
        // Doubling, so that a message of 4 MiB is moved few times, but never beyond twice what has arrived.
        body.resize(len.min(have + STEP.max(have)), 0);
        stream.read_exact(&mut body[have..]).await?;
    }
    Ok(body.freeze())
}

/// Writes one message in at most [`MESSAGE_TIME`].
pub(crate) async fn write_message<S: AsyncWrite + Unpin>(
    stream: &mut S,
    message: &Message,
    version: Version,
) -> io::Result<()> {
    let body = message.encode(version);
    let mut head = Vec::with_capacity(4);
    crate::protobuf::put_varint(&mut head, body.len() as u64);
    let write = async {
        stream.write_all(&head).await?;
        stream.write_all(&body).await?;
        stream.flush().await
    };
    timeout(MESSAGE_TIME, write).await.unwrap_or_else(|_| {
        Err(io::Error::new(ErrorKind::TimedOut, "a peer took over 10 s for a Bitswap message"))
    })
}
