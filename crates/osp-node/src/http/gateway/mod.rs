//! `/ipfs/{cid}`: an IPFS trustless gateway (specs.ipfs.tech/http-gateways), and files with ranges.
//!
//! | module | subject |
//! |---|---|
//! | [`path`] | what a content path names |
//! | [`negotiate`] | raw, CAR or file |
//! | [`raw`] | one block |
//! | [`car`], [`walk`] | many blocks |
//! | [`mod@file`] | the file |
//!
//! The node answers for what it has; it fetches nothing on behalf of a gateway request.

mod car;
mod file;
mod negotiate;
mod path;
mod raw;
mod walk;

use super::{
    ApiError, AppState, content,
    disposition::{self, Kind},
    extract::{PathParams, QueryParams},
};
use crate::filename;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use negotiate::{Format, GatewayQuery};
use osp_core::context;
use path::ContentPath;

/// One gateway request, read.
struct Request<'a> {
    path: ContentPath,
    query: &'a GatewayQuery,
    /// The query as sent, for `Content-Location`.
    written_query: &'a str,
    method: &'a Method,
    headers: &'a HeaderMap,
}

impl Request<'_> {
    /// Whether this is the empty identity CID that gateways are probed with.
    fn is_identity(&self) -> bool {
        self.path.cid.hash().code() == 0 && self.path.cid.hash().digest().is_empty()
    }

    /// Blocks that every node has, whatever it stores: our JSON-LD contexts and the probe.
    fn known_block(&self) -> Option<Bytes> {
        if self.is_identity() {
            return Some(Bytes::new());
        }
        context::document(&self.path.cid).map(Bytes::from_static)
    }

    /// 404, or 412 for a client that asked what the node has at hand (RFC 9111 section 5.2.1.7).
    fn not_here(&self) -> ApiError {
        let cid = &self.path.written;
        let only_cached = self.headers.get_all(header::CACHE_CONTROL).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|v| v.split(',').any(|d| d.trim().eq_ignore_ascii_case("only-if-cached")))
        });
        if only_cached {
            return ApiError::new(
                StatusCode::PRECONDITION_FAILED,
                "not-found",
                format!("{cid} is not at hand"),
            );
        }
        ApiError::not_found(format!("this node does not have {cid}"))
            .hint("a gateway serves what its node holds; «osp seed» on the node fetches more")
    }
}

/// `/ipfs/{cid}`
///
/// # Errors
/// 400, 404, 406, 410, 412, 416.
pub(super) async fn get(
    state: State<AppState>,
    PathParams(cid): PathParams<String>,
    query: QueryParams<GatewayQuery>,
    raw_query: RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    answer(state, (&cid, ""), query, raw_query, method, headers).await
}

/// `/ipfs/{cid}/{path}`
///
/// # Errors
/// As [`get`]; 404 for a path below a file.
pub(super) async fn get_path(
    state: State<AppState>,
    PathParams((cid, path)): PathParams<(String, String)>,
    query: QueryParams<GatewayQuery>,
    raw_query: RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    answer(state, (&cid, &path), query, raw_query, method, headers).await
}

async fn answer(
    State(state): State<AppState>,
    (cid, rest): (&str, &str),
    QueryParams(query): QueryParams<GatewayQuery>,
    RawQuery(written): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = path::parse(cid, rest)?;
    let format = negotiate::negotiate(&query, &headers)?;
    let request = Request {
        path,
        query: &query,
        written_query: written.as_deref().unwrap_or_default(),
        method: &method,
        headers: &headers,
    };
    match format {
        Format::File => file::get(&state, &request).await,
        Format::Raw => raw::get(&state, &request).await,
        Format::Car(params) => car::get(&state, &request, &params).await,
    }
}

/// Headers of blocks and CARs: saved, never shown, for ever valid.
fn finish(headers: &mut HeaderMap, request: &Request<'_>, extension: &str, format: &str) {
    let name = match request.query.filename.as_deref() {
        Some(name) if !name.is_empty() => filename::or_track(name),
        _ => format!("{}{extension}", request.path.written),
    };
    headers.insert(header::CONTENT_DISPOSITION, disposition::content_disposition(Kind::Attachment, &name));
    headers.insert(header::CACHE_CONTROL, content::IMMUTABLE);
    content::harmless(headers);
    paths(headers, request);
    // Chosen by Accept: say under which address a cache may keep it.
    let query = request.written_query;
    if !query.split('&').any(|pair| pair.starts_with("format=")) {
        let joint = if query.is_empty() { "" } else { "&" };
        let location = format!("/ipfs/{}?{query}{joint}{format}", request.path.written);
        if let Ok(value) = HeaderValue::try_from(location) {
            headers.insert(header::CONTENT_LOCATION, value);
        }
    }
}

/// Headers that say which content path was answered, and that the answer depends on Accept.
fn paths(headers: &mut HeaderMap, request: &Request<'_>) {
    let cid = &request.path.written;
    if let Ok(value) = HeaderValue::try_from(format!("/ipfs/{cid}")) {
        headers.insert(HeaderName::from_static("x-ipfs-path"), value);
    }
    if let Ok(value) = HeaderValue::from_str(cid) {
        headers.insert(HeaderName::from_static("x-ipfs-roots"), value);
    }
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
}
