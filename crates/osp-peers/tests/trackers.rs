//! Trackers that work, that answer nonsense, that name ten thousand peers, and that must not be asked.
#![allow(clippy::unwrap_used)]

use futures_util::{SinkExt as _, StreamExt as _};
use osp_fetch::{Fetcher, Policy};
use osp_peers::tracker::{Announced, Announcement, Found, Progress, Trackers};
use osp_swarm::{InfoHash, PeerId};
use osp_tracker::{
    Event, Interval, Stats,
    http::{AnnounceQuery, AnnounceReply, MAX_PEERS, failure},
    udp,
    ws::{Offer, OfferId, Reply, Request, request},
};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, UdpSocket},
    sync::mpsc,
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{accept_async, tungstenite::Message};

const PATIENCE: Duration = Duration::from_secs(60);

fn trackers() -> Trackers {
    Trackers::new(Fetcher::new(&Policy::default()).unwrap(), None)
}

fn torrent(n: u8, left: u64) -> Announced {
    let progress = Progress { uploaded: 1, downloaded: 2, left, want_peers: left > 0 };
    Announced {
        infohash: InfoHash([n; 20]),
        peer_id: PeerId([b'p'; 20]),
        port: Some(6881),
        progress: Arc::new(move || progress),
    }
}

fn announce(
    trackers: &Trackers,
    urls: &[String],
    typed: bool,
    n: u8,
    left: u64,
) -> (Announcement, mpsc::Receiver<Found>) {
    let (sender, found) = mpsc::channel(16);
    (trackers.announce(urls, typed, torrent(n, left), sender), found)
}

async fn addresses(found: &mut mpsc::Receiver<Found>) -> Vec<SocketAddr> {
    match timeout(PATIENCE, found.recv()).await.unwrap().unwrap() {
        Found::Addresses(addresses) => addresses,
        other => panic!("{other:?}"),
    }
}

/// An HTTP tracker that answers every query by `body`; it ends with the set of tasks. Gives its address and what it
/// was asked.
async fn http_tracker(
    tasks: &mut JoinSet<()>,
    body: impl Fn(&AnnounceQuery) -> Vec<u8> + Send + 'static,
) -> (String, mpsc::UnboundedReceiver<AnnounceQuery>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/announce?key=1", listener.local_addr().unwrap());
    let (sender, asked) = mpsc::unbounded_channel();
    tasks.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let query = head.split_whitespace().nth(1).unwrap().split_once('?').unwrap().1;
            assert!(query.starts_with("key=1&"), "{query}");
            let query = AnnounceQuery::parse(query).unwrap();
            let body = body(&query);
            let _ = sender.send(query);
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    (url, asked)
}

fn reply(peers: Vec<SocketAddr>) -> AnnounceReply {
    let peers = peers.into_iter().map(|peer| (peer, None)).collect();
    AnnounceReply { peers, ..AnnounceReply::default() }
}

#[tokio::test]
async fn http_started_then_peers_then_stopped() {
    let mut tasks = JoinSet::new();
    let peers: Vec<SocketAddr> =
        ["8.8.8.8:1", "127.0.0.1:2", "[2a00::1]:3"].map(|a| a.parse().unwrap()).into();
    let body = reply(peers.clone()).to_bytes(true);
    let (url, mut asked) = http_tracker(&mut tasks, move |_| body.clone()).await;
    let (announcement, mut found) = announce(&trackers(), &[url], true, 1, 77);
    assert_eq!(addresses(&mut found).await, peers);
    let query = asked.recv().await.unwrap();
    assert_eq!((query.event, query.left, query.port), (Event::Started, Some(77), 6881));
    assert_eq!((query.infohash, query.uploaded, query.downloaded), (InfoHash([1; 20]), 1, 2));
    drop(announcement);
    let query = timeout(PATIENCE, asked.recv()).await.unwrap().unwrap();
    assert_eq!((query.event, query.want), (Event::Stopped, Some(0)));
}

