//! Answers given before the request body was read reach clients that send everything first.

use crate::support::noise;
use osp_core::content::{raw_cid, sha256};
use osp_node::{Node, NodeOptions, config::Partial, server::Server};
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};

/// More than the buffers of both ends of a connection hold.
const MUCH: usize = 64 << 20;
const MAX_BLOB: u64 = 1 << 20;

struct Listening {
    address: SocketAddr,
    token: String,
    _home: TempDir,
    _stop: oneshot::Sender<()>,
    _running: JoinHandle<()>,
}

async fn listening() -> Listening {
    let home = tempfile::tempdir().unwrap();
    let node = Node::open(home.path(), &NodeOptions::default()).unwrap();
    let settings = Partial {
        http: Some("127.0.0.1:0".into()),
        max_blob: Some(MAX_BLOB.to_string()),
        peers: osp_node::config::peers::PartialPeers {
            bittorrent: Some("off".into()),
            p2p: Some(Vec::new()),
            webrtc: Some(false),
            local_discovery: Some(false),
            ..Default::default()
        },
        ..Partial::default()
    };
    let config = settings.complete().unwrap();
    let token = node.home().api_token().unwrap().to_string();
    let server = Server::bind(node, &config).await.unwrap();
    let address = server.ready().http.strip_prefix("http://").unwrap().parse().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        server.run(async move { drop(stopped.await) }).await.unwrap();
    });
    Listening { address, token, _home: home, _stop: stop, _running: running }
}

/// Reads one answer: status and body.
async fn answer(stream: &mut TcpStream) -> (u16, String) {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return (head[9..12].parse().unwrap(), body.to_owned());
            }
        }
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "closed after {text:?}");
    }
}

/// Sends a head and all of a body before it reads, as most simple clients do.
async fn send_all_then_read(stream: &mut TcpStream, head: &str, length: usize) -> (u16, String) {
    stream.write_all(format!("{head}Host: x\r\nContent-Length: {length}\r\n\r\n").as_bytes()).await.unwrap();
    let part = vec![b' '; 1 << 20];
    let mut left = length;
    while left > 0 {
        let now = left.min(part.len());
        stream.write_all(&part[..now]).await.expect("the node takes what it refuses");
        left -= now;
    }
    answer(stream).await
}

#[tokio::test]
async fn a_client_that_sends_everything_first_reads_why_it_was_refused() {
    let node = listening().await;
    let auth = format!("Authorization: Bearer {}\r\n", node.token);
    let cid = raw_cid(sha256(b"x"));
    for (head, status, class) in [
        ("POST /api/v1/tracks HTTP/1.1\r\n".to_owned(), 401, "unauthorized"),
        (format!("POST /api/v1/tracks HTTP/1.1\r\n{auth}"), 413, "malformed"),
        (format!("PUT /api/v1/blobs/{cid} HTTP/1.1\r\n"), 401, "unauthorized"),
        (format!("PUT /api/v1/blobs/{cid} HTTP/1.1\r\n{auth}"), 413, "limit"),
        (format!("PUT /api/v1/blobs/nonsense HTTP/1.1\r\n{auth}"), 400, "usage"),
        ("POST /ipfs/nonsense HTTP/1.1\r\n".to_owned(), 405, "usage"),
        ("POST /api/v1/nothing HTTP/1.1\r\n".to_owned(), 404, "not-found"),
    ] {
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        let (seen, body) = send_all_then_read(&mut stream, &head, MUCH).await;
        assert_eq!(seen, status, "{head}: {body}");
        assert!(body.contains(&format!("\"class\":\"{class}\"")), "{head}: {body}");
        // The connection is good for the next request.
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_eq!(answer(&mut stream).await.0, 200, "after {head}");
    }
}

#[tokio::test]
async fn who_waits_for_leave_to_send_is_refused_at_once() {
    let node = listening().await;
    let auth = format!("Authorization: Bearer {}\r\n", node.token);
    let cid = raw_cid(sha256(b"x"));
    for (head, status) in [
        (format!("PUT /api/v1/blobs/{cid} HTTP/1.1\r\n"), 401),
        (format!("PUT /api/v1/blobs/{cid} HTTP/1.1\r\n{auth}"), 413),
    ] {
        let mut stream = TcpStream::connect(node.address).await.unwrap();
        let head = format!("{head}Host: x\r\nExpect: 100-continue\r\nContent-Length: {MUCH}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(
            answer(&mut stream).await.0,
            status,
            "no 100 came before it, and no byte of the body was sent"
        );
    }
}

#[tokio::test]
async fn our_own_client_reads_a_refusal_too() {
    let node = listening().await;
    let fetcher = osp_fetch::Fetcher::new(&osp_fetch::Policy::default()).unwrap();
    let url = format!("http://{}/api/v1/blobs/{}", node.address, raw_cid(sha256(b"x")));
    for _ in 0..4 {
        let target = osp_fetch::Target::typed(&url).unwrap();
        let body = osp_fetch::Body::Bytes(noise(MUCH, 1).into());
        let response = fetcher.send(osp_fetch::Request::put(target, body)).await.unwrap();
        assert_eq!(response.status().as_u16(), 401);
    }
}
