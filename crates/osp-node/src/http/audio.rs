//! `GET /api/v1/tracks/{id}/audio`: the bytes of a track, in ranges, verified as they are read.
//!
//! Players ask for many ranges of few tracks, so what the index says of a track is remembered until the index
//! changes: a repeated request costs one cheap question (the generation) and one read.
//!
//! A track whose bytes are not here is fetched from the places that its record names, and from peers that the network
//! knows, and is sent while it comes (see [`arriving`]). Its record may come from the network as well; once it is played it
//! is in the catalogue.

use super::{
    ApiError, AppState, arriving, conditional,
    content::{self, Labels, Servable},
    disposition::{self, Kind},
    extract::PathParams,
    guard, lookup,
};
use crate::filename;
use axum::{
    extract::State,
    http::{HeaderValue, Method, request::Parts},
    response::Response,
};
use osp_core::{media, record::TrackRecord};
use std::sync::Arc;

/// `GET` and `HEAD`.
///
/// # Errors
/// 400, 404 when the record is not here or nobody has its bytes, 410, 416, 502 when they cannot be fetched, 503 when
/// too much is being fetched.
pub(super) async fn get(
    State(state): State<AppState>,
    PathParams(id): PathParams<String>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let client = state.tracker.client(&parts);
    let Parts { method, headers, .. } = parts;
    let generation = state.node.records().generation().await?;
    if let Some(file) = state.shared.playable.get(generation, id.as_str()) {
        let answer = content::send(&state, &file, &method, &headers).await;
        if !matches!(&answer, Err(e) if e.status().is_server_error()) {
            return answer;
        }
        // The blob may have been removed since: look again, and report what is found now.
        state.shared.playable.forget(id.as_str());
    }
    let found = lookup::record_anywhere(&state, &id, client).await?;
    let track = found.track()?;
    let cid = track.content();
    let labels = labels(track);
    let Some(blob) = lookup::blob(&state, &cid).await? else {
        guard::content(&state, &cid).await?;
        let answer = arriving::send(&state, track, &labels, (&method, &headers), client).await?;
        if method != Method::HEAD {
            lookup::keep(&state, &found).await;
        }
        return Ok(answer);
    };
    guard::blob(&state, &blob).await?;
    lookup::keep(&state, &found).await;
    let file = Arc::new(Servable { blob, labels });
    state.shared.playable.put(generation, id.into_boxed_str(), Arc::clone(&file));
    content::send(&state, &file, &method, &headers).await
}

fn labels(track: &TrackRecord) -> Labels {
    let content_type = media::http_content_type(track.format());
    let name = filename::or_track(track.title()) + filename::extension(content_type);
    let kind = if content_type.starts_with("audio/") { Kind::Inline } else { Kind::Attachment };
    Labels {
        content_type: HeaderValue::from_static(content_type),
        etag: conditional::etag(&track.content().to_string()),
        disposition: disposition::content_disposition(kind, &name),
    }
}