#[tokio::test]
async fn http_trackers_that_answer_nonsense_harm_nobody() {
    let mut tasks = JoinSet::new();
    let nonsense: [&[u8]; 5] =
        [b"<html>404</html>", b"", b"d5:peers2000000:", &failure("go away"), &[b'l'; 100_000]];
    let mut urls =
        vec!["gopher://x/".into(), "http://".into(), "nonsense".into(), "http://127.0.0.1:1/announce".into()];
    let mut all_asked = Vec::new();
    for body in nonsense {
        let body = body.to_vec();
        let (url, asked) = http_tracker(&mut tasks, move |_| body.clone()).await;
        urls.push(url);
        all_asked.push(asked);
    }
    let many = (0..10_000u32).map(|n| SocketAddr::from(([8, 8, (n >> 8) as u8, n as u8], 1))).collect();
    let many = reply(many).to_bytes(false);
    let (url, _asked) = http_tracker(&mut tasks, move |_| many.clone()).await;
    urls.push(url);
    let (announcement, mut found) = announce(&trackers(), &urls, true, 1, 77);
    assert_eq!(addresses(&mut found).await.len(), MAX_PEERS);
    for asked in &mut all_asked {
        assert_eq!(timeout(PATIENCE, asked.recv()).await.unwrap().unwrap().event, Event::Started);
    }
    drop(announcement);
}

#[tokio::test]
async fn learned_trackers_on_this_machine_are_not_asked() {
    let mut tasks = JoinSet::new();
    let body = reply(vec!["8.8.8.8:1".parse().unwrap()]).to_bytes(true);
    let (url, mut asked) = http_tracker(&mut tasks, move |_| body.clone()).await;
    let web = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let learned = [
        url.clone(),
        format!("ws://{}/", web.local_addr().unwrap()),
        format!("udp://{}/", datagrams.local_addr().unwrap()),
        format!("ws://localhost:{}/", web.local_addr().unwrap().port()),
    ];
    let trackers = trackers();
    let (_announcement, mut nothing) = announce(&trackers, &learned, false, 1, 77);
    // The same announced by somebody who typed it, some time later.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (_typed, mut found) = announce(&trackers, &[url], true, 2, 77);
    addresses(&mut found).await;
    assert_eq!(asked.recv().await.unwrap().infohash, InfoHash([2; 20]), "the first to ask was the typed one");
    assert!(nothing.try_recv().is_err());
    assert!(timeout(Duration::from_millis(1), web.accept()).await.is_err());
    assert!(datagrams.try_recv_from(&mut [0; 100]).is_err());
}

#[tokio::test]
async fn udp_connects_then_announces_past_packets_that_are_not_for_us() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let url = format!("udp://{}/announce", socket.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut buffer = [0; 2048];
        loop {
            let (len, from) = socket.recv_from(&mut buffer).await.unwrap();
            let reply = match udp::Request::parse(&buffer[..len]).unwrap() {
                udp::Request::Connect(transaction) => {
                    udp::Reply::Connected(transaction, udp::ConnectionId(42))
                }
                udp::Request::Announce(connection, transaction, announce) => {
                    assert_eq!(connection, udp::ConnectionId(42));
                    assert_eq!((announce.infohash, announce.left), (InfoHash([3; 20]), 77));
                    let interval = Interval { usual: Some(Duration::from_secs(900)), min: None };
                    let peers = vec!["8.8.8.8:5".parse().unwrap()];
                    udp::Reply::Announced { transaction, interval, stats: Stats::default(), peers }
                }
                other => panic!("{other:?}"),
            };
            let other = udp::TransactionId(reply.transaction().0 ^ 1);
            for noise in
                [b"".to_vec(), vec![0xff; 20], udp::Reply::Failure(other, "not you".into()).to_bytes()]
            {
                socket.send_to(&noise, from).await.unwrap();
            }
            socket.send_to(&reply.to_bytes(), from).await.unwrap();
        }
    });
    let (_announcement, mut found) = announce(&trackers(), &[url], true, 3, 77);
    assert_eq!(addresses(&mut found).await, ["8.8.8.8:5".parse().unwrap()]);
}

