//! Announces and scrapes over HTTP (BEP 3, 23, 48).

use super::{
    super::{ApiError, AppState},
    Carrier, served,
};
use axum::{
    extract::{RawQuery, State},
    http::{header, request::Parts},
    response::{IntoResponse as _, Response},
};
use osp_tracker::{
    http::{AnnounceQuery, AnnounceReply, ScrapeQuery, failure, scrape_reply},
    registry::Announce,
};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

/// One announce.
pub(super) async fn announce(state: &AppState, from: IpAddr, request: &Parts) -> Response {
    let tracker = &state.tracker;
    let query = match AnnounceQuery::parse(request.uri.query().unwrap_or_default()) {
        Ok(query) => query,
        Err(error) => return answer(failure(&error.to_string())),
    };
    tracker.count(Carrier::Http);
    let here = match served::check(state, query.infohash).await {
        Ok(here) => here,
        Err(error) => return answer(failure(&error.to_string())),
    };
    let announce = Announce {
        infohash: query.infohash,
        peer_id: query.peer_id,
        address: SocketAddr::new(from, query.port),
        event: query.event,
        left: query.left,
        want: query.want,
        key: query.key,
    };
    let told = tracker.registry().announce(tracker.now(), &announce);
    match told {
        Ok(told) => {
            let mut peers: Vec<_> = told.peers.into_iter().map(|(address, id)| (address, Some(id))).collect();
            let mut stats = tracker.scrape(query.infohash, here);
            if let Some(own) = tracker.own.get().filter(|own| here && own.peer_id != query.peer_id) {
                // Without WebRTC it is no resident, and counted here alone.
                stats.complete += u32::from(tracker.resident.get().is_none());
                if query.want != Some(0) {
                    peers.extend(own.addresses(request).into_iter().map(|a| (a, Some(own.peer_id))));
                }
            }
            let reply = AnnounceReply { interval: told.interval, stats, peers };
            answer(reply.to_bytes(query.compact))
        }
        Err(refused) => answer(failure(&refused.to_string())),
    }
}

/// `GET /scrape`: how many are in the swarms that are asked about. Those that are not served are left out.
///
/// # Errors
/// 404 when the tracker is off.
pub(in super::super) async fn scrape(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let tracker = state.tracker.if_on()?;
    let query = match ScrapeQuery::parse(&query.unwrap_or_default()) {
        Ok(query) => query,
        Err(error) => return Ok(answer(failure(&error.to_string()))),
    };
    let mut files = BTreeMap::new();
    for infohash in query.infohashes {
        if let Ok(here) = served::check(&state, infohash).await {
            files.insert(infohash, tracker.scrape(infohash, here));
        }
    }
    Ok(answer(scrape_reply(&files)))
}

fn answer(body: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain"), (header::CACHE_CONTROL, "no-store")], body).into_response()
}
