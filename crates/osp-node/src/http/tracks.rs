//! Tracks: search, and one by id.

use super::{
    ApiError, AppState, conditional,
    extract::{PathParams, QueryParams},
    lookup, search as network,
};
use crate::social::trust_ranks;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use osp_core::{did::Did, record::RecordId};
use osp_store::{Page, Query, StoreError, StoredRecord};
use serde::Deserialize;
use std::time::Duration;

/// Records on a page when the client does not say.
pub const DEFAULT_LIMIT: usize = 50;
/// Most records on a page, whatever the client says: at 64 KiB each, the bound on a page's memory.
pub const MAX_LIMIT: usize = 200;
/// Longest text that is searched for, in bytes.
pub const MAX_QUERY: usize = 1024;

/// A record may be retracted or superseded at any time.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=60, must-revalidate");

/// Parameters of a search, all optional. An empty one counts as absent, as HTML forms send them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SearchParams {
    q: Option<String>,
    artist: Option<String>,
    title: Option<String>,
    album: Option<String>,
    genre: Option<String>,
    scope: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
    wait: Option<String>,
}

/// What is searched.
enum Scope {
    Local,
    /// Others, too; one page waits so long.
    Network(Duration),
}

impl SearchParams {
    fn into_query(self) -> Result<(Query, Scope), ApiError> {
        let given = |name: &str, text: Option<String>| match text {
            Some(text) if text.len() > MAX_QUERY => {
                Err(ApiError::usage(format!("{name} is longer than {MAX_QUERY} bytes")))
            }
            text => Ok(text.filter(|t| !t.is_empty())),
        };
        let wait = match given("wait", self.wait)?.map(|text| text.parse::<u64>()) {
            None => network::DEFAULT_WAIT,
            Some(Ok(seconds)) => Duration::from_secs(seconds).min(network::MAX_WAIT),
            Some(Err(_)) => return Err(ApiError::usage("wait is no number of seconds")),
        };
        let scope = match given("scope", self.scope)?.as_deref() {
            None | Some("local") => Scope::Local,
            Some("network") => Scope::Network(wait),
            Some(_) => return Err(ApiError::usage("scope is neither local nor network")),
        };
        let limit = match given("limit", self.limit)? {
            None => DEFAULT_LIMIT,
            Some(text) => match text.parse::<usize>() {
                Ok(limit) if limit > 0 => limit.min(MAX_LIMIT),
                _ => return Err(ApiError::usage(format!("limit is no number from 1 to {MAX_LIMIT}"))),
            },
        };
        let artist = given("artist", self.artist)?
            .map(|did| Did::parse(&did))
            .transpose()
            .map_err(|e| ApiError::usage(e.to_string()).hint("artist takes a DID such as did:key:z6Mk…"))?;
        let query = Query {
            text: given("q", self.q)?,
            artist,
            title: given("title", self.title)?,
            album: given("album", self.album)?,
            genre: given("genre", self.genre)?,
            limit,
            cursor: given("cursor", self.cursor)?,
            trust: None,
        };
        Ok((query, scope))
    }
}

/// `GET /api/v1/tracks`
///
/// # Errors
/// 400 for a parameter that cannot be read, 503 when too many searches in the network run.
pub(super) async fn search(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<SearchParams>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let (query, scope) = params.into_query()?;
    let mut response = match scope {
        // Who asks for the head alone wants nothing of the network.
        Scope::Network(_) if parts.method != Method::HEAD && network::takes_events(&parts.headers) => {
            network::events(state, &parts, query).await?
        }
        Scope::Network(wait) if parts.method != Method::HEAD => {
            network::page(&state, &parts, &query, wait).await?
        }
        _ => {
            let page = local_page(&state, &query).await?;
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
            (headers, page_json(&page)).into_response()
        }
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// A page of this node's catalogue, ranked by whom its user trusts.
pub(super) async fn local_page(state: &AppState, query: &Query) -> Result<Page, ApiError> {
    let query = Query { trust: Some(trust_ranks(&state.node).await?), ..query.clone() };
    state.node.records().search(&query).await.map_err(|e| match e {
        StoreError::Cursor(_) => ApiError::usage("cursor is not one that this node gave")
            .hint("take «next» of the previous page, or leave cursor out to start again"),
        e => e.into(),
    })
}

/// `{"tracks":[…],"next":…}` around the records' own canonical bytes: what was signed is what is sent.
pub(super) fn page_json(page: &Page) -> Vec<u8> {
    let records: usize = page.records.iter().map(|r| r.json.len() + 1).sum();
    let mut out = Vec::with_capacity(records + 128);
    out.extend_from_slice(b"{\"tracks\":[");
    push_records(&mut out, &page.records);
    out.extend_from_slice(b"],\"next\":");
    out.extend_from_slice(serde_json::Value::from(page.next.as_deref()).to_string().as_bytes());
    out.push(b'}');
    out
}

/// Records with commas between them.
pub(super) fn push_records(out: &mut Vec<u8>, records: &[StoredRecord]) {
    for (i, record) in records.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&record.json);
    }
}

/// `GET /api/v1/tracks/{id}`: the bare record.
///
/// # Errors
/// 400, 404, 410.
pub(super) async fn get(
    State(state): State<AppState>,
    PathParams(id): PathParams<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let found = lookup::record(&state, &id).await?;
    let etag = conditional::etag(found.stored.id.as_str());
    let mut response = if conditional::not_modified(&headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], found.stored.json.clone()).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::ETAG, etag);
    out.insert(header::CACHE_CONTROL, SHORT);
    if let Some(id) = found.successor() {
        // RFC 5829
        let link = format!("<{}>; rel=\"successor-version\"", path_of(id));
        if let Ok(value) = HeaderValue::try_from(link) {
            out.insert(header::LINK, value);
        }
    }
    Ok(response)
}

/// Where a record is served. A track goes by its CID part, which needs no escapes.
pub(super) fn path_of(id: &RecordId) -> String {
    let name = if id.as_str().starts_with("osp:track:") { id.cid_text() } else { id.as_str() };
    format!("/api/v1/tracks/{name}")
}
