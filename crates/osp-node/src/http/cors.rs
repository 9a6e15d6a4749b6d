//! Cross-origin reading (Fetch standard, CORS): any page may read what is public, errors included.
//!
//! There are no cookies and no ambient credentials here, so `*` gives a page nothing its user's browser could not
//! fetch anyway. Writing from other origins is not offered: preflights grant GET and HEAD alone.

use axum::http::{HeaderName, Method, header};
use std::time::Duration;
use tower_http::cors::{Any, CorsLayer};

/// Headers that pages may read beside the safelisted ones.
const EXPOSED: [HeaderName; 9] = [
    header::CONTENT_RANGE,
    header::CONTENT_LENGTH,
    header::ETAG,
    header::ACCEPT_RANGES,
    header::LINK,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LOCATION,
    HeaderName::from_static("x-ipfs-path"),
    HeaderName::from_static("x-ipfs-roots"),
];

/// Headers that pages may send beside the safelisted ones.
const ALLOWED: [HeaderName; 5] =
    [header::RANGE, header::IF_RANGE, header::IF_NONE_MATCH, header::CACHE_CONTROL, header::CONTENT_TYPE];

/// The layer around everything.
pub fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD])
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED)
        .max_age(Duration::from_secs(24 * 60 * 60))
}
