//! Two programs without a browser between them give each other a file over a WebRTC data channel.

use crate::support::{File, Memory, Way, hub, seed, setup, whole};
use osp_delivery::{SourceKind, torrent::Reach};
use osp_peers::{
    PeerStream,
    webrtc::{Agent, AgentConfig},
};

/// A connection, the offering end first.
async fn connected() -> (PeerStream, PeerStream) {
    let config =
        AgentConfig { bind: Some(([127, 0, 0, 1], 0).into()), allow_private: true, ..AgentConfig::default() };
    let (here, there) = (Agent::new(config.clone()).await.unwrap(), Agent::new(config).await.unwrap());
    let offer = here.offer().await.unwrap();
    let (answer, answering) = there.answer(offer.sdp()).await.unwrap();
    let offering = offer.accept(&answer).await.unwrap();
    let (offered, answered) = tokio::join!(offering.stream(), answering.stream());
    (offered.unwrap(), answered.unwrap())
}

async fn one_file(seed_offers: bool) {
    let file = File::new(2_000_000, 1);
    let (giver, taker) = (hub(Way::Tcp).await, hub(Way::Tcp).await);
    let (offered, answered) = connected().await;
    let (giving, taking) = if seed_offers { (offered, answered) } else { (answered, offered) };
    seed(&giver, &file).add_stream(giving, None);
    let content = Memory::empty(&file);
    let torrent = taker.join(setup(&taker, &file, content.clone()), Reach::default()).unwrap();
    torrent.add_stream(taking, None);
    whole(&torrent).await;
    assert!(content.whole() == file.bytes);
    let stats = torrent.stats().await;
    assert_eq!(stats.bytes_from(SourceKind::WebTorrent), file.bytes.len() as u64);
    assert_eq!(stats.bytes_from(SourceKind::BitTorrent), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_offers_can_take() {
    one_file(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_offers_can_give() {
    one_file(true).await;
}
