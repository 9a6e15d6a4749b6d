//! `GET /routing/v1/providers/{cid}`: who has a block, as delegated routing writes it
//! (specs.ipfs.tech/routing/http-routing-v1).
//!
//! ```text
//!  {"Providers":[{"Schema":"peer","ID":"12D3Koo…","Addrs":["/ip4/…/tcp/4001"],"Protocols":["transport-bitswap"]}]}
//!  application/x-ndjson: one such object a line
//! ```
//!
//! The node knows of nobody but itself: it answers for what it has and may serve, else with an empty list.

use super::{ApiError, AppState, content, extract::PathParams, guard, lookup};
use crate::peering::ipfs::Provider;
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use osp_core::{Cid, content::parse_cid};
use serde::Serialize;

/// spec/schemas/providers.json
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Providers {
    providers: Vec<Provider>,
}

/// The handler.
///
/// # Errors
/// 400 for what is no CID.
pub(super) async fn providers(
    State(state): State<AppState>,
    PathParams(cid): PathParams<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cid = parse_cid(&cid).map_err(|error| ApiError::usage(error.to_string()))?;
    let providers = of(&state, &cid).await?;
    let mut response = if takes_lines(&headers) {
        let lines = providers.iter().filter_map(|provider| serde_json::to_string(provider).ok());
        let lines: String = lines.map(|line| line + "\n").collect();
        ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response()
    } else {
        Json(Providers { providers }).into_response()
    };
    let out = response.headers_mut();
    out.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-cache"));
    out.insert(header::VARY, header::HeaderValue::from_static("accept"));
    content::harmless(out);
    Ok(response)
}

/// This node, if it has the block and may serve it.
async fn of(state: &AppState, cid: &Cid) -> Result<Vec<Provider>, ApiError> {
    match guard::block(state, cid).await {
        Ok(()) => {}
        Err(refused) if refused.status() == StatusCode::GONE => return Ok(Vec::new()),
        Err(other) => return Err(other),
    }
    let blobs = state.node.blobs();
    let mut here = !blobs.blobs_with_block(cid).await?.is_empty();
    if let Some(twin) = lookup::other_version(cid).filter(|_| !here) {
        here = !blobs.blobs_with_block(&twin).await?.is_empty();
    }
    Ok(if here { own(state).await } else { Vec::new() })
}

/// This node, if it speaks libp2p.
pub(super) async fn own(state: &AppState) -> Vec<Provider> {
    state.node.ipfs().provider().await.into_iter().collect()
}

fn takes_lines(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("application/x-ndjson"))
}
