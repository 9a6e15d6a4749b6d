//! Peers that break the protocol, lie, or ask for more than is good.

use crate::common;
use crate::raw_peer;

use bytes::Bytes;
use common::{LOCAL, file, host, noise, until_peers};
use osp_core::{
    Cid,
    content::{raw_cid, sha256},
};
use osp_p2p::{
    BlockError, Blocks,
    bitswap::{
        limits::MAX_UNASKED_MESSAGE,
        wire::{Block, Entry, Message, Presence, Version, WantType},
    },
};
use raw_peer::RawPeer;
use std::time::Duration;

const MIB: usize = 1 << 20;

fn want(cid: Cid) -> Entry {
    Entry::want(cid, WantType::Block)
}

fn number(n: u32) -> Cid {
    raw_cid(sha256(&n.to_be_bytes()))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_announces_a_message_that_is_too_large_is_dropped() {
    let (server, addresses) = host(1, &LOCAL[..1], ()).await;
    for length in [5 * MIB, MAX_UNASKED_MESSAGE + 1, usize::MAX >> 8] {
        let mut peer = RawPeer::connect(&addresses[0]).await;
        peer.send_bytes(raw_peer::varint(length)).await;
        assert!(peer.is_dropped().await, "{length}");
    }
    assert!(until_peers(&server, <[_]>::is_empty).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_what_is_no_message_is_dropped_and_kept_away() {
    let (_server, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut peer = RawPeer::connect(&addresses[0]).await;
    peer.send_bytes(vec![4, 0xff, 0xff, 0xff, 0xff]).await;
    assert!(peer.is_dropped().await);
    let mut again = peer.reconnect(&addresses[0]).await;
    assert!(again.is_dropped().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_wants_hold_nobody_else_up() {
    let (blocks, leaves) = file(&noise(4 * MIB));
    let (_server, addresses) = host(1, &LOCAL[..1], blocks).await;
    let mut greedy = RawPeer::connect(&addresses[0]).await;
    for part in 0..10 {
        let entries = (0..10_000).map(|n| want(number(part * 10_000 + n))).collect();
        greedy.send(&Message { entries, ..Message::default() }).await;
    }
    let (client, _) = host(2, &[], ()).await;
    let peer = client.connect(addresses[0].clone()).await.unwrap();
    let session = client.session(vec![peer]);
    for cid in leaves {
        assert!(session.block(cid).await.is_ok());
    }
    // The greedy one is answered too, as far as its list is kept.
    let answers = greedy.receive().await.unwrap().presences;
    assert!(answers.iter().all(|(_, presence)| *presence == Presence::DontHave));
}

#[tokio::test(flavor = "multi_thread")]
async fn wants_for_the_unknown_are_answered_or_met_with_silence_as_asked() {
    let (_server, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut peer = RawPeer::connect(&addresses[0]).await;
    let silent = Entry { send_dont_have: false, ..want(number(1)) };
    peer.send(&Message { entries: vec![silent, want(number(2))], ..Message::default() }).await;
    let answer = peer.receive().await.unwrap();
    assert_eq!(answer.presences, [(number(2), Presence::DontHave)]);
    assert!(answer.blocks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_want_is_served_again_and_a_block_that_arrives_later_is_sent() {
    #[derive(Clone, Default)]
    struct Late(std::sync::Arc<std::sync::Mutex<Option<Bytes>>>);
    #[async_trait::async_trait]
    impl Blocks for Late {
        async fn get(&self, _: &Cid) -> Option<Bytes> {
            self.0.lock().unwrap().clone()
        }
    }
    let blocks = Late::default();
    let (server, addresses) = host(1, &LOCAL[..1], blocks.clone()).await;
    let mut peer = RawPeer::connect(&addresses[0]).await;
    let block = Block { cid: raw_cid(sha256(b"late")), data: Bytes::from_static(b"late") };
    let ask = Message { entries: vec![want(block.cid)], ..Message::default() };
    peer.send(&ask).await;
    assert_eq!(peer.receive().await.unwrap().presences, [(block.cid, Presence::DontHave)]);
    *blocks.0.lock().unwrap() = Some(block.data.clone());
    server.blocks_arrived(vec![block.cid]);
    assert_eq!(peer.receive().await.unwrap().blocks, std::slice::from_ref(&block));
    for _ in 0..2 {
        peer.send(&ask).await;
        assert_eq!(peer.receive().await.unwrap().blocks, std::slice::from_ref(&block));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_false_block_is_not_delivered_and_its_sender_is_dropped() {
    let honest = Block { cid: raw_cid(sha256(b"true")), data: Bytes::from_static(b"true") };
    let (client, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut liar = RawPeer::connect(&addresses[0]).await;
    until_peers(&client, |peers| !peers.is_empty()).await;
    let session = client.session(vec![liar.id()]);
    let cid = honest.cid;
    let asked = tokio::spawn(async move { session.block(cid).await });
    assert_eq!(liar.receive().await.unwrap().entries, [want(cid)]);
    // The prefix is right, the bytes are not.
    let lie = Block { cid, data: Bytes::from_static(b"false") };
    liar.send(&Message { blocks: vec![lie], ..Message::default() }).await;
    assert_eq!(asked.await.unwrap(), Err(BlockError::Lied(cid)));
    assert!(liar.is_dropped().await);
    assert!(until_peers(&client, <[_]>::is_empty).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_nobody_asked_for_drop_their_sender() {
    let (client, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut pusher = RawPeer::connect(&addresses[0]).await;
    let data = Bytes::from(vec![1; 1000]);
    let block = Block { cid: raw_cid(sha256(&data)), data };
    pusher.send(&Message { blocks: vec![block], ..Message::default() }).await;
    assert!(pusher.is_dropped().await);
    assert!(until_peers(&client, <[_]>::is_empty).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_opens_streams_without_end_holds_nobody_else_up() {
    let (blocks, leaves) = file(&noise(MIB));
    let (_server, addresses) = host(1, &LOCAL[..1], blocks).await;
    let mut peer = RawPeer::connect(&addresses[0]).await;
    // Each open, each with a message begun.
    peer.open_streams(300, &[100, 1]).await;
    let (client, _) = host(2, &[], ()).await;
    let server = client.connect(addresses[0].clone()).await.unwrap();
    assert!(client.session(vec![server]).block(leaves[0]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_can_be_given_up() {
    let (client, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut silent = RawPeer::connect(&addresses[0]).await;
    until_peers(&client, |peers| !peers.is_empty()).await;
    let session = client.session(vec![silent.id()]);
    let asked = tokio::select! {
        answer = session.block(number(1)) => panic!("nobody answers: {answer:?}"),
        asked = silent.receive() => asked.unwrap(),
    };
    assert_eq!(asked.entries, [want(number(1))]);
    assert_eq!(silent.receive().await.unwrap().entries, [Entry::cancel(number(1))]);
}

/// A host with a session that asks a hostile peer and an honest one for a block that only the honest one has.
async fn between(cid: Cid, hostile: &RawPeer, client: &osp_p2p::P2p, honest: &osp_p2p::Multiaddr) -> Bytes {
    let honest = client.connect(honest.clone()).await.unwrap();
    let session = client.session(vec![hostile.id(), honest]);
    tokio::time::timeout(Duration::from_secs(60), session.block(cid)).await.expect("in time").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_dont_haves_holds_nobody_up() {
    let (blocks, leaves) = file(&noise(MIB));
    let (_honest, honest) = host(3, &LOCAL[..1], blocks).await;
    let (client, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut flood = RawPeer::connect(&addresses[0]).await;
    until_peers(&client, |peers| !peers.is_empty()).await;
    for part in 0..100 {
        let presences = (0..8_000).map(|n| (number(part * 8_000 + n), Presence::DontHave)).collect();
        flood.send(&Message { presences, ..Message::default() }).await;
    }
    assert_eq!(between(leaves[0], &flood, &client, &honest[0]).await.len(), MIB);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_stops_in_the_middle_is_fetched_elsewhere() {
    let bytes = noise(MIB);
    let (blocks, leaves) = file(&bytes);
    let (_honest, honest) = host(3, &LOCAL[..1], blocks).await;
    let (client, addresses) = host(1, &LOCAL[..1], ()).await;
    let mut slow = RawPeer::connect(&addresses[0]).await;
    until_peers(&client, |peers| !peers.is_empty()).await;
    let session = client.session(vec![slow.id()]);
    let waiting = {
        let cid = leaves[0];
        tokio::spawn(async move { session.block(cid).await })
    };
    assert_eq!(slow.receive().await.unwrap().entries, [want(leaves[0])]);
    let block = Block { cid: leaves[0], data: bytes.into() };
    let body = Message { blocks: vec![block], ..Message::default() }.encode(Version::V1_2);
    let half = body.len() / 2;
    slow.send_bytes([raw_peer::varint(body.len()), body[..half].to_vec()].concat()).await;
    assert_eq!(between(leaves[0], &slow, &client, &honest[0]).await.len(), MIB);
    // A block that has come is there for everybody who waits for it.
    assert_eq!(waiting.await.unwrap().unwrap().len(), MIB);
}
