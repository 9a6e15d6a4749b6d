//! `--to URL`: sends what was published here to a node elsewhere, bytes first, so that the record is never there
//! without its music.

use crate::Node;
use bytes::Bytes;
use futures_util::stream;
use osp_core::{
    Cid,
    record::{Record, Verified},
};
use osp_fetch::{Body, FetchError, Request, Response, StatusCode};
use osp_store::{BlobMeta, BlobStore, Put, StoreError, blob::MAX_READ};
use std::{io, sync::Arc};

/// A node elsewhere, and the token that lets us write there.
pub struct Target {
    base: osp_fetch::Target,
    token: zeroize::Zeroizing<String>,
}

/// Why something could not be sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The node could not be reached.
    #[error(transparent)]
    Unreachable(#[from] FetchError),
    /// The token is not that node's.
    #[error("{url} does not accept this token; it is in the file api-token in that node's home")]
    Token {
        /// The node.
        url: String,
    },
    /// The node answered with an error.
    #[error("{url} refused {what}: {answer}")]
    Refused {
        /// The node.
        url: String,
        /// What was sent.
        what: String,
        /// The HTTP status; from 500 on it is the node's own trouble.
        status: u16,
        /// Its status and message.
        answer: String,
    },
    /// Bytes to send are not here.
    #[error("the content {0} is not stored here, so it cannot be sent; resolve it first")]
    NotHere(Cid),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Target {
    /// A node at `url` (its base), typed by the user.
    ///
    /// # Errors
    /// [`SendError::Unreachable`] for what is no http(s) URL.
    pub fn new(url: &str, token: &str) -> Result<Self, SendError> {
        Ok(Self { base: osp_fetch::Target::typed(url)?, token: zeroize::Zeroizing::new(token.to_owned()) })
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.base.url().as_str()
    }
}

/// Sends a record and, before it, the audio and the pictures, waveform and words that it names, where the node lacks them.
///
/// # Errors
/// [`SendError`].
pub async fn send(node: &Node, target: &Target, record: &Verified<Record>) -> Result<Put, SendError> {
    if let Some(track) = record.as_track() {
        let beside = [track.artwork(), track.waveform(), track.lyrics()];
        let cids = beside.into_iter().flatten().chain([track.content()]);
        for cid in cids {
            send_blob(node, target, &cid).await?;
        }
    }
    if let Some(profile) = record.as_profile() {
        for cid in profile.avatar().into_iter().chain(profile.banner()) {
            send_blob(node, target, &cid).await?;
        }
    }
    let body = Body::Bytes(Bytes::from(record.to_bytes()));
    let request = Request::post(target.base.join("/api/v1/tracks"), body).content_type("application/json");
    let response = node.fetcher().send(request.bearer(&target.token)).await?;
    match response.status() {
        StatusCode::CREATED => Ok(Put::New),
        StatusCode::OK => Ok(Put::Known),
        _ => Err(refusal(target, format!("the record {}", record.id().as_str()), response).await),
    }
}

async fn send_blob(node: &Node, target: &Target, cid: &Cid) -> Result<(), SendError> {
    let blob = node.blobs().find(cid).await?.ok_or(SendError::NotHere(*cid))?;
    let size = blob.size;
    // By infohash, which only a whole file has: /ipfs also answers for a block inside another file.
    let infohash = data_encoding::HEXLOWER.encode(&blob.infohash);
    let head = Request::head(target.base.join(&format!("/torrents/{infohash}.torrent")));
    if node.fetcher().send(head).await?.status() == StatusCode::OK {
        return Ok(());
    }
    let body = Body::stream(read_all(Arc::clone(node.blobs()), blob), size);
    let request = Request::put(target.base.join(&format!("/api/v1/blobs/{cid}")), body);
    let response = node.fetcher().send(request.bearer(&target.token)).await?;
    match response.status() {
        StatusCode::CREATED | StatusCode::OK => Ok(()),
        _ => Err(refusal(target, format!("the content {cid}"), response).await),
    }
}

/// A blob from first byte to last, verified as it is read.
fn read_all(
    blobs: Arc<dyn BlobStore>,
    blob: Arc<BlobMeta>,
) -> impl futures_util::Stream<Item = io::Result<Bytes>> + Send + 'static {
    stream::try_unfold((blobs, blob, 0u64), |(blobs, blob, at)| async move {
        if at >= blob.size {
            return Ok(None);
        }
        let end = (at + MAX_READ).min(blob.size);
        let bytes = blobs.read(&blob, at..end).await.map_err(io::Error::other)?;
        Ok(Some((bytes, (blobs, blob, end))))
    })
}

async fn refusal(target: &Target, what: String, response: Response) -> SendError {
    let status = response.status();
    let url = target.url().to_owned();
    if status == StatusCode::UNAUTHORIZED {
        return SendError::Token { url };
    }
    let body = response.bytes().await.unwrap_or_default();
    let message = serde_json::from_slice::<serde_json::Value>(&body)
        .ok()
        .and_then(|v| v["error"]["message"].as_str().map(ToOwned::to_owned))
        .unwrap_or_default();
    // Somebody else's text: shortened, on one line.
    let message: String = message.chars().filter(|c| !c.is_control()).take(300).collect();
    SendError::Refused {
        url,
        what,
        status: status.as_u16(),
        answer: format!("{status} {message}").trim().to_owned(),
    }
}
