//! Tracks: search, and one by id.

use super::{
    ApiError, AppState, conditional,
    extract::{PathParams, QueryParams},
    lookup,
};
use crate::social::trust_ranks;
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use osp_core::{did::Did, record::RecordId};
use osp_store::{Page, Query, StoreError, StoredRecord};
use serde::Deserialize;

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
}

impl SearchParams {
    fn into_query(self) -> Result<Query, ApiError> {
        let given = |name: &str, text: Option<String>| match text {
            Some(text) if text.len() > MAX_QUERY => {
                Err(ApiError::usage(format!("{name} is longer than {MAX_QUERY} bytes")))
            }
            text => Ok(text.filter(|t| !t.is_empty())),
        };
        // network: a node without discovery knows no more than itself, and says so by the same answer.
        if let Some(scope) = given("scope", self.scope)?
            && scope != "local"
            && scope != "network"
        {
            return Err(ApiError::usage("scope is neither local nor network"));
        }
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
        Ok(Query {
            text: given("q", self.q)?,
            artist,
            title: given("title", self.title)?,
            album: given("album", self.album)?,
            genre: given("genre", self.genre)?,
            limit,
            cursor: given("cursor", self.cursor)?,
            trust: None,
        })
    }
}

/// `GET /api/v1/tracks`
///
/// # Errors
/// 400 for a parameter that cannot be read.
pub(super) async fn search(
    State(state): State<AppState>,
    QueryParams(params): QueryParams<SearchParams>,
) -> Result<Response, ApiError> {
    let mut query = params.into_query()?;
    query.trust = Some(trust_ranks(&state.node).await?);
    let page = state.node.records().search(&query).await.map_err(|e| match e {
        StoreError::Cursor(_) => ApiError::usage("cursor is not one that this node gave")
            .hint("take «next» of the previous page, or leave cursor out to start again"),
        e => e.into(),
    })?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, page_json(&page)).into_response())
}

/// `{"tracks":[…],"next":…}` around the records' own canonical bytes: what was signed is what is sent.
fn page_json(page: &Page) -> Vec<u8> {
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
