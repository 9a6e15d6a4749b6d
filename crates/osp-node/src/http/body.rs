//! Bodies in both directions.
//!
//! *Out*: bytes of a blob go out as the store verifies them, [`STEP`] at a time. If the store finds damage half
//! way, the body fails and the connection breaks: the client sees fewer bytes than `Content-Length` promised and
//! can't take what it has for the whole.
//!
//! *In*: frames with a limit on silence, so that a client that stops sending does not hold a writer for ever.

use super::{ApiError, AppState};
use axum::{body::Body, http::StatusCode};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use osp_store::{BlobMeta, BlobStore, StoreError};
use std::{io, ops::Range, sync::Arc, time::Duration};

/// Bytes read at a time: one waits in memory for each connection.
pub const STEP: u64 = 256 * 1024;

/// The bytes `range` of a blob. The first step is read before this returns, so that damage found at once is an
/// error a client can read, and a short range costs no stream at all.
///
/// # Errors
/// What the store says.
pub(super) async fn of_blob(
    state: &AppState,
    blob: &Arc<BlobMeta>,
    range: Range<u64>,
) -> Result<Body, StoreError> {
    if range.is_empty() {
        return Ok(Body::empty());
    }
    let blobs = state.node.blobs();
    let first = read(blobs.as_ref(), blob, &range).await?;
    if first.len() as u64 == range.end - range.start {
        state.shared.metrics.count_content(first.len());
        state.node.tally().plays.served(blob, first.len());
        return Ok(Body::from(first));
    }
    let rest = range.start + first.len() as u64..range.end;
    let more =
        stream::try_unfold((Arc::clone(blobs), Arc::clone(blob), rest), |(blobs, blob, rest)| async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let bytes = read(blobs.as_ref(), &blob, &rest).await.map_err(|e| broken(&e))?;
            let rest = rest.start + bytes.len() as u64..rest.end;
            Ok(Some((bytes, (blobs, blob, rest))))
        });
    let (node, played) = (Arc::clone(&state.node), Arc::clone(blob));
    let chunks = stream::once(async { Ok(first) }).chain(more).inspect(move |chunk| {
        if let Ok(bytes) = chunk {
            node.tally().plays.served(&played, bytes.len());
        }
    });
    Ok(counted(state, chunks))
}

/// A body of content chunks, counted in the metrics as they leave.
pub(super) fn counted(
    state: &AppState,
    chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
) -> Body {
    let shared = Arc::clone(&state.shared);
    Body::from_stream(chunks.inspect(move |chunk| {
        if let Ok(bytes) = chunk {
            shared.metrics.count_content(bytes.len());
        }
    }))
}

/// Logs why a body stops short; the error itself only breaks the connection.
pub(super) fn broken(error: &(dyn std::error::Error + 'static)) -> io::Error {
    tracing::error!(error, "a response was cut short");
    io::Error::other("the content could not be read")
}

async fn read(blobs: &dyn BlobStore, blob: &BlobMeta, range: &Range<u64>) -> Result<Bytes, StoreError> {
    let end = range.end.min(range.start.saturating_add(STEP));
    let bytes = blobs.read(blob, range.start..end).await?;
    if bytes.is_empty() {
        // A store that gives nothing for a range inside the blob would make the caller loop for ever.
        return Err(StoreError::Range { start: range.start, end, size: blob.size });
    }
    Ok(bytes)
}

/// The frames of a request body; each may keep the node waiting for `idle` at most.
pub(super) struct Incoming {
    frames: axum::body::BodyDataStream,
    idle: Duration,
}

impl Incoming {
    pub(super) fn new(body: Body, idle: Duration) -> Self {
        Self { frames: body.into_data_stream(), idle }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// 408 after too long a silence, 400 when the connection breaks.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        match tokio::time::timeout(self.idle, self.frames.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
            Ok(Some(Err(e))) => Err(ApiError::usage(format!("the request body broke off: {e}"))),
            Err(_) => Err(ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                "usage",
                "the request body did not go on in time",
            )),
        }
    }

    /// All bytes, if they are no more than `limit`.
    ///
    /// # Errors
    /// As [`Incoming::next`]; `Ok(None)` means over the limit.
    pub(super) async fn collect(mut self, limit: usize) -> Result<Option<Vec<u8>>, ApiError> {
        let mut all = Vec::new();
        while let Some(bytes) = self.next().await? {
            if all.len() + bytes.len() > limit {
                return Ok(None);
            }
            all.extend_from_slice(&bytes);
        }
        Ok(Some(all))
    }
}
