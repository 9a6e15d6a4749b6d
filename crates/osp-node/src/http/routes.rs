//! The table of routes, which the metrics' labels and the test against spec/openapi.json read too.

use super::{
    AppState, about, announce, artists, audio, blobs, cors, drain, feed, gateway, metrics, records, routing,
    sources, torrents, tracks,
};
use crate::{http::ApiError, pages};
use axum::{
    Router, middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post, put},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

/// One row: the path as the router matches it, the path as the contract writes it, and the methods.
struct Route {
    matched: &'static str,
    documented: &'static str,
    methods: &'static [&'static str],
}

const fn route(matched: &'static str, documented: &'static str, methods: &'static [&'static str]) -> Route {
    Route { matched, documented, methods }
}

const READ: &[&str] = &["get", "head"];

/// What is routed. [`api`] adds a handler to each row and takes its path from here.
const TRACKS: Route = route("/api/v1/tracks", "/api/v1/tracks", &["get", "head", "post"]);
const TRACK: Route = route("/api/v1/tracks/{id}", "/api/v1/tracks/{id}", READ);
const RECORDS: Route = route("/api/v1/records", "/api/v1/records", &["post"]);
const ARTIST: Route = route("/api/v1/artists/{did}", "/api/v1/artists/{did}", READ);
const AUDIO: Route = route("/api/v1/tracks/{id}/audio", "/api/v1/tracks/{id}/audio", READ);
const SOURCES: Route = route("/api/v1/tracks/{id}/sources", "/api/v1/tracks/{id}/sources", READ);
const FEED: Route = route("/api/v1/feed", "/api/v1/feed", READ);
const BLOB: Route = route("/api/v1/blobs/{cid}", "/api/v1/blobs/{cid}", &["put"]);
const NODE: Route = route("/api/v1/node", "/api/v1/node", READ);
const OPENAPI: Route = route("/api/v1/openapi.json", "/api/v1/openapi.json", READ);
const CONTENT: Route = route("/ipfs/{cid}", "/ipfs/{cid}", READ);
const CONTENT_SLASH: Route = route("/ipfs/{cid}/", "/ipfs/{cid}", READ);
const CONTENT_PATH: Route = route("/ipfs/{cid}/{*path}", "/ipfs/{cid}", READ);
const PROVIDERS: Route = route("/routing/v1/providers/{cid}", "/routing/v1/providers/{cid}", READ);
const TORRENT: Route = route("/torrents/{file}", "/torrents/{infohash}.torrent", READ);
const ANNOUNCE: Route = route("/announce", "/announce", READ);
const SCRAPE: Route = route("/scrape", "/scrape", READ);
const HEALTH: Route = route("/healthz", "/healthz", READ);
const METRICS: Route = route("/metrics", "/metrics", READ);

const ALL: [&Route; 19] = [
    &TRACKS,
    &TRACK,
    &RECORDS,
    &ARTIST,
    &AUDIO,
    &SOURCES,
    &FEED,
    &BLOB,
    &NODE,
    &OPENAPI,
    &CONTENT,
    &CONTENT_SLASH,
    &CONTENT_PATH,
    &PROVIDERS,
    &TORRENT,
    &ANNOUNCE,
    &SCRAPE,
    &HEALTH,
    &METRICS,
];

/// Labels of the metrics: every row, then pages, then what no route took.
pub(super) const LABELS: [&str; ALL.len() + 2] = {
    let mut labels = ["page"; ALL.len() + 2];
    let mut i = 0;
    while i < ALL.len() {
        labels[i] = ALL[i].documented;
        i += 1;
    }
    labels[ALL.len() + 1] = "none";
    labels
};

/// The index into [`LABELS`] of what the router matched.
pub(super) fn label(matched: Option<&str>) -> usize {
    match matched {
        None => ALL.len() + 1,
        // Rows that share a documented path share the first one's counters.
        Some(path) => match ALL.iter().find(|r| r.matched == path) {
            Some(row) => ALL.iter().position(|r| r.documented == row.documented).unwrap_or(ALL.len()),
            None => ALL.len(),
        },
    }
}

