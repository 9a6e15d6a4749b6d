//! Audio that is not here: fetched from where its record says, and sent while it comes.

use crate::support::{Server, audio_path, noise, track};
use axum::http::StatusCode;
use osp_core::{
    record::{Record, Verified},
    torrent::Magnet,
};
use osp_node::{
    Node, NodeOptions,
    http::{AppState, router},
};
use std::{net::SocketAddr, sync::Arc};
use tokio::task::JoinHandle;

/// A node that listens, to be a mirror.
struct Mirror {
    server: Server,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Mirror {
    async fn new() -> Self {
        let server = Server::new();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = server.app.clone();
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { server, address, task }
    }

    /// Has the content; gives a record that names this place.
    async fn publish(&self, bytes: &[u8]) -> Verified<Record> {
        let cid = self.server.store(bytes, &[]).await[0];
        let blob = self.server.node.blobs().find(&cid).await.unwrap().unwrap();
        let seed = format!("http://{}/ipfs/{cid}", self.address);
        let magnet = Magnet {
            infohash: blob.infohash,
            size: Some(blob.size),
            web_seeds: vec![seed],
            trackers: vec![],
        };
        track("T", &cid, &[("torrent", &magnet.to_string())])
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A node that may ask this machine's addresses.
fn listener() -> Server {
    let home = tempfile::tempdir().unwrap();
    let node = Node::open(home.path(), &NodeOptions { allow_private: true }).unwrap();
    let state = AppState::new(Arc::clone(&node), crate::support::PUBLIC_URL, crate::support::TOKEN, 8 << 20);
    Server { home, node, app: router(state) }
}

#[tokio::test]
async fn a_track_plays_before_it_is_here_and_is_kept() {
    let mirror = Mirror::new().await;
    let bytes = noise(5_000_000, 1);
    let record = mirror.publish(&bytes).await;
    let here = listener();
    here.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let path = audio_path(&record);

    let head = here.head(&path).await;
    assert_eq!((head.status, head.header("content-length")), (StatusCode::OK, "5000000"));
    let part = here.get_with(&path, &[("range", "bytes=4000000-4000099")]).await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT, "{}", String::from_utf8_lossy(&part.body));
    assert_eq!(part.header("content-range"), "bytes 4000000-4000099/5000000");
    assert!(part.body == bytes[4_000_000..4_000_100]);
    let whole = here.get(&path).await;
    assert_eq!((whole.status, whole.header("content-length")), (StatusCode::OK, "5000000"));
    assert!(whole.body == bytes);

    let cid = record.as_track().unwrap().content();
    while here.node.blobs().find(&cid).await.unwrap().is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    drop(mirror);
    assert!(here.get(&path).await.body == bytes, "it stays when its source is gone");
}

#[tokio::test]
async fn ranges_beyond_the_end_are_told_by_the_true_size() {
    let mirror = Mirror::new().await;
    let bytes = noise(100_000, 2);
    let cid = mirror.server.store(&bytes, &[]).await[0];
    let seed = format!("http://{}/ipfs/{cid}", mirror.address);
    // The record says a size that is too large.
    let magnet = Magnet { infohash: [1; 20], size: Some(200_000), web_seeds: vec![seed], trackers: vec![] };
    let record = track("T", &cid, &[("torrent", &magnet.to_string())]);
    let here = listener();
    here.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = here.get_with(&audio_path(&record), &[("range", "bytes=100000-")]).await;
    assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(answer.header("content-range"), "bytes */100000");
}

#[tokio::test]
async fn what_nobody_has_is_not_found_and_says_who_was_asked() {
    let mirror = Mirror::new().await;
    let record = mirror.publish(b"soon gone").await;
    let blob = mirror.server.node.blobs().find(&record.as_track().unwrap().content()).await.unwrap().unwrap();
    mirror.server.node.blobs().remove(&blob).await.unwrap();
    let here = listener();
    here.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let answer = here.get(&audio_path(&record)).await;
    let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
    let told = (answer.status, answer.class());
    assert_eq!(told, (StatusCode::NOT_FOUND, "not-found".to_owned()), "{message}");
    assert!(message.contains(&mirror.address.to_string()), "{message}");
}

#[tokio::test]
async fn blocked_content_is_not_fetched() {
    let mirror = Mirror::new().await;
    let record = mirror.publish(&noise(1000, 3)).await;
    let here = listener();
    here.node.records().put(std::slice::from_ref(&record)).await.unwrap();
    let block = osp_store::Block::Content(record.as_track().unwrap().content());
    here.node.records().block(&block, None).await.unwrap();
    let answer = here.get(&audio_path(&record)).await;
    assert_eq!((answer.status, answer.class()), (StatusCode::GONE, "blocked".to_owned()));
}
