//! A file answered by HTTP: conditions, ranges, and the headers that keep user content harmless.

use super::{ApiError, AppState, body, conditional, range};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use osp_store::BlobMeta;
use std::sync::Arc;

/// Content under a CID never changes.
pub(super) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A document opened from here runs nothing, loads nothing and is of no origin: an SVG or HTML file that somebody
/// published can't act as the web client.
pub(super) const NO_SCRIPT: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// All that must be known to answer for a file without asking the index.
#[derive(Clone, Debug)]
pub(super) struct Servable {
    pub(super) blob: Arc<BlobMeta>,
    pub(super) content_type: HeaderValue,
    pub(super) etag: HeaderValue,
    pub(super) disposition: HeaderValue,
}

/// Adds what every answer with user content carries.
pub(super) fn harmless(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, NO_SCRIPT);
    // Pages elsewhere may embed it even when they isolate themselves (COEP).
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

/// 304 with the headers RFC 9110 section 15.4.5 asks for.
pub(super) fn not_modified(etag: &HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().insert(header::ETAG, etag.clone());
    response.headers_mut().insert(header::CACHE_CONTROL, IMMUTABLE);
    response
}

/// Answers GET or HEAD for a file: 200, 206, 304 or 416.
///
/// # Errors
/// 416; 500 when what is stored is damaged.
pub(super) async fn send(
    state: &AppState,
    file: &Servable,
    method: &Method,
    request: &HeaderMap,
) -> Result<Response, ApiError> {
    if conditional::not_modified(request, &file.etag) {
        return Ok(not_modified(&file.etag));
    }
    let size = file.blob.size;
    let selection = match request.get(header::RANGE) {
        Some(value) if conditional::range_applies(request, &file.etag) => {
            range::select(value.as_bytes(), size)
        }
        _ => range::Selection::Whole,
    };
    let (status, part) = match selection {
        range::Selection::Whole => (StatusCode::OK, 0..size),
        range::Selection::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        range::Selection::Unsatisfiable => return Err(ApiError::no_such_range(size)),
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        body::of_blob(state, &file.blob, part.clone()).await?
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = HeaderValue::try_from(range::content_range(&part, size))
    {
        headers.insert(header::CONTENT_RANGE, value);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    headers.insert(header::CONTENT_TYPE, file.content_type.clone());
    headers.insert(header::CONTENT_DISPOSITION, file.disposition.clone());
    headers.insert(header::ETAG, file.etag.clone());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, IMMUTABLE);
    harmless(headers);
    Ok(response)
}
