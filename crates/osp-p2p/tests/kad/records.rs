//! The records protocol: one request, one answer, within bounds.

use super::{
    nodes::{Options, start, until},
    raw::{Raw, exchange, frame},
};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::AsyncWriteExt as _;
use osp_p2p::{
    PeerId, RecordsError, RecordsServer,
    host::records::{MAX_ANSWER, MAX_AT_ONCE, MAX_OF_PEER, MAX_REQUEST},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::Semaphore;

struct Server {
    asked: AtomicUsize,
    gate: Semaphore,
}

#[async_trait]
impl RecordsServer for Server {
    async fn answer(&self, _: PeerId, request: Bytes) -> Option<Bytes> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &request[..] {
            b"nothing" => None,
            b"largest" => Some(vec![7; MAX_ANSWER].into()),
            b"too large" => Some(vec![7; MAX_ANSWER + 1].into()),
            b"wait" => {
                let _permit = self.gate.acquire().await;
                Some(request)
            }
            _ => Some(request),
        }
    }

    fn busy(&self) -> Option<Bytes> {
        Some("busy".into())
    }
}

fn server() -> (Arc<Server>, Options) {
    let server = Arc::new(Server { asked: AtomicUsize::new(0), gate: Semaphore::new(0) });
    (server.clone(), Options { records: Some(server), ..Options::default() })
}

#[tokio::test]
async fn requests_are_answered_and_bounded() {
    let (server, options) = server();
    let (node, asker) = (start(1, options).await, start(2, Options::default()).await);
    let to = node.contact();
    let ask = async |request: &[u8]| asker.host.ask_records(to.peer, &to.addresses, request).await;
    assert_eq!(ask(b"hello").await.unwrap(), "hello");
    assert_eq!(ask(&[1; MAX_REQUEST]).await.unwrap().len(), MAX_REQUEST);
    assert_eq!(ask(b"largest").await.unwrap().len(), MAX_ANSWER);
    assert_eq!(ask(b"nothing").await, Err(RecordsError::Broken));
    assert_eq!(ask(b"too large").await, Err(RecordsError::Broken));
    assert_eq!(ask(&[1; MAX_REQUEST + 1]).await, Err(RecordsError::TooLong));
    assert_eq!(server.asked.load(Ordering::Relaxed), 5);
    let none = node.host.ask_records(asker.host.peer_id(), &asker.addresses, b"hello").await;
    assert_eq!(none, Err(RecordsError::Unsupported));
}

#[tokio::test]
async fn a_peer_that_asks_too_much_at_once_is_told_so() {
    let (server, options) = server();
    let (node, asker, other) =
        (start(1, options).await, start(2, Options::default()).await, start(3, Options::default()).await);
    let to = node.contact();
    let mut waiting = tokio::task::JoinSet::new();
    for _ in 0..MAX_OF_PEER {
        let (host, to) = (asker.host.clone(), to.clone());
        waiting.spawn(async move { host.ask_records(to.peer, &to.addresses, b"wait").await.unwrap() });
    }
    until("all of them", || async { server.asked.load(Ordering::Relaxed) == MAX_OF_PEER }).await;
    assert_eq!(asker.host.ask_records(to.peer, &to.addresses, b"more").await.unwrap(), "busy");
    // Others are served meanwhile.
    assert_eq!(other.host.ask_records(to.peer, &to.addresses, b"hello").await.unwrap(), "hello");
    server.gate.add_permits(MAX_AT_ONCE);
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(answer.unwrap(), "wait");
    }
    assert_eq!(asker.host.ask_records(to.peer, &to.addresses, b"more").await.unwrap(), "more");
}

#[tokio::test]
async fn malformed_requests_are_reset_unseen() {
    let (server, options) = server();
    let node = start(1, options).await;
    let mut raw = Raw::new(2, "/osp/records/0.1.0");
    let too_long = frame(&vec![1; MAX_REQUEST + 1]);
    for bytes in [&too_long[..], &[0xff; 8], &[5, 1]] {
        let mut stream = raw.open(node.address()).await;
        stream.write_all(bytes).await.unwrap();
        assert!(exchange(stream, &[]).await.map_or(true, |answer| answer.is_empty()));
    }
    assert_eq!(server.asked.load(Ordering::Relaxed), 0);
    assert_eq!(exchange(raw.open(node.address()).await, &frame(b"hi")).await.unwrap(), frame(b"hi"));
}
