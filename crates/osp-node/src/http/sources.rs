//! `GET /api/v1/tracks/{id}/sources`: where the bytes are now. Unsigned: whoever follows it verifies by the record.

use super::{ApiError, AppState, extract::PathParams, guard, lookup, routing};
use crate::peering::ipfs::Provider;
use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use osp_core::{record::TrackRecord, torrent::Magnet};
use osp_store::BlobMeta;
use serde::Serialize;

/// spec/schemas/sources.json
#[derive(Debug, Serialize)]
struct Sources {
    magnet: Option<String>,
    mirrors: Vec<String>,
    trackers: Vec<String>,
    /// IPFS providers, as delegated routing writes them.
    providers: Vec<Provider>,
}

/// The handler.
///
/// # Errors
/// 400, 404, 410.
pub(super) async fn get(
    State(state): State<AppState>,
    PathParams(id): PathParams<String>,
) -> Result<Response, ApiError> {
    let found = lookup::record(&state, &id).await?;
    let track = found.track()?;
    let blob = lookup::blob(&state, &track.content()).await?;
    if let Some(blob) = &blob {
        guard::blob(&state, blob).await?;
    }
    let signed = track.text("torrent").and_then(Magnet::parse);
    let mut mirrors = signed.as_ref().map(|m| only(&m.web_seeds, &["https:", "http:"])).unwrap_or_default();
    let mut trackers = signed.as_ref().map(|m| trackers_of(&m.trackers)).unwrap_or_default();
    if let Some(blob) = &blob {
        mirrors.push(web_seed(&state, blob));
    }
    for own in state.tracker.addresses(&state.public_url, blob.is_some()) {
        if !trackers.contains(&own) {
            trackers.push(own);
        }
    }
    // The bytes here say the infohash by our rule; without them the artist's word does.
    let torrent = match (&blob, &signed) {
        (Some(blob), _) => Some((blob.infohash, Some(blob.size))),
        (None, Some(signed)) => Some((signed.infohash, signed.size)),
        (None, None) => None,
    };
    let magnet = torrent.map(|(infohash, size)| {
        Magnet { infohash, size, web_seeds: mirrors.clone(), trackers: trackers.clone() }.to_string()
    });
    let providers = if blob.is_some() { routing::own(&state).await } else { Vec::new() };
    let sources = Sources { magnet, mirrors, trackers, providers };
    Ok(([(header::CACHE_CONTROL, "no-cache")], Json(sources)).into_response())
}

/// Where this node serves a blob: by content, so that it holds for every record that names it (BEP 19).
pub(super) fn web_seed(state: &AppState, blob: &BlobMeta) -> String {
    format!("{}/ipfs/{}", state.public_url, blob.cid)
}

/// Trackers that a record names.
pub(super) fn trackers_in(track: &TrackRecord) -> Vec<String> {
    track.text("torrent").and_then(Magnet::parse).map(|m| trackers_of(&m.trackers)).unwrap_or_default()
}

fn trackers_of(urls: &[String]) -> Vec<String> {
    only(urls, &["https:", "http:", "udp:", "wss:", "ws:"])
}

/// URLs of known schemes: a record may hold any text, and pages turn these into links.
fn only(urls: &[String], schemes: &[&str]) -> Vec<String> {
    let known = |url: &&String| {
        schemes.iter().any(|s| url.get(..s.len()).is_some_and(|head| head.eq_ignore_ascii_case(s)))
    };
    urls.iter().filter(known).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_known_schemes_are_passed_on() {
        let urls = ["https://a/b", "javascript:alert(1)", "HTTP://c", "é", "", "data:text/html,x"];
        let urls: Vec<String> = urls.iter().map(ToString::to_string).collect();
        assert_eq!(only(&urls, &["https:", "http:"]), ["https://a/b", "HTTP://c"]);
    }
}
