//! `GET /torrents/{infohash}.torrent`: the torrent by our rule, with this node as web seed (BEP 3, 12, 19).

use super::{
    ApiError, AppState, conditional, content,
    disposition::{self, Kind},
    extract::PathParams,
    guard,
    sources::{trackers_in, web_seed},
};
use crate::filename;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use osp_core::{record::Record, torrent::Sha1Digest};

/// Most trackers in one file; many records may name the same content.
const MAX_TRACKERS: usize = 32;

/// The handler. The trackers in it are those of the records that name the content, so it may change: no long
/// caching.
///
/// # Errors
/// 400, 404, 410.
pub(super) async fn get(
    State(state): State<AppState>,
    PathParams(file): PathParams<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let infohash = infohash(&file).ok_or_else(|| {
        ApiError::usage("a torrent is asked for as /torrents/INFOHASH.torrent")
            .hint("INFOHASH has 40 hexadecimal digits")
    })?;
    let blobs = state.node.blobs();
    let blob = blobs.find_by_infohash(&infohash).await?.ok_or_else(|| {
        ApiError::not_found("this node has no content with that infohash")
            .hint("only torrents made by the rule of spec section 5 are known here")
    })?;
    guard::blob(&state, &blob).await?;
    let mut trackers: Vec<String> = Vec::new();
    let mut title = None;
    for stored in state.node.records().using_content(&blob.roots).await? {
        let Ok(Record::Track(track)) = Record::parse(&stored.json) else { continue };
        title.get_or_insert_with(|| filename::or_track(track.title()));
        for tracker in trackers_in(&track) {
            if trackers.len() < MAX_TRACKERS && !trackers.contains(&tracker) {
                trackers.push(tracker);
            }
        }
    }
    for own in state.tracker.addresses(&state.public_url, true) {
        if !trackers.contains(&own) {
            trackers.push(own);
        }
    }
    let bytes = blobs.torrent(&blob).await?.to_torrent_file(&trackers, &[web_seed(&state, &blob)]);
    let etag = conditional::etag(&data_encoding::HEXLOWER.encode(&osp_core::content::sha256(&bytes)));
    if conditional::not_modified(&headers, &etag) {
        return Ok(content::not_modified(&etag));
    }
    let name = title.unwrap_or_else(|| HEXLOWER.encode(&infohash)) + ".torrent";
    let mut response = bytes.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-bittorrent"));
    out.insert(header::CONTENT_DISPOSITION, disposition::content_disposition(Kind::Attachment, &name));
    out.insert(header::ETAG, etag);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    content::harmless(out);
    Ok(response)
}

fn infohash(file: &str) -> Option<Sha1Digest> {
    let hex = file.strip_suffix(".torrent")?;
    HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_hex_digits_and_the_extension() {
        assert_eq!(infohash(&format!("{}.torrent", "aB".repeat(20))), Some([0xab; 20]));
        for bad in ["", ".torrent", "ab.torrent", &"ab".repeat(20), &format!("{}.torrent", "xy".repeat(20))] {
            assert_eq!(infohash(bad), None, "{bad}");
        }
    }
}
