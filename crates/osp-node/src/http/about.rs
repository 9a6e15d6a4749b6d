//! The node about itself: `/api/v1/node`, `/api/v1/openapi.json`, `/healthz`.

use super::{ApiError, AppState};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// The contract, as in the specification.
pub const OPENAPI: &str = include_str!("../../../../spec/openapi.json");

/// spec/schemas/node.json
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct About {
    software: &'static str,
    version: &'static str,
    /// OSP versions it reads.
    protocol: [&'static str; 1],
    public_url: String,
    counts: Holds,
    offers: Offers,
}

#[derive(Debug, Serialize)]
struct Holds {
    tracks: u64,
    artists: u64,
    blobs: u64,
    bytes: u64,
}

/// Other services; `null` while the layer does not exist.
#[derive(Debug, Serialize)]
struct Offers {
    gateway: Option<String>,
    torrents: Option<String>,
    tracker: Option<String>,
    bittorrent: Option<String>,
    p2p: Option<Vec<String>>,
}

/// `GET /api/v1/node`
///
/// # Errors
/// 500 when the store does not answer.
pub(super) async fn node(State(state): State<AppState>) -> Result<Response, ApiError> {
    let counts = state.node.records().counts().await?;
    let about = About {
        software: "osp",
        version: env!("CARGO_PKG_VERSION"),
        protocol: [osp_core::record::VERSION],
        public_url: state.public_url.to_string(),
        counts: Holds {
            tracks: counts.tracks,
            artists: counts.artists,
            blobs: counts.blobs,
            bytes: counts.bytes,
        },
        offers: Offers {
            gateway: Some(format!("{}/ipfs/", state.public_url)),
            torrents: Some(format!("{}/torrents/", state.public_url)),
            tracker: state.tracker.web_address(&state.public_url),
            bittorrent: None,
            p2p: state.node.ipfs().named_addresses().await,
        },
    };
    Ok(([(header::CACHE_CONTROL, "no-cache")], Json(about)).into_response())
}

/// `GET /api/v1/openapi.json`
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=3600")], OPENAPI)
        .into_response()
}

/// `GET /healthz`: 200 while the store answers, else 503.
pub(super) async fn healthz(State(state): State<AppState>) -> Response {
    let (status, word) = match state.node.records().generation().await {
        Ok(_) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "failing")
        }
    };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({ "status": word })))
        .into_response()
}
