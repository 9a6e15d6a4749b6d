//! The HTTP interface (the contract is spec/openapi.json, kept true by a test).
//!
//! | path | module |
//! |---|---|
//! | `/api/v1/node`, `/healthz`, `/metrics`, `/api/v1/openapi.json` | [`about`], [`metrics`] |
//! | `/api/v1/tracks`, `/api/v1/tracks/{id}` | [`tracks`]; with `scope=network` `search` |
//! | `/api/v1/records` | `records` |
//! | `/api/v1/artists/{did}` | `artists` |
//! | `/api/v1/tracks/{id}/audio` | [`audio`], `arriving` |
//! | `/api/v1/tracks/{id}/sources` | [`sources`] |
//! | `/api/v1/feed` | `feed` |
//! | `/api/v1/blobs/{cid}` | [`blobs`] |
//! | `/ipfs/{cid}` | [`gateway`] |
//! | `/routing/v1/providers/{cid}` | `routing` |
//! | `/torrents/{infohash}.torrent` | [`torrents`] |
//! | `/announce`, `/scrape` | [`announce`] |
//! | everything else | [`crate::pages`] |
//!
//! What every answer has in common:
//!
//! ```text
//!  drain               drain      what is left of the request body goes nowhere, so that answers arrive
//!  CORS                cors       errors too, so that a browser can read why
//!  metrics             metrics    by route and status
//!  panics              (tower)    one request fails with 500, the node goes on
//!  routes              routes     the table below, and what openapi.json is compared with
//! ```

pub mod about;
pub mod announce;
mod arriving;
mod artists;
pub mod audio;
pub mod auth;
pub mod blobs;
pub mod body;
pub(crate) mod cache;
mod conditional;
mod content;
pub mod cors;
pub mod disposition;
mod drain;
pub mod error;
pub(crate) mod events;
mod extract;
pub(crate) mod feed;
pub mod gateway;
mod guard;
pub(crate) mod lookup;
pub mod metrics;
pub mod range;
mod records;
mod routes;
mod routing;
pub(crate) mod search;
pub(crate) mod searches;
mod slots;
pub mod sources;
pub mod state;
pub mod torrents;
pub mod tracks;

pub use error::ApiError;
pub use routes::{documented_routes, router};
pub use state::AppState;
