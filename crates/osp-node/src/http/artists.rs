//! What is known of an artist.

use super::{ApiError, AppState, extract::PathParams, tracks::push_records};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use osp_core::did::Did;
use osp_store::{RecordIndex, Social};

/// Follows in one answer: at 64 KiB each, the bound on its memory.
const MAX_FOLLOWS: usize = 200;

/// `GET /api/v1/artists/{did}`: `{"profile":…,"follows":[…],"tracks":n}` around the records' own canonical bytes.
///
/// An artist of whom nothing is known is no error: any key may be one.
///
/// # Errors
/// 400 for what is no DID, 410 blocked.
pub(super) async fn get(
    State(state): State<AppState>,
    PathParams(did): PathParams<String>,
) -> Result<Response, ApiError> {
    let did = Did::parse(&did)
        .map_err(|e| ApiError::usage(e.to_string()).hint("the path ends in a DID such as did:key:z6Mk…"))?;
    let store = state.node.store();
    if store.is_artist_blocked(&did).await? {
        return Err(ApiError::blocked());
    }
    let profile = store.profile(&did).await?;
    let mut out = b"{\"profile\":".to_vec();
    out.extend_from_slice(profile.as_ref().map_or(b"null", |record| &record.json));
    out.extend_from_slice(b",\"follows\":[");
    push_records(&mut out, &store.follows(&did, MAX_FOLLOWS).await?);
    out.extend_from_slice(format!("],\"tracks\":{}}}", store.tracks_of(&did).await?).as_bytes());
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, out).into_response())
}
