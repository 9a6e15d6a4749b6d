//! Frames on a stream: an unsigned varint of the length, then so many bytes.

use crate::protobuf::put_varint;
use bytes::{Bytes, BytesMut};
use futures_util::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use std::io::{self, ErrorKind};

/// Memory is taken in steps of this many bytes, as they arrive and not as they are announced.
const STEP: usize = 16 * 1024;

/// Reads one frame. `Ok(None)` at an orderly end before it.
///
/// # Errors
/// [`ErrorKind::InvalidData`] for one of more than `max` bytes.
pub(in crate::host) async fn read_frame<S: AsyncRead + Unpin>(
    stream: &mut S,
    max: usize,
) -> io::Result<Option<Bytes>> {
    let mut byte = [0];
    if stream.read(&mut byte).await? == 0 {
        return Ok(None);
    }
    let (mut len, mut shift) = (0_usize, 0_u32);
    loop {
        len |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            break;
        }
        shift += 7;
        // Four bytes are more than any limit here.
        if shift > 21 {
            return Err(too_large());
        }
        stream.read_exact(&mut byte).await?;
    }
    if len > max {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while body.len() < len {
        let have = body.len();
        body.resize(len.min(have + STEP), 0);
        stream.read_exact(&mut body[have..]).await?;
    }
    Ok(Some(body.freeze()))
}

fn too_large() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "the message is too large")
}

/// Appends a frame to `out`.
pub(in crate::host) fn put_frame(out: &mut Vec<u8>, body: &[u8]) {
    put_varint(out, body.len() as u64);
    out.extend_from_slice(body);
}

/// Writes one frame.
pub(in crate::host) async fn write_frame<S: AsyncWrite + Unpin>(
    stream: &mut S,
    body: &[u8],
) -> io::Result<()> {
    let mut frame = Vec::with_capacity(body.len() + 4);
    put_frame(&mut frame, body);
    stream.write_all(&frame).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn frames_come_back_and_too_large_ones_are_refused() {
        let mut bytes = Vec::new();
        for len in [0, 1, 127, 128, 40_000] {
            put_frame(&mut bytes, &vec![7; len]);
        }
        let mut stream = bytes.as_slice();
        for len in [0, 1, 127, 128, 40_000] {
            assert_eq!(read_frame(&mut stream, 40_000).await.unwrap().unwrap(), vec![7; len]);
        }
        assert!(read_frame(&mut stream, 9).await.unwrap().is_none());
        let refused = read_frame(&mut &bytes[..], 127).await;
        assert!(refused.is_ok());
        let mut large = Vec::new();
        put_frame(&mut large, &[0; 128]);
        assert_eq!(read_frame(&mut &large[..], 127).await.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_frame(&mut &[0xff; 9][..], 127).await.unwrap_err().kind(), ErrorKind::InvalidData);
        assert_eq!(read_frame(&mut &[5, 1][..], 9).await.unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
