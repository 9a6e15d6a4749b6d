//! Two hosts of ours exchange blocks over every transport.

use crate::common;

use common::{LOCAL, file, host, noise, of_kind, until_peers};
use futures_util::StreamExt as _;
use osp_core::{Cid, content::raw_cid};
use osp_p2p::{BlockError, Config, ConnectError, P2p, Uploads};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::Semaphore;

const MIB: usize = 1 << 20;

async fn exchange(kind: &str) {
    let bytes = noise(64 * MIB);
    let (blocks, leaves) = file(&bytes);
    let (server, addresses) = host(1, &LOCAL, blocks).await;
    let (client, _) = host(2, &[], ()).await;
    let peer = client.connect(of_kind(&addresses, kind)).await.unwrap();
    assert_eq!(peer, server.peer_id());
    let session = client.session(vec![peer]);
    let started = std::time::Instant::now();
    let mut stream = std::pin::pin!(session.blocks(leaves.clone()));
    let mut got = HashMap::new();
    while let Some((cid, result)) = stream.next().await {
        got.insert(cid, result.unwrap().data);
    }
    let all: Vec<u8> = leaves.iter().flat_map(|cid| got[cid].to_vec()).collect();
    assert!(all == bytes);
    let rate = bytes.len() as f64 / started.elapsed().as_secs_f64() / 1e6;
    eprintln!("{kind}: {rate:.0} MB/s");
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_mebibytes_over_tcp() {
    exchange("tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_mebibytes_over_quic() {
    exchange("quic-v1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_mebibytes_over_websocket() {
    exchange("ws").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_one_connection_serve_and_ask() {
    let (left_blocks, left) = file(&noise(5 * MIB));
    let (right_blocks, right) = file(&noise(7 * MIB)[MIB..]);
    let (one, addresses) = host(1, &LOCAL[..1], left_blocks).await;
    let (two, _) = host(2, &[], right_blocks).await;
    two.connect(addresses[0].clone()).await.unwrap();
    // Who was called hears of it a little later.
    until_peers(&one, |peers| peers.contains(&two.peer_id())).await;
    let (to_two, to_one) = (one.session(vec![two.peer_id()]), two.session(vec![one.peer_id()]));
    let all = |stream| async { futures_util::StreamExt::collect::<Vec<_>>(stream).await };
    let (from_two, from_one) =
        tokio::join!(all(to_two.blocks(right)), async { to_one.blocks(left).collect::<Vec<_>>().await });
    assert!(from_two.iter().all(|(_, result)| result.is_ok()));
    assert!(from_one.iter().all(|(_, result)| result.is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_block_is_said_to_be_unknown_and_the_second_peer_has_the_rest() {
    let (blocks, leaves) = file(&noise(8 * MIB));
    let mut half = common::Memory::default();
    for cid in &leaves[..4] {
        let key = cid.hash().to_bytes();
        half.0.insert(key.clone(), blocks.0[&key].clone());
    }
    let (first, first_at) = host(1, &LOCAL[..1], half).await;
    let (second, second_at) = host(2, &LOCAL[..1], blocks).await;
    let (client, _) = host(3, &[], ()).await;
    client.connect(first_at[0].clone()).await.unwrap();
    client.connect(second_at[0].clone()).await.unwrap();
    let session = client.session(vec![first.peer_id()]);
    let missing = leaves[5];
    assert_eq!(session.block(missing).await, Err(BlockError::NotFound(missing)));
    session.add_peer(second.peer_id());
    let fetched = session.fetch(missing).await.unwrap();
    assert_eq!(fetched.from, second.peer_id());
    let all: Vec<_> = session.blocks(leaves).collect().await;
    assert!(all.iter().all(|(_, result)| result.is_ok()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_peers_says_so_and_a_foreign_hash_is_refused() {
    let (client, _) = host(1, &[], ()).await;
    let session = client.session(vec![]);
    assert_eq!(session.block(raw_cid([7; 32])).await, Err(BlockError::NoPeers));
    let identity = osp_core::content::parse_cid("bafkqabiaaebagba").unwrap();
    assert_eq!(session.block(identity).await, Err(BlockError::Unsupported(identity)));
    client.shutdown().await;
    assert_eq!(session.block(raw_cid([7; 32])).await, Err(BlockError::Shutdown));
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_lead_nowhere_or_to_another_are_told_apart() {
    let (server, addresses) = host(1, &LOCAL[..1], ()).await;
    let (client, _) = host(2, &LOCAL[..1], ()).await;
    let stranger = client.peer_id();
    let bare: osp_p2p::Multiaddr = addresses[0].to_string().split("/p2p/").next().unwrap().parse().unwrap();
    assert_eq!(client.connect(bare.clone()).await.unwrap(), server.peer_id());
    // Connected already.
    assert_eq!(client.connect(addresses[0].clone()).await.unwrap(), server.peer_id());
    let (third, _) = host(3, &[], ()).await;
    let wrong = bare.clone().with_p2p(stranger).unwrap();
    assert_eq!(third.connect(wrong).await, Err(ConnectError::WrongPeer { found: server.peer_id() }));
    let udp = "/ip4/127.0.0.1/udp/9/webrtc-direct".parse().unwrap();
    assert_eq!(third.connect(udp).await, Err(ConnectError::Unsupported));
    server.shutdown().await;
    assert_eq!(third.connect(bare).await, Err(ConnectError::Unreachable));
    assert!(until_peers(&client, <[_]>::is_empty).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_that_a_stranger_names_is_not_dialled() {
    let (server, addresses) = host(1, &LOCAL[..1], ()).await;
    let (client, _) = host(2, &[], ()).await;
    let learned = client.connect_learned(server.peer_id(), addresses.clone()).await;
    assert_eq!(learned, Err(ConnectError::Private));
    // Nor under a name, which only the dial resolves.
    let port = addresses[0].to_string().split('/').nth(4).unwrap().to_owned();
    let named = format!("/dns4/localhost/tcp/{port}").parse().unwrap();
    assert!(client.connect_learned(server.peer_id(), vec![named]).await.is_err());
    assert!(client.peers().await.is_empty());
    // Typed, it is.
    let typed = format!("/dns4/localhost/tcp/{port}").parse().unwrap();
    assert_eq!(client.connect(typed).await, Ok(server.peer_id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_peer_leaves_midway_the_other_finishes() {
    let (blocks, leaves) = file(&noise(24 * MIB));
    let again = common::Memory(blocks.0.clone());
    let (first, first_at) = host(1, &LOCAL[..1], blocks).await;
    let (second, second_at) = host(2, &LOCAL[..1], again).await;
    let (client, _) = host(3, &[], ()).await;
    client.connect(first_at[0].clone()).await.unwrap();
    client.connect(second_at[0].clone()).await.unwrap();
    let session = client.session(vec![first.peer_id(), second.peer_id()]);
    let mut stream = std::pin::pin!(session.blocks(leaves.clone()));
    let mut by_peer: HashMap<_, usize> = HashMap::new();
    while let Some((_, result)) = stream.next().await {
        *by_peer.entry(result.unwrap().from).or_default() += 1;
        if by_peer.values().sum::<usize>() == 6 {
            first.shutdown().await;
        }
    }
    assert_eq!(by_peer.values().sum::<usize>(), leaves.len());
    assert!(by_peer[&second.peer_id()] > leaves.len() / 4, "{by_peer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_the_same_block_gets_it() {
    let (blocks, leaves) = file(&noise(MIB));
    let (server, addresses) = host(1, &LOCAL[..1], blocks).await;
    let (client, _) = host(2, &[], ()).await;
    client.connect(addresses[0].clone()).await.unwrap();
    let session = client.session(vec![server.peer_id()]);
    let all: Vec<_> = session.blocks(vec![leaves[0]; 40]).collect().await;
    assert_eq!(all.len(), 40);
    assert!(all.iter().all(|(_, result)| result.is_ok()));
}

/// Lets so many bytes through as there are permits.
struct Gate {
    open: Semaphore,
    sent: AtomicUsize,
}

impl Gate {
    /// Waits until so many bytes have been counted, and no more.
    async fn counts(&self, bytes: usize) {
        for _ in 0..6000 {
            if self.sent.load(Ordering::Relaxed) >= bytes {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(self.sent.load(Ordering::Relaxed), bytes);
    }
}

#[async_trait::async_trait]
impl Uploads for Gate {
    async fn take(&self, _: &Cid, bytes: usize) {
        self.open.acquire_many(bytes as u32).await.unwrap().forget();
    }

    async fn sent(&self, _: &Cid, bytes: usize) {
        self.sent.fetch_add(bytes, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_wait_for_the_upload_cap_and_are_counted_when_they_are_sent() {
    let bytes = noise(3 * MIB);
    let (blocks, leaves) = file(&bytes);
    let gate = Arc::new(Gate { open: Semaphore::new(MIB), sent: AtomicUsize::new(0) });
    let mut config = Config::new([8; 32]);
    config.listen = vec![LOCAL[0].parse().unwrap()];
    config.blocks = Arc::new(blocks);
    config.uploads = Arc::clone(&gate) as Arc<dyn Uploads>;
    let (server, addresses) = P2p::start(config).await.unwrap();
    let (client, _) = host(2, &[], ()).await;
    client.connect(addresses[0].clone()).await.unwrap();
    let session = client.session(vec![server.peer_id()]);
    session.fetch(leaves[0]).await.unwrap();
    // There is no room for the next one, though it may be asked for.
    let waiting = session.fetch(leaves[1]);
    let mut waiting = std::pin::pin!(waiting);
    let early = tokio::time::timeout(std::time::Duration::from_millis(500), &mut waiting).await;
    assert!(early.is_err(), "it came past the cap");
    gate.counts(MIB).await;
    gate.open.add_permits(2 * MIB);
    waiting.await.unwrap();
    session.fetch(leaves[2]).await.unwrap();
    gate.counts(3 * MIB).await;
}
