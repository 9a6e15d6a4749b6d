//! The node's tracker over HTTP: whom it serves, what it tells, where its address is named.

use crate::support::{PUBLIC_URL, Server, noise};
use axum::http::StatusCode;
use osp_core::{Cid, torrent::Magnet};
use osp_node::{
    config::tracker::{TrackerMode, TrustedProxies},
    http::{AppState, announce::TrackerSettings, router},
};
use osp_store::Block;
use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    Event,
    http::{AnnounceQuery, AnnounceReply, ReplyError, ScrapeQuery, scraped},
};
use std::sync::Arc;

fn behind_a_proxy(mode: TrackerMode) -> Server {
    let mut server = Server::new();
    let state =
        AppState::new(Arc::clone(&server.node), PUBLIC_URL, crate::support::TOKEN, crate::support::MAX_BLOB);
    let settings = TrackerSettings { mode, proxies: TrustedProxies::loopback(), allow_private: false };
    server.app = router(state.with_tracker(settings));
    server
}

async fn infohash(server: &Server, cid: &Cid) -> InfoHash {
    InfoHash(server.node.blobs().find(cid).await.unwrap().unwrap().infohash)
}

fn query(infohash: InfoHash, n: u8, left: u64) -> AnnounceQuery {
    AnnounceQuery {
        infohash,
        peer_id: PeerId([n; 20]),
        port: 6881,
        uploaded: 0,
        downloaded: 0,
        left: Some(left),
        event: Event::Started,
        want: None,
        compact: true,
        key: None,
    }
}

async fn announce(server: &Server, from: &str, query: &AnnounceQuery) -> Result<AnnounceReply, ReplyError> {
    let path = format!("/announce?{}", query.to_query());
    let answer = server.get_with(&path, &[("x-forwarded-for", from)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("cache-control"), "no-store");
    AnnounceReply::parse(&answer.body)
}

#[tokio::test]
async fn peers_of_own_content_learn_of_each_other() {
    let server = behind_a_proxy(TrackerMode::Own);
    let cid = server.store(&noise(5000, 1), &[]).await[0];
    let hash = infohash(&server, &cid).await;
    assert!(announce(&server, "8.8.8.8", &query(hash, 1, 0)).await.unwrap().peers.is_empty());
    let told = announce(&server, "spoofed, 9.9.9.9", &query(hash, 2, 5)).await.unwrap();
    assert_eq!(told.peers, [("8.8.8.8:6881".parse().unwrap(), None)]);
    assert_eq!((told.stats.complete, told.stats.incomplete), (1, 1));
    let long = AnnounceQuery { compact: false, ..query(hash, 3, 5) };
    let told = announce(&server, "2a00::3", &long).await.unwrap();
    assert_eq!(told.peers.len(), 2);
    assert!(told.peers.iter().all(|(_, id)| id.is_some()));
    // Loopback addresses are for this machine alone.
    let own = server.get(&format!("/announce?{}", query(hash, 4, 5).to_query())).await;
    assert_eq!(AnnounceReply::parse(&own.body).unwrap().peers.len(), 3);
    assert_eq!(announce(&server, "8.8.4.4", &query(hash, 5, 5)).await.unwrap().peers.len(), 3);
    let scrape = ScrapeQuery { infohashes: vec![hash, InfoHash([9; 20])] };
    let answer = server.get(&format!("/scrape?{}", scrape.to_query())).await;
    let all = scraped(&answer.body).unwrap();
    assert_eq!(all.len(), 1, "only what is served");
    assert_eq!((all[0].1.complete, all[0].1.incomplete), (1, 4));
    let metrics = String::from_utf8(server.get("/metrics").await.body.to_vec()).unwrap();
    for line in ["osp_tracker_swarms 1", "osp_tracker_address_peers 5", "osp_tracker_http_announces_total 5"]
    {
        assert!(metrics.lines().any(|l| l == line), "{line} in:\n{metrics}");
    }
    assert!(!metrics.contains("8.8.8.8"));
}

#[tokio::test]
async fn what_is_not_here_or_not_wanted_is_refused() {
    let server = behind_a_proxy(TrackerMode::Own);
    let cid = server.store(&noise(5000, 2), &[]).await[0];
    let hash = infohash(&server, &cid).await;
    let failure = |reply: Result<AnnounceReply, ReplyError>| match reply {
        Err(ReplyError::Failure(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let reason = failure(announce(&server, "8.8.8.8", &query(InfoHash([9; 20]), 1, 0)).await);
    assert!(reason.contains("holds"), "{reason}");
    announce(&server, "8.8.8.8", &query(hash, 1, 0)).await.unwrap();
    server.node.records().block(&Block::Content(cid), None).await.unwrap();
    let reason = failure(announce(&server, "9.9.9.9", &query(hash, 2, 5)).await);
    assert!(reason.contains("operator"), "{reason}");
    server.node.records().unblock(&Block::Content(cid)).await.unwrap();
    let told = announce(&server, "9.9.9.9", &query(hash, 2, 5)).await.unwrap();
    assert!(told.peers.is_empty(), "the swarm of blocked content was forgotten");
    for garbage in ["", "info_hash=x", "info_hash=%zz&peer_id=&port=0"] {
        let answer = server.get(&format!("/announce?{garbage}")).await;
        assert_eq!(answer.status, StatusCode::OK);
        failure(AnnounceReply::parse(&answer.body));
    }
}

#[tokio::test]
async fn an_open_tracker_serves_strangers_content_too_but_nothing_blocked() {
    let server = behind_a_proxy(TrackerMode::Open);
    let cid = server.store(&noise(5000, 3), &[]).await[0];
    let hash = infohash(&server, &cid).await;
    assert!(announce(&server, "8.8.8.8", &query(InfoHash([9; 20]), 1, 0)).await.is_ok());
    server.node.records().block(&Block::Content(cid), None).await.unwrap();
    assert!(announce(&server, "8.8.8.8", &query(hash, 1, 0)).await.is_err());
}

#[tokio::test]
async fn a_tracker_that_is_off_is_not_there_nor_named() {
    let server = behind_a_proxy(TrackerMode::Off);
    let record = server.publish("T", &noise(5000, 4)).await;
    for path in ["/announce?x", "/scrape?x"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.class()), (StatusCode::NOT_FOUND, "not-found".to_owned()));
    }
    assert!(server.get("/api/v1/node").await.json()["offers"]["tracker"].is_null());
    let sources = server.get(&format!("/api/v1/tracks/{}/sources", record.id().cid_text())).await.json();
    assert_eq!(sources["trackers"], serde_json::json!([]));
}

#[tokio::test]
async fn sources_and_torrents_name_the_tracker() {
    let server = Server::new();
    let record = server.publish("T", &noise(5000, 5)).await;
    let own = ["ws://node.example/announce", "http://node.example/announce"];
    let sources = server.get(&format!("/api/v1/tracks/{}/sources", record.id().cid_text())).await.json();
    assert_eq!(sources["trackers"], serde_json::json!(own));
    let magnet = Magnet::parse(sources["magnet"].as_str().unwrap()).unwrap();
    assert_eq!(magnet.trackers, own);
    let torrent = server.get(&format!("/torrents/{}.torrent", magnet.infohash_hex())).await;
    let torrent = String::from_utf8_lossy(&torrent.body).into_owned();
    assert!(own.iter().all(|url| torrent.contains(url)), "{torrent}");
    assert_eq!(server.get("/api/v1/node").await.json()["offers"]["tracker"], own[0]);
}
