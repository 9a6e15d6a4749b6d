//! The feed that other nodes follow.

use crate::support::{Server, artist, track};
use axum::http::StatusCode;
use osp_core::{
    content::{raw_cid, sha256},
    record::{Record, Retraction, Verified},
};
use osp_store::Block;
use serde_json::Value;

async fn put(server: &Server, record: &Verified<Record>) -> String {
    server.node.records().put(std::slice::from_ref(record)).await.unwrap();
    record.id().as_str().to_owned()
}

async fn publish(server: &Server, title: &str) -> String {
    put(server, &track(title, &raw_cid(sha256(title.as_bytes())), &[])).await
}

/// Ids, cursor and whether there is more.
async fn page(server: &Server, query: &str) -> (Vec<String>, String, bool) {
    let answer = server.get(&format!("/api/v1/feed?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let page = answer.json();
    let id = |record: &Value| record["id"].as_str().unwrap().to_owned();
    let ids = page["records"].as_array().unwrap().iter().map(id).collect();
    (ids, page["next"].as_str().unwrap().to_owned(), page["more"].as_bool().unwrap())
}

#[tokio::test]
async fn everything_comes_once_and_in_order() {
    let server = Server::new();
    assert_eq!(page(&server, "").await, (vec![], String::new(), false));
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        ids.push(publish(&server, title).await);
    }
    let (first, cursor, more) = page(&server, "limit=2").await;
    assert_eq!((&first[..], more), (&ids[..2], true));
    let (rest, cursor, _) = page(&server, &format!("limit=2&after={cursor}")).await;
    assert_eq!(rest, ids[2..]);
    assert_eq!(page(&server, &format!("after={cursor}")).await, (vec![], cursor, false));
}

#[tokio::test]
async fn a_cursor_of_another_store_begins_anew() {
    let (one, other) = (Server::new(), Server::new());
    publish(&one, "a").await;
    let b = publish(&other, "b").await;
    let (_, cursor, _) = page(&one, "").await;
    assert_eq!(page(&other, &format!("after={cursor}")).await.0, [b]);
    let answer = one.get("/api/v1/feed?after=yesterday").await;
    assert_eq!((answer.status, answer.class()), (StatusCode::BAD_REQUEST, "usage".into()));
}

#[tokio::test]
async fn a_withdrawal_goes_on_and_the_track_does_not() {
    let server = Server::new();
    let record = track("a", &raw_cid(sha256(b"a")), &[]);
    put(&server, &record).await;
    let (_, cursor, _) = page(&server, "").await;
    let word = put(&server, &Retraction::sign(&record.id(), None, &artist()).unwrap()).await;
    for query in [String::new(), format!("after={cursor}")] {
        assert_eq!(page(&server, &query).await.0[..], *std::slice::from_ref(&word), "{query}");
    }
}

#[tokio::test]
async fn what_is_blocked_is_passed_over_and_the_cursor_goes_on() {
    let server = Server::new();
    let blocked = track("a", &raw_cid(sha256(b"a")), &[]);
    put(&server, &blocked).await;
    server.node.records().block(&Block::Record(blocked.id()), None).await.unwrap();
    let (ids, cursor, _) = page(&server, "").await;
    assert!(ids.is_empty() && !cursor.is_empty());
    let b = publish(&server, "b").await;
    assert_eq!(page(&server, &format!("after={cursor}")).await.0, [b]);
}

#[tokio::test]
async fn who_waits_hears_of_what_comes() {
    let server = Server::new();
    let waits = page(&server, "wait=30");
    let publishes = async {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        publish(&server, "a").await
    };
    let ((ids, ..), id) = tokio::join!(waits, publishes);
    assert_eq!(ids, [id]);
}
