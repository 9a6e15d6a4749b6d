//! Searching with scope=network: what every node answers, and whose tracks come first.

use crate::support::{Server, request, track};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use osp_core::{
    content::{raw_cid, sha256},
    json::Json,
    key::ArtistKey,
    record::{FollowState, Record, TrackDraft, Verified},
};
use osp_node::{
    identity::{Protection, Signatory},
    social::follow::follow,
};
use serde_json::{Value, json};

const NOW: &str = "2026-01-15T12:00:00Z";

fn techno(key: &ArtistKey, title: &str) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.to_owned(),
        format: "audio/opus".to_owned(),
        cid: raw_cid(sha256(title.as_bytes())).to_string(),
        ..TrackDraft::default()
    };
    draft.set("genre", Json::Array(vec![Json::String("Techno".to_owned())]));
    draft.sign(key, None).unwrap()
}

fn key(n: u32) -> ArtistKey {
    ArtistKey::from_seed(&sha256(&n.to_be_bytes()))
}

fn titles(page: &Value) -> Vec<String> {
    let tracks = page["tracks"].as_array().unwrap();
    tracks.iter().map(|track| track["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_node_without_a_network_says_so_and_gives_what_it_has() {
    let server = Server::new();
    let record = track("Night", &raw_cid([1; 32]), &[]);
    server.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = server.get("/api/v1/tracks?scope=network&q=night").await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "no-store"));
    let page = answer.json();
    assert_eq!((titles(&page), &page["network"]), (vec!["Night".to_owned()], &Value::Null));
    let provenance = json!({"local": true, "peers": [], "trusted": null});
    assert_eq!(page["provenance"][record.id().as_str()], provenance);

    let events = [("accept", "text/event-stream")];
    let answer = server.get_with("/api/v1/tracks?scope=network&q=night", &events).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let local = server.get("/api/v1/tracks?q=night").await;
    let local = std::str::from_utf8(&local.body).unwrap();
    let told = format!("event: local\ndata: {local}\n\nevent: done\ndata: null\n\n");
    assert_eq!(std::str::from_utf8(&answer.body).unwrap(), told);

    // Who does not ask for the network gets no events, and who asks for the head alone no search.
    assert_eq!(
        server.get_with("/api/v1/tracks?q=night", &events).await.header("content-type"),
        "application/json"
    );
    let head = request(Method::HEAD, "/api/v1/tracks?scope=network&q=night", &events, Body::empty());
    assert_eq!(server.send(head).await.header("content-type"), "application/json");
}

#[tokio::test]
async fn parameters_are_checked_before_anything_is_told() {
    let server = Server::new();
    for bad in ["wait=soon", "cursor=nonsense", "limit=0", "artist=ada"] {
        for accept in ["application/json", "text/event-stream"] {
            let path = format!("/api/v1/tracks?scope=network&{bad}");
            let answer = server.get_with(&path, &[("accept", accept)]).await;
            assert_eq!((answer.status, answer.class()), (StatusCode::BAD_REQUEST, "usage".into()), "{bad}");
        }
    }
}

#[tokio::test]
async fn ten_thousand_spam_records_change_none_of_the_first_ten_of_whom_the_user_follows() {
    let server = Server::new();
    let me = server.node.identities().create("Me", &Protection::None, NOW).unwrap();
    let me = Signatory::from(server.node.identities().unlock(&me.did, None).unwrap());
    let followed = key(0);
    let own: Vec<_> = (0..12).map(|n| techno(&followed, &format!("Own {n}"))).collect();
    server.node.records().put(&own).await.unwrap();
    follow(&server.node, &me, &followed.did(), FollowState::Follow, NOW).await.unwrap();
    let first = async |scope: &str| {
        let path = format!("/api/v1/tracks?genre=techno&limit=10&scope={scope}");
        titles(&server.get(&path).await.json())
    };
    let (local, network) = (first("local").await, first("network").await);
    assert!(local.iter().chain(&network).all(|title| title.starts_with("Own")) && network.len() == 10);
    for thousand in 1..=10u32 {
        let spam: Vec<_> =
            (0..1000).map(|n| techno(&key(1000 * thousand + n), &format!("Techno {thousand} {n}"))).collect();
        server.node.records().put(&spam).await.unwrap();
    }
    assert_eq!(first("local").await, local);
    assert_eq!(first("network").await, network);
}
