//! A node in a temporary folder, asked through its router without a socket.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub)]

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, Response, StatusCode, header},
};
use bytes::Bytes;
use osp_core::{
    Cid,
    json::Json,
    key::ArtistKey,
    record::{Record, TrackDraft, Verified},
    torrent::{PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Profile},
};
use osp_node::{
    Node, NodeOptions,
    http::{AppState, router},
};
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt as _;

pub const TOKEN: &str = "test-token-of-the-node-0123456789";
pub const PUBLIC_URL: &str = "http://node.example";
pub const MAX_BLOB: u64 = 8 * 1024 * 1024;

pub struct Server {
    pub home: TempDir,
    pub node: Arc<Node>,
    pub app: Router,
}

/// An answer whose body was read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    pub fn class(&self) -> String {
        self.json()["error"]["class"].as_str().unwrap().to_owned()
    }
}

impl Server {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let node = Node::open(home.path(), &NodeOptions::default()).unwrap();
        let app = router(AppState::new(Arc::clone(&node), PUBLIC_URL, TOKEN, MAX_BLOB));
        Self { home, node, app }
    }

    pub async fn start(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.start(request).await.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request(Method::GET, path, headers, Body::empty())).await
    }

    pub async fn head(&self, path: &str) -> Answer {
        self.send(request(Method::HEAD, path, &[], Body::empty())).await
    }

    pub async fn post(&self, body: impl Into<Body>) -> Answer {
        let headers = [("authorization", &*format!("Bearer {TOKEN}"))];
        self.send(request(Method::POST, "/api/v1/tracks", &headers, body.into())).await
    }

    pub async fn put(&self, cid: &str, content: &[u8]) -> Answer {
        let length = content.len().to_string();
        let headers = [("authorization", &*format!("Bearer {TOKEN}")), ("content-length", &*length)];
        self.send(request(Method::PUT, &format!("/api/v1/blobs/{cid}"), &headers, content.to_vec().into()))
            .await
    }

    /// Stores bytes under their unixfs-v1-2025 CID and under `others`; gives all roots in this order.
    pub async fn store(&self, content: &[u8], others: &[Profile]) -> Vec<Cid> {
        let mut layouts = Vec::new();
        for profile in [Profile::V1_2025].iter().chain(others) {
            let mut importer = Importer::new(*profile);
            importer.update(content);
            layouts.push(importer.finish_layout());
        }
        let roots: Vec<Cid> = layouts.iter().map(|l| l.root).collect();
        let length = content.len() as u64;
        let mut pieces = PieceHasher::new(piece_length(length));
        pieces.update(content);
        let torrent = TorrentInfo {
            length,
            name: roots[0].to_string(),
            piece_length: piece_length(length),
            pieces: pieces.finish(),
        };
        let mut writer = self.node.blobs().writer().await.unwrap();
        for part in content.chunks(1 << 20) {
            writer.write(Bytes::copy_from_slice(part)).await.unwrap();
        }
        writer.commit(layouts, torrent).await.unwrap();
        roots
    }

    /// Stores content and a record that names it; gives the record.
    pub async fn publish(&self, title: &str, content: &[u8]) -> Verified<Record> {
        let cid = self.store(content, &[]).await[0];
        let record = track(title, &cid, &[]);
        self.node.records().put(std::slice::from_ref(&record)).await.unwrap();
        record
    }
}

pub fn request(method: Method, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header(header::HOST, "node.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

pub fn artist() -> ArtistKey {
    ArtistKey::from_seed(&[7; 32])
}

/// A signed track in Opus.
pub fn track(title: &str, cid: &Cid, more: &[(&str, &str)]) -> Verified<Record> {
    let mut draft = TrackDraft {
        title: title.to_owned(),
        format: "audio/opus".to_owned(),
        cid: cid.to_string(),
        ..TrackDraft::default()
    };
    for (member, value) in more {
        draft.set(member, Json::String((*value).to_owned()));
    }
    draft.sign(&artist(), None).unwrap()
}

/// Bytes that look random and are the same every time.
pub fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..len)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect()
}

pub fn audio_path(record: &Record) -> String {
    format!("/api/v1/tracks/{}/audio", record.id().cid_text())
}