/// Method and path of everything the API routes, as spec/openapi.json names them.
#[must_use]
pub fn documented_routes() -> Vec<(&'static str, &'static str)> {
    let mut all: Vec<_> =
        ALL.iter().flat_map(|r| r.methods.iter().map(|method| (*method, r.documented))).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The whole interface: API, gateway and pages.
pub fn router(state: AppState) -> Router {
    api()
        .merge(pages::router().layer(CompressionLayer::new()))
        .layer(middleware::from_fn_with_state(state.clone(), metrics::count))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors::layer())
        .layer(middleware::map_request(drain::rest_of))
        .with_state(state)
}

fn api() -> Router<AppState> {
    let text = CompressionLayer::new;
    Router::new()
        .route(TRACKS.matched, only(get(tracks::search).layer(text()).merge(post(records::post))))
        .route(TRACK.matched, only(get(tracks::get)))
        .route(RECORDS.matched, only(post(records::post)))
        .route(ARTIST.matched, only(get(artists::get).layer(text())))
        .route(AUDIO.matched, only(get(audio::get)))
        .route(SOURCES.matched, only(get(sources::get)))
        .route(FEED.matched, only(get(feed::get).layer(text())))
        .route(BLOB.matched, only(put(blobs::put)))
        .route(NODE.matched, only(get(about::node)))
        .route(OPENAPI.matched, only(get(about::openapi)).layer(text()))
        .route(CONTENT.matched, only(get(gateway::get)))
        .route(CONTENT_SLASH.matched, only(get(gateway::get)))
        .route(CONTENT_PATH.matched, only(get(gateway::get_path)))
        .route(PROVIDERS.matched, only(get(routing::providers)))
        .route(TORRENT.matched, only(get(torrents::get)))
        .route(ANNOUNCE.matched, only(get(announce::announce)))
        .route(SCRAPE.matched, only(get(announce::scrape)))
        .route(HEALTH.matched, only(get(about::healthz)))
        .route(METRICS.matched, only(get(metrics::get)))
        .route("/api/{*path}", axum::routing::any(no_such_route))
}

/// A row that answers other methods in this interface's own words.
fn only(methods: MethodRouter<AppState>) -> MethodRouter<AppState> {
    methods.fallback(no_such_method)
}

async fn no_such_method() -> ApiError {
    ApiError::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "usage", "this path does not take that method")
        .hint("GET /api/v1/openapi.json says which ones there are")
}

async fn no_such_route() -> ApiError {
    ApiError::not_found("there is nothing at this path").hint("GET /api/v1/openapi.json says what there is")
}

/// A handler that panicked is a bug: logged as one, while the node goes on.
fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let what = cause
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    tracing::error!(what, "a handler panicked; please report this");
    ApiError::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn a_panic_fails_one_request_and_says_nothing_of_its_cause() {
        async fn bug() -> Response {
            panic!("secret detail")
        }
        let app: Router = Router::new().route("/", get(bug)).layer(CatchPanicLayer::custom(panicked));
        for _ in 0..2 {
            let request = Request::new(Body::empty());
            let response = app.clone().oneshot(request).await.expect("infallible");
            assert_eq!(response.status(), axum::http::StatusCode::INTERNAL_SERVER_ERROR);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.expect("in memory");
            assert!(!String::from_utf8_lossy(&body).contains("secret"));
        }
    }

    #[test]
    fn every_route_has_a_label_and_unknown_ones_share_two() {
        for row in ALL {
            assert_eq!(LABELS[label(Some(row.matched))], row.documented);
        }
        assert_eq!(LABELS[label(Some("/track/{key}"))], "page");
        assert_eq!(LABELS[label(None)], "none");
    }
}
