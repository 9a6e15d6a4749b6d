//! Announcements that are not to be kept.

use super::{
    nodes::{Options, key, start, until},
    raw::{Raw, announcement, exchange, exchange_within, frame},
};
use osp_p2p::{KadMode, PeerId, kad::MAX_MESSAGE};
use osp_store::providers::Limits;
use std::time::Duration;

const SOMEWHERE: &str = "/ip4/9.9.9.9/tcp/4001";

#[tokio::test]
async fn nobody_announces_in_anothers_name_or_what_is_no_key_of_ours() {
    let node = start(1, Options::default()).await;
    let mut raw = Raw::new(2, osp_p2p::kad::PROTOCOL_NAME);
    let mut bytes = announcement(&key(1), PeerId::random(), SOMEWHERE);
    bytes.extend(announcement(b"no multihash", raw.peer, SOMEWHERE));
    bytes.extend(announcement(&[&[0x12, 0x20][..], &[0; 31]].concat(), raw.peer, SOMEWHERE));
    bytes.extend(announcement(&key(2), raw.peer, "/ip4/9.9.9.9/udp/4001"));
    bytes.extend(announcement(&key(3), raw.peer, SOMEWHERE));
    let stream = raw.open(node.address()).await;
    assert!(exchange(stream, &bytes).await.unwrap().is_empty());
    until("the last", || async { node.kad.status().await.kept == 1 }).await;
    assert_eq!(node.kad.store().counts().unwrap().records, 1);
    // The one in another's name libp2p-kad drops without a word.
    assert_eq!(node.kad.status().await.refused, 3);
}

#[tokio::test]
async fn private_addresses_of_strangers_are_not_kept() {
    let options = Options { public: true, mode: KadMode::Server, ..Options::default() };
    let node = start(1, options).await;
    let mut raw = Raw::new(2, osp_p2p::kad::PROTOCOL_NAME);
    let bytes = [
        announcement(&key(1), raw.peer, "/ip4/192.168.1.7/tcp/4001"),
        announcement(&key(2), raw.peer, "/ip4/127.0.0.1/tcp/4001"),
        announcement(&key(3), raw.peer, SOMEWHERE),
    ];
    let stream = raw.open(node.address()).await;
    exchange(stream, &bytes.concat()).await.unwrap();
    until("the last", || async { node.kad.status().await.kept == 1 }).await;
    assert_eq!(node.kad.status().await.refused, 2);
}

#[tokio::test]
async fn a_flood_stays_within_the_budgets() {
    let limits = Limits { total: 1000, per_peer: 300, ..Limits::default() };
    let node = start(1, Options { limits, ..Options::default() }).await;
    for seed in 2..8 {
        let mut raw = Raw::new(seed, osp_p2p::kad::PROTOCOL_NAME);
        let flood: Vec<u8> = (0..2000)
            .flat_map(|n| announcement(&key(u32::from(seed) * 10_000 + n), raw.peer, SOMEWHERE))
            .collect();
        let stream = raw.open(node.address()).await;
        exchange(stream, &flood).await.unwrap();
    }
    until("the end of the flood", || async {
        let status = node.kad.status().await;
        status.kept + status.refused == 12_000
    })
    .await;
    let counts = node.kad.store().counts().unwrap();
    assert_eq!((counts.records, counts.peers), (1000, 4));
    // It still answers.
    let asker = start(9, Options::default()).await;
    let found = asker.kad.get_providers(&node.contact(), &key(20_000)).await.unwrap();
    assert_eq!(found.providers.len(), 1);
}

#[tokio::test]
async fn malformed_and_oversized_messages_end_their_stream_only() {
    let node = start(1, Options::default()).await;
    let mut raw = Raw::new(2, osp_p2p::kad::PROTOCOL_NAME);
    for bytes in [
        frame(&vec![0; MAX_MESSAGE + 1]),
        frame(&[0xff; 40]),
        vec![0xff; 20],
        frame(&[]),
        // A type that does not exist, and a question with a key of 15 KiB.
        frame(&[8, 77]),
        frame(&[&[8, 4, 0x12, 0x80, 0x78][..], &vec![1; 15 * 1024]].concat()),
    ] {
        let stream = raw.open(node.address()).await;
        let _ = exchange_within(Duration::from_secs(3), stream, &bytes).await;
    }
    let asker = start(3, Options::default()).await;
    asker.kad.find_node(&node.contact(), b"key").await.unwrap();
}
