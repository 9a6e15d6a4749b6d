//! The file itself, for whoever trusts the node (or checks the CID afterwards).
//!
//! Its type is read from its first bytes and is one that browsers only show or play; all else is saved, and
//! nothing runs: see [`content::NO_SCRIPT`].

use super::{Request, raw};
use crate::filename;
use crate::http::{
    ApiError, AppState, conditional,
    content::{self, Labels, Servable},
    disposition::{self, Kind},
    guard, lookup,
};
use axum::{
    body::Body,
    http::{HeaderValue, Method, header},
    response::Response,
};
use bytes::Bytes;
use osp_core::content::RAW;
use std::sync::Arc;

/// Bytes looked at to tell the type.
const SNIFFED: u64 = 64;

/// Answers with the bytes of a file.
///
/// # Errors
/// 404, 410, 416.
pub(super) async fn get(state: &AppState, request: &Request<'_>) -> Result<Response, ApiError> {
    if let Some(bytes) = request.known_block() {
        let content_type = if bytes.is_empty() { OCTETS } else { "application/ld+json" };
        return Ok(small(request, bytes, content_type));
    }
    let cid = request.path.cid;
    let generation = state.node.records().generation().await?;
    let file = match state.shared.files.get(generation, &cid) {
        Some(file) => file,
        None => match servable(state, request).await? {
            Some(file) => {
                let file = Arc::new(file);
                state.shared.files.put(generation, cid, Arc::clone(&file));
                file
            }
            None => return leaf(state, request).await,
        },
    };
    let file = named(&file, request);
    let answer = content::send(state, &file, request.method, request.headers).await;
    if matches!(&answer, Err(e) if e.status().is_server_error()) {
        // The blob may have been removed since it was remembered.
        state.shared.files.forget(&cid);
    }
    let mut response = answer?;
    super::paths(response.headers_mut(), request);
    Ok(response)
}

const OCTETS: &str = "application/octet-stream";

async fn servable(state: &AppState, request: &Request<'_>) -> Result<Option<Servable>, ApiError> {
    let Some(blob) = lookup::blob(state, &request.path.cid).await? else { return Ok(None) };
    guard::blob(state, &blob).await?;
    let head = state.node.blobs().read(&blob, 0..blob.size.min(SNIFFED)).await?;
    let content_type = sniff(&head).unwrap_or(OCTETS);
    let labels = Labels {
        content_type: HeaderValue::from_static(content_type),
        etag: conditional::etag(&request.path.written),
        disposition: named_disposition(request, content_type),
    };
    Ok(Some(Servable { blob, labels }))
}

/// The remembered file under the name and for the CID as this request writes them.
fn named(file: &Servable, request: &Request<'_>) -> Servable {
    let mut file = file.clone();
    let labels = &mut file.labels;
    labels.etag = conditional::etag(&request.path.written);
    labels.disposition = named_disposition(request, labels.content_type.to_str().unwrap_or(OCTETS));
    file
}

fn named_disposition(request: &Request<'_>, content_type: &str) -> HeaderValue {
    let save = content_type == OCTETS || request.query.download.as_deref() == Some("true");
    let kind = if save { Kind::Attachment } else { Kind::Inline };
    let name = match request.query.filename.as_deref() {
        Some(name) if !name.is_empty() => filename::or_track(name),
        _ => format!("{}{}", request.path.written, filename::extension(content_type)),
    };
    disposition::content_disposition(kind, &name)
}

/// A raw leaf of a larger file is a file of its own to whoever knows its CID.
async fn leaf(state: &AppState, request: &Request<'_>) -> Result<Response, ApiError> {
    let cid = &request.path.cid;
    guard::block(state, cid).await?;
    match raw::block(state, cid).await? {
        Some(block) if cid.codec() == RAW => Ok(small(request, block, OCTETS)),
        Some(_) => {
            Err(ApiError::not_found(format!("{cid} is an inner block of a file, not the root of one"))
                .hint("ask for the file's root, or for this block with ?format=raw"))
        }
        None => Err(request.not_here()),
    }
}

/// A file that is in memory already; ranges are not offered.
fn small(request: &Request<'_>, bytes: Bytes, content_type: &'static str) -> Response {
    let etag = conditional::etag(&request.path.written);
    if conditional::not_modified(request.headers, &etag) {
        return content::not_modified(&etag);
    }
    let length = HeaderValue::from(bytes.len());
    let body = if request.method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CONTENT_LENGTH, length);
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, content::IMMUTABLE);
    headers.insert(header::CONTENT_DISPOSITION, named_disposition(request, content_type));
    content::harmless(headers);
    super::paths(headers, request);
    response
}

/// The type of audio and bitmap images by their signatures; `None` for all else, SVG and HTML included.
fn sniff(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|h| h.starts_with(magic));
    let riff = at(0, b"RIFF");
    Some(match () {
        () if at(0, b"OggS") && at(28, b"OpusHead") => "audio/ogg; codecs=opus",
        () if at(0, b"OggS") => "audio/ogg",
        () if at(0, b"fLaC") => "audio/flac",
        () if at(0, b"ID3") || mpeg_audio_frame(head) => "audio/mpeg",
        () if riff && at(8, b"WAVE") => "audio/wav",
        () if riff && at(8, b"WEBP") => "image/webp",
        () if at(4, b"ftypavif") => "image/avif",
        () if at(4, b"ftypM4A") || at(4, b"ftypM4B") || at(4, b"ftypisom") || at(4, b"ftypmp42") => {
            "audio/mp4"
        }
        () if at(0, b"\x89PNG\r\n\x1a\n") => "image/png",
        () if at(0, b"\xff\xd8\xff") => "image/jpeg",
        () if at(0, b"GIF87a") || at(0, b"GIF89a") => "image/gif",
        () => return None,
    })
}

/// A frame header of MPEG audio layer III: sync, layer, a bit rate and a sampling rate that exist.
fn mpeg_audio_frame(head: &[u8]) -> bool {
    matches!(head, [0xff, b1, b2, ..] if b1 & 0xe6 == 0xe2 && b1 & 0x18 != 0x08 && b2 & 0xf0 != 0xf0 && b2 & 0x0c != 0x0c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_that_a_browser_merely_shows_or_plays_are_recognised() {
        let mut opus = b"OggS".to_vec();
        opus.resize(28, 0);
        opus.extend_from_slice(b"OpusHead");
        assert_eq!(sniff(&opus), Some("audio/ogg; codecs=opus"));
        assert_eq!(sniff(b"\xff\xfb\x90\x64"), Some("audio/mpeg"));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        let harmful: [&[u8]; 6] = [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            b"<!doctype html>",
            b"%PDF-1.7",
            b"\xff\xfe<\0",
            b"GIF",
        ];
        for head in harmful {
            assert_eq!(sniff(head), None, "{}", String::from_utf8_lossy(head));
        }
    }
}
