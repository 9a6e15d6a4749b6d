//! Peers that give blocks, each a source of its own: named by the user, by a node that was asked who has them, or found
//! in the network of nodes.

use super::{BITSWAP, Ipfs};
use crate::{Node, discovery::network::Network};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use osp_core::Cid;
use osp_delivery::{
    Outcome,
    download::{BlockFinder, BlockSearch, BlockSource, DownloadRequest},
};
use osp_discovery::key::IndexKey;
use osp_fetch::{Fetcher, Limits, Request, StatusCode, Target};
use osp_p2p::{BlockError, Multiaddr, PeerId, Protocol, Session, host::Guard};
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Mutex;

/// Largest answer of a router: a hundred peers with a dozen addresses each.
const MAX_ANSWER: u64 = 256 * 1024;
/// Most peers that are taken from one answer.
const MAX_PEERS: usize = 8;

/// Why a multiaddr in `--from` cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypedPeerError {
    /// It cannot be read.
    #[error("«{0}» is no multiaddr; write it as /ip4/192.0.2.1/tcp/4001/p2p/12D3Koo…")]
    Malformed(String),
    /// It does not say who is there.
    #[error("«{0}» does not say which peer is there; add /p2p/ and its peer id, as its ready line shows it")]
    Nameless(String),
}

/// The address and the peer that a user named.
pub(super) fn parse_typed(text: &str) -> Result<(PeerId, Multiaddr), TypedPeerError> {
    let address: Multiaddr = text.parse().map_err(|_| TypedPeerError::Malformed(text.to_owned()))?;
    match address.iter().last() {
        Some(Protocol::P2p(peer)) => Ok((peer, address)),
        _ => Err(TypedPeerError::Nameless(text.to_owned())),
    }
}

pub(super) fn typed(ipfs: &Ipfs, text: &str) -> Result<Arc<dyn BlockSource>, TypedPeerError> {
    let (peer, address) = parse_typed(text)?;
    Ok(Arc::new(BitswapPeer::new(ipfs, peer, Named::Typed(address))))
}

/// Who named a peer, and where it is.
enum Named {
    Typed(Multiaddr),
    Learned(Vec<Multiaddr>),
    /// In the network of nodes: connected already, perhaps, in a way that no address tells.
    Found(Vec<Multiaddr>),
}

/// One peer, called when the first block is asked of it.
struct BitswapPeer {
    ipfs: Ipfs,
    peer: PeerId,
    named: Named,
    session: Mutex<Option<Session>>,
}

impl BitswapPeer {
    fn new(ipfs: &Ipfs, peer: PeerId, named: Named) -> Self {
        Self { ipfs: ipfs.clone(), peer, named, session: Mutex::default() }
    }

    /// The session; whoever comes first connects, the others wait for it.
    async fn session(&self) -> Result<Session, Outcome> {
        let mut session = self.session.lock().await;
        if let Some(session) = &*session {
            return Ok(session.clone());
        }
        let host = self.ipfs.host().await.map_err(|error| Outcome::Failed(error.to_string()))?;
        let connected = match &self.named {
            Named::Typed(address) => host.connect(address.clone()).await,
            Named::Learned(addresses) => host.connect_learned(self.peer, addresses.clone()).await,
            Named::Found(addresses) => host.reach(self.peer, addresses).await.map(|()| self.peer),
        };
        let peer = connected.map_err(|error| Outcome::Failed(error.to_string()))?;
        Ok(session.insert(host.session(vec![peer])).clone())
    }
}

#[async_trait]
impl BlockSource for BitswapPeer {
    fn name(&self) -> String {
        format!("IPFS peer {}", self.peer)
    }

    async fn block(&self, cid: &Cid) -> Result<Bytes, Outcome> {
        let session = self.session().await?;
        let error = match session.fetch(*cid).await {
            Ok(fetched) => return Ok(fetched.data),
            Err(error) => error,
        };
        Err(match error {
            BlockError::NotFound(cid) => Outcome::Absent(format!("it does not have block {cid}")),
            BlockError::Lied(cid) => Outcome::Lied(format!("it sent something else in place of block {cid}")),
            BlockError::Stalled(cid) => Outcome::Failed(format!("it did not send block {cid} in time")),
            BlockError::NoPeers => {
                // The next block is asked for on a new connection.
                *self.session.lock().await = None;
                Outcome::Failed("the connection ended, or it does not speak Bitswap".to_owned())
            }
            other => Outcome::Failed(other.to_string()),
        })
    }
}

/// Asks nodes and delegated routers over HTTP (`/routing/v1`), and the public DHT where that is switched on.
pub(crate) struct Routers {
    ipfs: Ipfs,
    fetcher: Fetcher,
    guard: Guard,
}

impl Routers {
    pub(crate) fn new(ipfs: &Ipfs, fetcher: Fetcher) -> Self {
        Self { ipfs: ipfs.clone(), fetcher, guard: Guard::new(ipfs.0.allow_private) }
    }

