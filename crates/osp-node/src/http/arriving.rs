//! Sending a track while it comes: from the artist's mirrors, from nodes and from peers, those that the network knows
//! included, verified before it goes on.
//!
//! The first bytes of the answer are waited for before its head goes out, so that a client learns at once when nobody
//! has them. If every source fails half way, the body fails and the connection breaks. What was begun is finished and
//! kept, unless too many such downloads run already: then those that only drip make room, see `slots`.

use super::{
    ApiError, AppState, body, conditional,
    content::{self, Labels},
};
use axum::{
    body::Body,
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use osp_core::record::TrackRecord;
use osp_delivery::{
    Attempt, DeliveryError, Outcome,
    download::{Position, ReadError, WhenLeft},
};
use std::{
    net::IpAddr,
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};

/// Downloads that may run because somebody wants to hear something that is not here.
const MAX_RUNNING: usize = 32;
/// How long the first byte may take before the client is told that nobody sends it.
const FIRST_BYTE: Duration = Duration::from_secs(60);

/// Answers GET or HEAD for a track whose bytes are not here.
///
/// # Errors
/// 404 when nobody has them, 416, 502 when they cannot be fetched, 503 when too much is being fetched.
pub(super) async fn send(
    state: &AppState,
    track: &TrackRecord,
    labels: &Labels,
    (method, request): (&Method, &HeaderMap),
    client: IpAddr,
) -> Result<Response, ApiError> {
    if conditional::not_modified(request, &labels.etag) {
        return Ok(content::not_modified(&labels.etag));
    }
    let mut wanted = state.node.with_network(state.node.request_of(track, &[])).await;
    wanted.max_size = state.max_blob;
    if method == Method::HEAD {
        // Asking how long a track is does not make anybody keep it.
        wanted.when_left = WhenLeft::Stop;
    }
    let peers = wanted.magnet.is_some() && state.node.hub().is_some();
    if wanted.http.is_empty() && !peers && wanted.search.is_none() {
        return Err(nowhere(track));
    }
    let downloads = state.node.downloads();
    let (slots, content, now) = (&state.shared.slots, track.content(), Instant::now());
    if !slots.admit(&content, client, downloads.running().len() >= MAX_RUNNING, now) {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "this node is fetching too much already",
        )
        .hint("try again in a minute, or ask another place of GET …/sources")
        .header(header::RETRY_AFTER, "60"));
    }
    let download = downloads.open(wanted);
    slots.enter(&content, client, download.watch(), now);
    let position = Arc::new(download.position());
    drop(download);
    let first = tokio::time::timeout(FIRST_BYTE, begin(&position, labels, request)).await;
    let (status, part, size, first) = first.map_err(|_| nowhere(track))??;
    if method == Method::HEAD {
        return Ok(content::answer(labels, status, &part, size, Body::empty()));
    }
    let rest = part.start + first.len() as u64..part.end;
    let more = stream::try_unfold((position, rest), |(position, rest)| async move {
        if rest.is_empty() {
            return Ok(None);
        }
        let bytes = position.read_at(rest.clone()).await.map_err(|e| body::broken(&e))?;
        if bytes.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let rest = rest.start + bytes.len() as u64..rest.end;
        Ok(Some((bytes, (position, rest))))
    });
    let body = body::counted(state, stream::once(async { Ok(first) }).chain(more));
    Ok(content::answer(labels, status, &part, size, body))
}

type Beginning = (StatusCode, Range<u64>, u64, Bytes);

/// The first bytes of what is asked for. Only with them the size is sure: until then it is the record's word.
async fn begin(position: &Position, labels: &Labels, request: &HeaderMap) -> Result<Beginning, ApiError> {
    loop {
        let size = position.size().await.map_err(failed)?;
        // Beyond the end by a wrong word, perhaps: the last byte tells.
        let (status, part) = match content::selected(labels, request, size) {
            Ok(selected) => selected,
            Err(error) if size > 0 => {
                position.read_at(size - 1..size).await.map_err(failed)?;
                if position.size().await.map_err(failed)? == size {
                    return Err(error);
                }
                continue;
            }
            Err(error) => return Err(error),
        };
        let first = position.read_at(part.clone()).await.map_err(failed)?;
        if position.size().await.map_err(failed)? == size && (part.is_empty() || !first.is_empty()) {
            return Ok((status, part, size, first));
        }
    }
}

fn failed(error: ReadError) -> ApiError {
    const HINT: &str = "try again later; GET …/sources names the places that were tried";
    match error {
        ReadError::Download(error) => {
            let nobody =
                |attempts: &[Attempt]| attempts.iter().all(|a| matches!(a.outcome, Outcome::Absent(_)));
            match &*error {
                DeliveryError::NotFound { attempts, .. } if nobody(attempts) => {
                    ApiError::not_found(format!("nobody has the audio: {error}")).hint(HINT)
                }
                DeliveryError::Local(cause) => {
                    tracing::error!(
                        error = cause.as_ref() as &dyn std::error::Error,
                        "cannot keep what is fetched"
                    );
                    ApiError::internal()
                }
                other => {
                    let lied = matches!(other, DeliveryError::Lied { .. } | DeliveryError::NotAFile { .. });
                    let class = if lied { "content" } else { "unreachable" };
                    let message = format!("the audio could not be fetched: {error}");
                    ApiError::new(StatusCode::BAD_GATEWAY, class, message).hint(HINT)
                }
            }
        }
        ReadError::Io(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "what was fetched cannot be read");
            ApiError::internal()
        }
    }
}

fn nowhere(track: &TrackRecord) -> ApiError {
    let cid = track.content();
    ApiError::not_found(format!("this node knows the track, but has not got its audio {cid}"))
        .hint("GET …/sources names other places; «osp seed» on the node fetches it")
}
