//! Asking.

use super::{ANSWER_TIME, MAX_ANSWER, MAX_REQUEST, MESSAGE_TIME, PROTOCOL};
use crate::host::{
    error::ConnectError,
    streams::{
        OpenError, Streams,
        framing::{read_frame, write_frame},
    },
};
use bytes::Bytes;
use futures_util::AsyncWriteExt as _;
use libp2p::PeerId;
use std::io::ErrorKind;
use tokio::time::timeout;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordsError {
    /// The peer was not reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// It has no records to give.
    #[error("the peer does not answer requests for records")]
    Unsupported,
    /// The request is over [`MAX_REQUEST`].
    #[error("the request is longer than 4 KiB; ask for less at once")]
    TooLong,
    /// The answer is over [`MAX_ANSWER`].
    #[error("the peer sent an answer longer than 256 KiB")]
    AnswerTooLong,
    /// It did not want to, or the connection broke.
    #[error("the peer ended the exchange without an answer")]
    Broken,
    /// It took too long.
    #[error("the peer did not answer in time")]
    Timeout,
}

impl From<OpenError> for RecordsError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotConnected => Self::Connect(ConnectError::Unreachable),
            OpenError::Unsupported => Self::Unsupported,
            OpenError::Broken => Self::Broken,
        }
    }
}

/// Puts one request to a connected peer.
pub(in crate::host) async fn ask(
    streams: &Streams,
    peer: PeerId,
    request: &[u8],
) -> Result<Bytes, RecordsError> {
    if request.len() > MAX_REQUEST {
        return Err(RecordsError::TooLong);
    }
    let exchange = async {
        let mut stream = streams.open(peer, PROTOCOL).await?;
        write_frame(&mut stream, request).await.map_err(|_| RecordsError::Broken)?;
        // The end of what is asked; a peer that does not care may have closed already.
        let _ = stream.close().await;
        match read_frame(&mut stream, MAX_ANSWER).await {
            Ok(Some(answer)) => Ok(answer),
            Err(error) if error.kind() == ErrorKind::InvalidData => Err(RecordsError::AnswerTooLong),
            Ok(None) | Err(_) => Err(RecordsError::Broken),
        }
    };
    timeout(MESSAGE_TIME + ANSWER_TIME, exchange).await.unwrap_or(Err(RecordsError::Timeout))
}
