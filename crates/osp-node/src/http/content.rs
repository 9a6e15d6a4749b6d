//! A file answered by HTTP: conditions, ranges, and the headers that keep user content harmless.

use super::{ApiError, AppState, body, conditional, range};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use osp_store::BlobMeta;
use std::{ops::Range, sync::Arc};

/// Content under a CID never changes.
pub(super) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A document opened from here runs nothing, loads nothing and is of no origin: an SVG or HTML file that somebody
/// published can't act as the web client.
pub(super) const NO_SCRIPT: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// All that must be known to answer for a file without asking the index.
#[derive(Clone, Debug)]
pub(super) struct Servable {
    pub(super) blob: Arc<BlobMeta>,
    pub(super) labels: Labels,
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

/// What is told of a file beside its bytes.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    pub(super) content_type: HeaderValue,
    pub(super) etag: HeaderValue,
    pub(super) disposition: HeaderValue,
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
    if conditional::not_modified(request, &file.labels.etag) {
        return Ok(not_modified(&file.labels.etag));
    }
    let size = file.blob.size;
    let (status, part) = selected(&file.labels, request, size)?;
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        body::of_blob(state, &file.blob, part.clone()).await?
    };
    Ok(answer(&file.labels, status, &part, size, body))
}

/// Which of `size` bytes are asked for.
///
/// # Errors
/// 416.
pub(super) fn selected(
    labels: &Labels,
    request: &HeaderMap,
    size: u64,
) -> Result<(StatusCode, Range<u64>), ApiError> {
    let selection = match request.get(header::RANGE) {
        Some(value) if conditional::range_applies(request, &labels.etag) => {
            range::select(value.as_bytes(), size)
        }
        _ => range::Selection::Whole,
    };
    match selection {
        range::Selection::Whole => Ok((StatusCode::OK, 0..size)),
        range::Selection::Part(part) => Ok((StatusCode::PARTIAL_CONTENT, part)),
        range::Selection::Unsatisfiable => Err(ApiError::no_such_range(size)),
    }
}

/// An answer with `part` of `size` bytes in `body`.
pub(super) fn answer(
    labels: &Labels,
    status: StatusCode,
    part: &Range<u64>,
    size: u64,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(value) = HeaderValue::try_from(range::content_range(part, size))
    {
        headers.insert(header::CONTENT_RANGE, value);
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    headers.insert(header::CONTENT_TYPE, labels.content_type.clone());
    headers.insert(header::CONTENT_DISPOSITION, labels.disposition.clone());
    headers.insert(header::ETAG, labels.etag.clone());
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, IMMUTABLE);
    harmless(headers);
    response
}
