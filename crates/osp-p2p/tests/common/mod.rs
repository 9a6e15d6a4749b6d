//! What the tests of whole hosts share.

#![allow(clippy::unwrap_used, dead_code, unreachable_pub, missing_docs)]

use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    unixfs::{Importer, LeafKind, Profile},
};
use osp_p2p::{Blocks, Config, Multiaddr, P2p, PeerId};
use std::{collections::HashMap, sync::Arc};

/// Blocks in memory, by the hash alone.
#[derive(Default)]
pub struct Memory(pub HashMap<Vec<u8>, Bytes>);

#[async_trait]
impl Blocks for Memory {
    async fn get(&self, cid: &Cid) -> Option<Bytes> {
        self.0.get(&cid.hash().to_bytes()).cloned()
    }
}

/// Bytes that look random and are the same every time.
pub fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}

/// A file's blocks, and the CIDs of its leaves in order.
pub fn file(bytes: &[u8]) -> (Memory, Vec<Cid>) {
    let mut importer = Importer::new(Profile::V1_2025);
    importer.update(bytes);
    let layout = importer.finish_layout();
    let mut blocks = Memory::default();
    for node in &layout.nodes {
        blocks.0.insert(node.cid.hash().to_bytes(), node.bytes.clone().into());
    }
    for leaf in &layout.leaves {
        assert_eq!(leaf.kind, LeafKind::Raw);
        let data = &bytes[leaf.offset as usize..leaf.end() as usize];
        blocks.0.insert(leaf.cid().hash().to_bytes(), Bytes::copy_from_slice(data));
    }
    (blocks, layout.leaves.iter().map(|leaf| leaf.cid()).collect())
}

pub const LOCAL: [&str; 3] =
    ["/ip4/127.0.0.1/tcp/0", "/ip4/127.0.0.1/udp/0/quic-v1", "/ip4/127.0.0.1/tcp/0/ws"];

/// A host on loopback, and its addresses with its peer id.
pub async fn host(seed: u8, listen: &[&str], blocks: impl Blocks) -> (P2p, Vec<Multiaddr>) {
    let mut config = Config::new([seed; 32]);
    config.listen = listen.iter().map(|address| address.parse().unwrap()).collect();
    config.blocks = Arc::new(blocks);
    let (p2p, addresses) = P2p::start(config).await.unwrap();
    let peer = p2p.peer_id();
    (p2p, addresses.into_iter().map(|a| a.with_p2p(peer).unwrap()).collect())
}

/// The address of one kind.
pub fn of_kind(addresses: &[Multiaddr], end: &str) -> Multiaddr {
    let is = |address: &&Multiaddr| {
        let text = address.to_string();
        text.split("/p2p/").next().unwrap().ends_with(end)
            || end == "tcp" && !text.contains("/ws") && text.contains("/tcp/")
    };
    addresses.iter().find(is).unwrap().clone()
}

/// Whom `p2p` is connected to after a while has passed in which this could change.
pub async fn until_peers(p2p: &P2p, wanted: impl Fn(&[PeerId]) -> bool) -> Vec<PeerId> {
    for _ in 0..500 {
        let peers = p2p.peers().await;
        if wanted(&peers) {
            return peers;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    p2p.peers().await
}
