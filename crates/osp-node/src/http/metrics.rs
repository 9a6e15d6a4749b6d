//! Counters in Prometheus' text format (exposition format 0.0.4). No addresses, no ids: the label sets are fixed.

mod network;

use super::{ApiError, AppState, routes};
use axum::{
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use osp_store::Custody as _;
use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Statuses with a counter of their own; others share one.
const STATUSES: [u16; 22] = [
    101, 200, 201, 206, 304, 400, 401, 403, 404, 405, 406, 408, 410, 411, 412, 413, 416, 422, 500, 502, 503,
    507,
];

/// Columns: every status of [`STATUSES`], then `other`.
const COLUMNS: usize = STATUSES.len() + 1;

/// Counters of one server.
pub(super) struct Metrics {
    /// Row by row: a route of [`routes::LABELS`] has [`COLUMNS`] counters.
    requests: Vec<AtomicU64>,
    content_bytes: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let requests =
            std::iter::repeat_with(AtomicU64::default).take(routes::LABELS.len() * COLUMNS).collect();
        Self { requests, content_bytes: AtomicU64::new(0) }
    }
}

impl Metrics {
    /// Counts bytes of content handed to a connection.
    pub(super) fn count_content(&self, bytes: usize) {
        self.content_bytes.fetch_add(bytes as u64, Relaxed);
    }

    fn count_request(&self, route: usize, status: u16) {
        let column = STATUSES.iter().position(|s| *s == status).unwrap_or(STATUSES.len());
        if let Some(counter) = self.requests.get(route * COLUMNS + column) {
            counter.fetch_add(1, Relaxed);
        }
    }

    fn write_requests(&self, out: &mut String) {
        out.push_str(
            "# HELP osp_http_requests_total Requests answered.\n# TYPE osp_http_requests_total counter\n",
        );
        for (row, route) in self.requests.chunks(COLUMNS).zip(routes::LABELS) {
            for (column, counter) in row.iter().enumerate() {
                let count = counter.load(Relaxed);
                if count > 0 {
                    let status = STATUSES.get(column).map_or_else(|| "other".to_owned(), u16::to_string);
                    // Writing to a String cannot fail.
                    let _ = writeln!(
                        out,
                        "osp_http_requests_total{{route=\"{route}\",status=\"{status}\"}} {count}"
                    );
                }
            }
        }
    }
}

/// Counts every request by the route that took it.
pub(super) async fn count(
    State(state): State<AppState>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let route = routes::label(path.as_ref().map(MatchedPath::as_str));
    let response = next.run(request).await;
    state.shared.metrics.count_request(route, response.status().as_u16());
    response
}

/// `GET /metrics`
///
/// # Errors
/// 500 when the store does not answer.
pub(super) async fn get(State(state): State<AppState>) -> Result<Response, ApiError> {
    let counts = state.node.records().counts().await?;
    let tracker = state.tracker.numbers();
    let guests = state.node.store().guest_totals().await?;
    let tally = state.node.tally();
    let mut out = String::with_capacity(4096);
    state.shared.metrics.write_requests(&mut out);
    let simple = [
        (
            "osp_http_content_bytes_total",
            "counter",
            "Bytes of content sent.",
            state.shared.metrics.content_bytes.load(Relaxed),
        ),
        ("osp_tracker_swarms", "gauge", "Swarms with a member.", tracker.counts.swarms as u64),
        (
            "osp_tracker_address_peers",
            "gauge",
            "Members who can be called, each swarm counted.",
            tracker.counts.callable as u64,
        ),
        (
            "osp_tracker_websocket_peers",
            "gauge",
            "Members over WebSockets, each swarm counted.",
            tracker.counts.reachable as u64,
        ),
        ("osp_tracker_http_announces_total", "counter", "Announces over HTTP.", tracker.http),
        ("osp_tracker_websocket_announces_total", "counter", "Announces over WebSockets.", tracker.websocket),
        ("osp_tracks", "gauge", "Current tracks.", counts.tracks),
        ("osp_artists", "gauge", "Artists with a current track.", counts.artists),
        ("osp_blobs", "gauge", "Stored contents.", counts.blobs),
        ("osp_blob_bytes", "gauge", "Bytes in them.", counts.bytes),
        ("osp_guests", "gauge", "Contents kept for others.", guests.blobs),
        ("osp_guest_bytes", "gauge", "Bytes in them.", guests.bytes),
        ("osp_guest_pinned_bytes", "gauge", "Bytes in those that are pinned.", guests.pinned_bytes),
        ("osp_guest_quota_bytes", "gauge", "Bytes that they may take.", tally.quota.load(Relaxed)),
        (
            "osp_guest_evictions_total",
            "counter",
            "Contents given up to make room.",
            tally.evictions.load(Relaxed),
        ),
    ];
    for (name, kind, help, value) in simple {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    if let Some(network) = state.node.network_joined() {
        network::write(&mut out, &network.status().await);
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response())
}
