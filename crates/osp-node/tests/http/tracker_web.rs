//! The node's tracker over WebSockets, with real connections: two of our own clients meet through it, and clients
//! that misbehave.
use bytes::Bytes;
use osp_core::{
    torrent::{PieceHasher, TorrentInfo, piece_length},
    unixfs::{Importer, Profile},
};
use osp_fetch::{Connection, Fetcher, Policy, Target};
use osp_node::{
    Node, NodeOptions,
    config::{Config, Partial, peers::PartialPeers},
    server::Server,
};
use osp_peers::{
    tracker::{Announced, Announcement, Found, Progress, Trackers},
    webrtc::{Agent, AgentConfig},
};
use osp_swarm::{
    InfoHash, PeerId,
    wire::{Handshake, handshake::HANDSHAKE_BYTES},
};
use osp_tracker::ws::{MAX_MESSAGE_BYTES, Reply, Request, request};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::timeout,
};

/// Longer than anything here takes, shorter than a test runner waits.
const PATIENCE: Duration = Duration::from_secs(60);

struct Running {
    _home: TempDir,
    url: String,
    infohash: InfoHash,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// A node on 127.0.0.1 that holds one file, and gives it to nobody.
async fn start() -> Running {
    start_seeding("off").await
}

async fn start_seeding(seeding: &str) -> Running {
    let home = tempfile::tempdir().unwrap();
    let peers = PartialPeers {
        bittorrent: Some("127.0.0.1:0".into()),
        seeding: Some(seeding.into()),
        ..PartialPeers::default()
    };
    let config: Config =
        Partial { http: Some("127.0.0.1:0".into()), peers, ..Partial::default() }.complete().unwrap();
    let options = NodeOptions { allow_private: true };
    let node = Node::open(home.path(), &options).unwrap();
    let infohash = store(&node, &[7; 5000]).await;
    let server = Server::bind(node, &config).await.unwrap();
    let url = server.ready().tracker.clone().unwrap();
    assert!(url.starts_with("ws://127.0.0.1:") && url.ends_with("/announce"), "{url}");
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(async move {
        server
            .run(async {
                let _ = stopped.await;
            })
            .await
            .unwrap();
    });
    Running { _home: home, url, infohash, stop: Some(stop), task }
}

async fn store(node: &Node, content: &[u8]) -> InfoHash {
    let mut importer = Importer::new(Profile::V1_2025);
    importer.update(content);
    let layout = importer.finish_layout();
    let length = content.len() as u64;
    let mut pieces = PieceHasher::new(piece_length(length));
    pieces.update(content);
    let torrent = TorrentInfo {
        length,
        name: layout.root.to_string(),
        piece_length: piece_length(length),
        pieces: pieces.finish(),
    };
    let root = layout.root;
    let mut writer = node.blobs().writer().await.unwrap();
    writer.write(Bytes::copy_from_slice(content)).await.unwrap();
    writer.commit(vec![layout], torrent).await.unwrap();
    InfoHash(node.blobs().find(&root).await.unwrap().unwrap().infohash)
}

struct Client {
    found: mpsc::Receiver<Found>,
    _announcement: Announcement,
}

async fn client(running: &Running, n: u8, want_peers: bool) -> Client {
    let agent = AgentConfig { allow_private: true, ..AgentConfig::default() };
    let agent = Agent::new(agent).await.unwrap();
    let trackers = Trackers::new(Fetcher::new(&Policy::default()).unwrap(), Some(agent));
    let (sender, found) = mpsc::channel(16);
    let left = if want_peers { 5000 } else { 0 };
    let torrent = Announced {
        infohash: running.infohash,
        peer_id: PeerId([n; 20]),
        port: None,
        progress: Arc::new(move || Progress { left, want_peers, ..Progress::default() }),
    };
    let announcement = trackers.announce(std::slice::from_ref(&running.url), true, torrent, sender);
    Client { found, _announcement: announcement }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_our_clients_meet_and_talk() {
    let running = start().await;
    let mut seed = client(&running, b's', false).await;
    wait_for_members(&running, 1).await;
    let mut leech = client(&running, b'l', true).await;
    let meet = async |client: &mut Client| match client.found.recv().await.unwrap() {
        Found::Stream(stream) => stream,
        other => panic!("{other:?}"),
    };
    let streams = timeout(PATIENCE, async { tokio::join!(meet(&mut seed), meet(&mut leech)) }).await;
    let (mut answered, mut offered) = streams.unwrap();
    assert!(offered.outgoing && !answered.outgoing);
    offered.writer.write(vec![Bytes::from_static(b"hello")]).await.unwrap();
    assert_eq!(answered.reader.read().await.unwrap().unwrap(), "hello");
    // Who leaves is forgotten at once.
    drop(leech);
    wait_for_members(&running, 1).await;
    stop(running).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_gives_what_it_has_without_announcing_it() {
    let running = start_seeding("always").await;
    // Counted, though nobody has announced anything, and given to who comes.
    wait_for_members(&running, 1).await;
    let mut leech = client(&running, b'l', true).await;
    let found = timeout(PATIENCE, leech.found.recv()).await.unwrap();
    let Some(Found::Stream(mut stream)) = found else { panic!("{found:?}") };
    let hello = Handshake::ours(running.infohash, PeerId([b'l'; 20]));
    stream.writer.write(vec![Bytes::copy_from_slice(&hello.encode())]).await.unwrap();
    let mut heard = Vec::new();
    while heard.len() < HANDSHAKE_BYTES {
        heard.extend(timeout(PATIENCE, stream.reader.read()).await.unwrap().unwrap().unwrap());
    }
    let theirs = Handshake::parse(heard.first_chunk().unwrap()).unwrap();
    assert_eq!(theirs.infohash, running.infohash);
    assert!(theirs.peer_id.0.starts_with(b"-ON"), "{:?}", theirs.peer_id);
    stop(running).await;
}

async fn stop(mut running: Running) {
    running.stop.take().unwrap().send(()).unwrap();
    timeout(PATIENCE, running.task).await.expect("open WebSockets do not hold the server").unwrap();
}

/// A socket whose frames the test writes by hand.
struct Raw(Connection);

impl Raw {
    async fn open(running: &Running) -> Self {
        let target = Target::typed(&running.url.replacen("ws", "http", 1)).unwrap();
        let mut socket = Fetcher::new(&Policy::default()).unwrap().connect(&target).await.unwrap();
        let head = "GET /announce HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                    sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(socket.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 101 ") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
            "{answer}"
        );
        Self(socket)
    }

    /// One text frame; the mask is zero.
    async fn send(&mut self, text: &str) {
        let mut frame = vec![0x81];
        match text.len() {
            len @ 0..126 => frame.push(0x80 | len as u8),
            len @ 126..65536 => {
                frame.push(0x80 | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(0x80 | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend([0; 4]);
        frame.extend(text.as_bytes());
        // The other side may have hung up meanwhile.
        let _ = self.0.write_all(&frame).await;
    }

    /// The next text frame; `None` when the connection was closed.
    async fn next(&mut self) -> Option<String> {
        let read = async {
            let first = self.0.read_u8().await.ok()?;
            let len = match self.0.read_u8().await.ok()? {
                126 => self.0.read_u16().await.ok()?.into(),
                127 => self.0.read_u64().await.ok()?,
                len => u64::from(len),
            };
            let mut text = vec![0; len as usize];
            self.0.read_exact(&mut text).await.ok()?;
            (first == 0x81).then(|| String::from_utf8(text).unwrap())
        };
        timeout(PATIENCE, read).await.expect("an answer or the end")
    }

    async fn ask(&mut self, request: &Request) -> Reply {
        self.send(&request.to_json()).await;
        Reply::parse(&self.next().await.unwrap()).unwrap()
    }
}

/// Asks until the swarm has as many members.
async fn wait_for_members(running: &Running, wanted: u32) {
    let mut raw = Raw::open(running).await;
    let asking = async {
        loop {
            let Reply::Scraped(all) = raw.ask(&Request::Scrape(vec![running.infohash])).await else {
                panic!("an answer to a scrape");
            };
            if all[0].1.complete + all[0].1.incomplete == wanted {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, asking).await.expect("the swarm has so many members in the end");
}

fn announce(infohash: InfoHash, n: u8) -> Request {
    Request::Announce(request::Announce {
        infohash,
        peer_id: PeerId([n; 20]),
        event: osp_tracker::Event::Started,
        uploaded: 0,
        downloaded: 0,
        left: Some(1),
        offers: Vec::new(),
    })
}

#[tokio::test]
async fn garbage_is_answered_a_few_times_then_the_connection_ends() {
    let running = start().await;
    let mut raw = Raw::open(&running).await;
    for garbage in ["", "{", "null", "[[[[[[", r#"{"action":"announce"}"#] {
        raw.send(garbage).await;
        let answer = Reply::parse(&raw.next().await.unwrap()).unwrap();
        assert!(matches!(answer, Reply::Failure { infohash: None, .. }), "{answer:?}");
    }
    assert!(matches!(raw.ask(&announce(running.infohash, 1)).await, Reply::Announced { .. }));
    for _ in 0..8 {
        raw.send("nonsense").await;
        assert!(raw.next().await.is_some());
    }
    assert_eq!(raw.next().await, None);
    stop(running).await;
}

#[tokio::test]
async fn oversized_messages_and_strangers_content_are_refused() {
    let running = start().await;
    let mut raw = Raw::open(&running).await;
    let answer = raw.ask(&announce(InfoHash([9; 20]), 1)).await;
    assert!(matches!(answer, Reply::Failure { infohash: Some(_), .. }), "{answer:?}");
    raw.send(&" ".repeat(MAX_MESSAGE_BYTES + 1)).await;
    assert_eq!(raw.next().await, None, "the connection is closed");
    // Binary rubbish instead of frames.
    let mut raw = Raw::open(&running).await;
    raw.0.write_all(&[0xff; 100]).await.unwrap();
    assert_eq!(raw.next().await, None);
    stop(running).await;
}

#[tokio::test]
async fn offers_are_passed_on_and_a_flood_of_them_costs_nobody_the_connection() {
    let running = start().await;
    let (mut a, mut b) = (Raw::open(&running).await, Raw::open(&running).await);
    assert!(matches!(a.ask(&announce(running.infohash, 1)).await, Reply::Announced { .. }));
    let Request::Announce(base) = announce(running.infohash, 2) else { unreachable!() };
    let offer =
        |id: u8| osp_tracker::ws::Offer { id: osp_tracker::ws::OfferId([id; 20]), sdp: "x".repeat(9000) };
    for n in 0..100 {
        let message = Request::Announce(request::Announce { offers: vec![offer(n); 10], ..base.clone() });
        assert!(matches!(b.ask(&message).await, Reply::Announced { .. }));
    }
    let first = Reply::parse(&a.next().await.unwrap()).unwrap();
    assert!(matches!(first, Reply::Offer { peer_id: PeerId(id), .. } if id == [2; 20]), "{first:?}");
    drop(b);
    wait_for_members(&running, 1).await;
    stop(running).await;
}