/// A WebSocket tracker: gives what it hears, after having sent `greeting`; answers announces.
async fn ws_tracker(
    tasks: &mut JoinSet<()>,
    greeting: Vec<Message>,
) -> (String, mpsc::UnboundedReceiver<Request>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/announce", listener.local_addr().unwrap());
    let (sender, heard) = mpsc::unbounded_channel();
    let connections = Arc::new(AtomicUsize::new(0));
    let opened = Arc::clone(&connections);
    tasks.spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            opened.fetch_add(1, SeqCst);
            let mut socket = accept_async(stream).await.unwrap();
            for message in &greeting {
                socket.send(message.clone()).await.unwrap();
            }
            while let Some(Ok(message)) = socket.next().await {
                let Message::Text(text) = message else { continue };
                let request = Request::parse(&text).unwrap();
                if let Request::Announce(request::Announce { infohash, .. }) = request {
                    let reply =
                        Reply::Announced { infohash, stats: Stats::default(), interval: Interval::default() };
                    let _ = socket.send(Message::text(reply.to_json())).await;
                }
                let _ = sender.send(request);
            }
        }
    });
    (url, heard, connections)
}

async fn heard(requests: &mut mpsc::UnboundedReceiver<Request>) -> request::Announce {
    match timeout(PATIENCE, requests.recv()).await.unwrap().unwrap() {
        Request::Announce(announce) => announce,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn many_seeds_share_one_websocket_offer_nothing_and_leave() {
    const SEEDS: u8 = 20;
    let mut tasks = JoinSet::new();
    let (url, mut requests, connections) = ws_tracker(&mut tasks, Vec::new()).await;
    let trackers = trackers();
    let mut all: Vec<_> =
        (0..SEEDS).map(|n| announce(&trackers, &[url.clone(), url.clone()], true, n, 0)).collect();
    for _ in 0..SEEDS {
        let announce = heard(&mut requests).await;
        assert_eq!((announce.event, announce.left), (Event::Started, Some(0)));
        assert!(announce.offers.is_empty());
    }
    all.truncate(1);
    for _ in 1..SEEDS {
        assert_eq!(heard(&mut requests).await.event, Event::Stopped);
    }
    drop(all);
    assert_eq!(heard(&mut requests).await.event, Event::Stopped);
    assert_eq!(connections.load(SeqCst), 1);
    // The tracker is called anew when somebody wants it again.
    let _again = announce(&trackers, &[url], true, 1, 0);
    assert_eq!(heard(&mut requests).await.event, Event::Started);
    assert_eq!(connections.load(SeqCst), 2);
}

#[tokio::test]
async fn a_websocket_tracker_that_talks_nonsense_is_borne() {
    let (hash, peer_id) = (InfoHash([1; 20]), PeerId([9; 20]));
    let offer = Offer { id: OfferId([1; 20]), sdp: "no description".to_owned() };
    let nonsense = [
        Message::text(""),
        Message::text("{"),
        Message::text("[".repeat(10_000)),
        Message::text(r#"{"action":"announce","info_hash":"x"}"#),
        Message::binary(vec![0xff; 1000]),
        Message::text(Reply::Offer { infohash: hash, peer_id, offer }.to_json()),
        Message::text(
            Reply::Answer { infohash: hash, peer_id, offer_id: OfferId([7; 20]), sdp: "x".into() }.to_json(),
        ),
        Message::text(Reply::Failure { infohash: Some(InfoHash([8; 20])), reason: "no".into() }.to_json()),
        Message::text(Reply::Scraped(Vec::new()).to_json()),
    ];
    let mut tasks = JoinSet::new();
    let (url, mut requests, connections) = ws_tracker(&mut tasks, nonsense.into()).await;
    let trackers = trackers();
    let (_first, mut found) = announce(&trackers, std::slice::from_ref(&url), true, 1, 5);
    assert_eq!(heard(&mut requests).await.infohash, hash);
    let _second = announce(&trackers, &[url], true, 2, 5);
    assert_eq!(heard(&mut requests).await.infohash, InfoHash([2; 20]));
    assert_eq!(connections.load(SeqCst), 1, "the connection was kept");
    assert!(found.try_recv().is_err());
}
