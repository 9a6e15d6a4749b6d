//! `format=raw`: one block, whatever it is part of. The client hashes it.

use super::{Request, finish};
use crate::http::{ApiError, AppState, conditional, content, guard, lookup};
use axum::{
    body::Body,
    http::{HeaderValue, Method, header},
    response::Response,
};
use bytes::Bytes;
use osp_core::Cid;

/// Answers with one block.
///
/// # Errors
/// 404, 410.
pub(super) async fn get(state: &AppState, request: &Request<'_>) -> Result<Response, ApiError> {
    let bytes = match request.known_block() {
        Some(bytes) => bytes,
        None => {
            guard::block(state, &request.path.cid).await?;
            block(state, &request.path.cid).await?.ok_or_else(|| request.not_here())?
        }
    };
    let etag = conditional::etag(&format!("{}.raw", request.path.written));
    if conditional::not_modified(request.headers, &etag) {
        return Ok(content::not_modified(&etag));
    }
    state.shared.metrics.count_content(bytes.len());
    let length = HeaderValue::from(bytes.len());
    let body = if request.method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.ipld.raw"));
    headers.insert(header::CONTENT_LENGTH, length);
    headers.insert(header::ETAG, etag);
    finish(headers, request, ".bin", "format=raw");
    Ok(response)
}

/// A stored block, in whichever version the CID is written.
pub(super) async fn block(state: &AppState, cid: &Cid) -> Result<Option<Bytes>, ApiError> {
    let blobs = state.node.blobs();
    if let Some(block) = blobs.block(cid).await? {
        return Ok(Some(block));
    }
    match lookup::other_version(cid) {
        Some(twin) => Ok(blobs.block(&twin).await?),
        None => Ok(None),
    }
}