    async fn ask(&self, router: &Target, cid: &Cid) -> Option<Providers> {
        let target = router.join(&format!("/routing/v1/providers/{cid}"));
        let request = Request::get(target, Limits::document(MAX_ANSWER)).accept("application/json");
        let response = self.fetcher.send(request).await.ok()?;
        if response.status() != StatusCode::OK {
            return None;
        }
        serde_json::from_slice(&response.bytes().await.ok()?).ok()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Providers {
    #[serde(default)]
    providers: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Peer {
    schema: String,
    #[serde(rename = "ID")]
    id: String,
    #[serde(default)]
    addrs: Vec<String>,
    #[serde(default)]
    protocols: Vec<String>,
}

impl Peer {
    /// Who and where, of a peer that may speak Bitswap.
    fn read(value: serde_json::Value) -> Option<(PeerId, Vec<Multiaddr>)> {
        let peer: Self = serde_json::from_value(value).ok()?;
        // Routers that know nothing of a peer's protocols leave them out.
        let bitswap = peer.protocols.is_empty() || peer.protocols.iter().any(|p| p == BITSWAP);
        let addresses = peer.addrs.iter().filter_map(|text| text.parse().ok()).collect();
        Some((peer.id.parse().ok()?, addresses)).filter(|_| peer.schema == "peer" && bitswap)
    }
}

#[async_trait]
impl BlockFinder for Routers {
    async fn find(&self, router: &Target, cid: &Cid) -> Vec<Arc<dyn BlockSource>> {
        let Some(answer) = self.ask(router, cid).await else { return Vec::new() };
        self.sources(answer.providers.into_iter().filter_map(Peer::read))
    }

    async fn find_publicly(&self, cid: &Cid) -> Vec<Arc<dyn BlockSource>> {
        // Nothing is started for a directory that is switched off.
        if self.ipfs.0.public_dht.get().is_none() {
            return Vec::new();
        }
        let Ok(Some(dht)) = self.ipfs.host().await.map(osp_p2p::P2p::public_dht) else { return Vec::new() };
        let found = dht.providers(cid, MAX_PEERS).await;
        self.sources(found.into_iter().map(|found| (found.peer, found.addresses)))
    }
}

impl Routers {
    /// Sources of what strangers said.
    fn sources(&self, peers: impl Iterator<Item = (PeerId, Vec<Multiaddr>)>) -> Vec<Arc<dyn BlockSource>> {
        let own = self.ipfs.0.host.get().map(osp_p2p::P2p::peer_id);
        let mut found: Vec<Arc<dyn BlockSource>> = Vec::new();
        for (peer, mut addresses) in peers {
            // Looked at here already, so that nothing is started for peers that cannot be called anyway.
            addresses.retain(|address| self.guard.permits_address(address));
            if Some(peer) != own && !addresses.is_empty() && found.len() < MAX_PEERS {
                found.push(Arc::new(BitswapPeer::new(&self.ipfs, peer, Named::Learned(addresses))));
            }
        }
        found
    }
}

/// Finds peers that announced content in the network of nodes.
struct NetworkPeers {
    ipfs: Ipfs,
    network: Network,
}

impl BlockSearch for NetworkPeers {
    fn search(&self, cid: &Cid) -> BoxStream<'static, Arc<dyn BlockSource>> {
        let Ok(key) = IndexKey::content(cid) else { return stream::empty().boxed() };
        let found = (self.network.providers(key), self.ipfs.clone());
        let one = |(mut providers, ipfs): (_, Ipfs)| async move {
            let found = crate::discovery::network::Providers::next(&mut providers).await?;
            let peer = BitswapPeer::new(&ipfs, found.peer, Named::Found(found.addresses));
            Some((Arc::new(peer) as Arc<dyn BlockSource>, (providers, ipfs)))
        };
        stream::unfold(found, one).boxed()
    }
}

impl Node {
    /// The same request, which finds peers in the network as well, if this process takes part in it.
    pub(crate) async fn with_network(&self, mut request: DownloadRequest) -> DownloadRequest {
        if let Some(network) = self.network().await {
            request.search = Some(Arc::new(NetworkPeers { ipfs: self.ipfs().clone(), network }));
        }
        request
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const PEER: &str = "12D3KooWM8sovaEGU1bmiWGWAzvs47DEcXKZZTuJnpQyVTkRs2Vn";

    #[test]
    fn a_typed_peer_is_named() {
        assert!(parse_typed(&format!("/ip4/127.0.0.1/tcp/4001/p2p/{PEER}")).is_ok());
        let nameless = parse_typed("/ip4/127.0.0.1/tcp/4001").unwrap_err();
        assert!(matches!(nameless, TypedPeerError::Nameless(_)));
        assert!(matches!(parse_typed("/home/max"), Err(TypedPeerError::Malformed(_))));
    }

    #[test]
    fn only_peers_that_may_speak_bitswap_are_taken_from_a_router() {
        let peer = |schema: &str, protocols: serde_json::Value| {
            let addrs = ["/ip4/192.0.2.1/tcp/4001", "nonsense"];
            Peer::read(
                serde_json::json!({"Schema": schema, "ID": PEER, "Addrs": addrs, "Protocols": protocols}),
            )
        };
        assert_eq!(peer("peer", serde_json::json!([BITSWAP])).unwrap().1.len(), 1);
        assert!(peer("peer", serde_json::json!([])).is_some());
        assert!(peer("peer", serde_json::json!(["transport-ipfs-gateway-http"])).is_none());
        assert!(peer("unknown", serde_json::json!([])).is_none());
        assert!(Peer::read(serde_json::json!({"Schema": "peer"})).is_none());
    }
}
