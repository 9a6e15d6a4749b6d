//! The HTTP interface (DESIGN section 8, spec/openapi.json).
//!
//! | path | module |
//! |---|---|
//! | `/api/v1/node`, `/healthz`, `/metrics`, `/api/v1/openapi.json` | [`about`] |
//! | `/api/v1/tracks…` | [`tracks`], [`audio`] |
//! | `/api/v1/blobs/{cid}` | [`blobs`] |
//! | `/ipfs/{cid}` | [`gateway`] |
//! | `/torrents/{infohash}.torrent` | [`torrents`] |
//! | everything else | [`crate::pages`] |

use crate::Node;
use axum::Router;
use std::sync::Arc;

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState {
    /// The node behind the interface.
    pub node: Arc<Node>,
    /// How this server is reached from outside, without a trailing slash (`--public-url`, else `http://addr`).
    pub public_url: Arc<str>,
    /// The bearer token that writing needs.
    pub token: Arc<str>,
}

/// The whole interface: API, gateway and pages.
pub fn router(state: AppState) -> Router {
    let _ = state;
    todo!()
}
