//! Downloads from peers that give blocks: alone, beside mirrors, and what becomes of those that lie or have nothing.

use crate::support::{Bench, MIB, Track, mirror, plain};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use osp_core::{Cid, unixfs::Profile};
use osp_delivery::{
    DeliveryError, Outcome, SourceKind,
    download::{BlockFinder, BlockSearch, BlockSource, DownloadRequest},
};
use osp_fetch::Target;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A peer with the blocks of one track.
struct Peer {
    name: &'static str,
    blocks: HashMap<Cid, Bytes>,
    /// Turns a bit in every block of this many bytes or more.
    lies_from: usize,
    asked: AtomicUsize,
}

impl Peer {
    fn new(name: &'static str, track: &Track) -> Self {
        let blocks = track.file.blocks().into_iter().map(|(cid, block, _)| (cid, block.into())).collect();
        Self { name, blocks, lies_from: usize::MAX, asked: AtomicUsize::new(0) }
    }
}

#[async_trait]
impl BlockSource for Peer {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn block(&self, cid: &Cid) -> Result<Bytes, Outcome> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let block = self.blocks.get(cid).ok_or_else(|| Outcome::Absent("it does not have it".to_owned()))?;
        if block.len() < self.lies_from {
            return Ok(block.clone());
        }
        let mut other = block.to_vec();
        other[0] ^= 1;
        Ok(other.into())
    }
}

fn from_peers(track: &Track, peers: &[Arc<Peer>]) -> DownloadRequest {
    let mut request = track.by_cid(&[]);
    request.blocks = peers.iter().map(|peer| Arc::clone(peer) as _).collect();
    request
}

#[tokio::test]
async fn a_file_of_either_profile_comes_from_a_peer_alone_and_no_block_twice() {
    for (profile, size) in [
        (Profile::V1_2025, 3 * MIB + 5),
        (Profile::V0_2015, 3 * MIB + 5),
        (Profile::V1_2025, 70_000),
        (Profile::V0_2015, 70_000),
    ] {
        let track = Track::new(profile, size);
        let peer = Arc::new(Peer::new("peer", &track));
        let download = Bench::new().delivers(&track, from_peers(&track, &[Arc::clone(&peer)])).await;
        let progress = download.progress().await;
        assert_eq!((progress.ipfs, progress.http), (size as u64, 0), "{profile:?}, {size}");
        assert_eq!(peer.asked.load(Ordering::Relaxed), peer.blocks.len(), "{profile:?}, {size}");
    }
}

#[tokio::test]
async fn a_peer_that_lies_is_named_and_another_delivers() {
    let track = Track::new(Profile::V1_2025, 3 * MIB);
    let liar = Arc::new(Peer { lies_from: MIB, ..Peer::new("liar", &track) });
    let honest = Arc::new(Peer::new("honest", &track));
    let download = Bench::new().delivers(&track, from_peers(&track, &[liar, honest])).await;
    let attempts = download.attempts();
    assert!(attempts.iter().any(|a| a.source == "liar" && a.outcome.is_lie()), "{attempts:?}");
    assert!(!attempts.iter().any(|a| a.source == "honest" && a.outcome.is_lie()), "{attempts:?}");
}

#[tokio::test]
async fn without_an_honest_source_the_end_names_who_lied_and_who_has_nothing() {
    let track = Track::new(Profile::V1_2025, 3 * MIB);
    let empty = Arc::new(Peer { blocks: HashMap::new(), ..Peer::new("empty", &track) });
    let download = Bench::new().downloads.open(from_peers(&track, std::slice::from_ref(&empty)));
    let Err(error) = download.finished().await else { panic!("nobody has it") };
    assert!(
        matches!(&*error, DeliveryError::NotFound { attempts, .. } if attempts[0].source == "empty"),
        "{error}"
    );

    let liar = Arc::new(Peer { lies_from: 0, ..Peer::new("liar", &track) });
    let download = Bench::new().downloads.open(from_peers(&track, &[empty, liar]));
    let Err(error) = download.finished().await else { panic!("nobody has it") };
    assert!(matches!(&*error, DeliveryError::Lied { .. }), "{error}");
    assert!(error.to_string().contains("liar lied"), "{error}");
}

#[tokio::test]
async fn a_mirror_without_proofs_is_proven_by_a_peers_blocks() {
    let track = Track::new(Profile::V1_2025, 5 * MIB);
    let server = plain(&track).await;
    let peer = Arc::new(Peer::new("peer", &track));
    let mut request = from_peers(&track, &[peer]);
    request.http.push(mirror(&server));
    let bench = Bench::new();
    bench.delivers(&track, request).await;
}

/// Names one peer for every router.
struct Finder(Arc<Peer>);

#[async_trait]
impl BlockFinder for Finder {
    async fn find(&self, _: &Target, _: &Cid) -> Vec<Arc<dyn BlockSource>> {
        vec![Arc::clone(&self.0) as _, Arc::clone(&self.0) as _]
    }
}

#[tokio::test]
async fn peers_that_a_node_names_are_asked_when_it_has_nothing_itself() {
    let track = Track::new(Profile::V0_2015, 2 * MIB);
    let node = crate::server::Server::start(|_| crate::server::Reply::status(404)).await;
    let mut bench = Bench::new();
    let mut config = bench.downloads.config().clone();
    config.finder = Some(Arc::new(Finder(Arc::new(Peer::new("found", &track)))));
    bench.downloads = osp_delivery::download::Downloads::new(config);
    let request = track.by_cid(&[crate::support::node(&node)]);
    let download = bench.delivers(&track, request).await;
    let finished = download.finished().await.unwrap();
    assert!(finished.bytes_by_source.iter().all(|part| part.kind == SourceKind::Ipfs));
    assert_eq!(finished.bytes_by_source[0].source, "found");
}

/// A network that knows these peers and, unless it is patient, no others.
struct Network {
    peers: Vec<Arc<Peer>>,
    patient: bool,
    searched: AtomicUsize,
}

impl Network {
    fn of(peers: Vec<Arc<Peer>>, patient: bool) -> Arc<Self> {
        Arc::new(Self { peers, patient, searched: AtomicUsize::new(0) })
    }
}

impl BlockSearch for Network {
    fn search(&self, _: &Cid) -> BoxStream<'static, Arc<dyn BlockSource>> {
        self.searched.fetch_add(1, Ordering::Relaxed);
        let known = stream::iter(self.peers.clone()).map(|peer| peer as Arc<dyn BlockSource>);
        if self.patient { known.chain(stream::pending()).boxed() } else { known.boxed() }
    }
}

#[tokio::test]
async fn peers_of_the_network_deliver_as_they_are_found_and_it_is_asked_once() {
    let track = Track::new(Profile::V1_2025, 3 * MIB);
    let empty = Arc::new(Peer { blocks: HashMap::new(), ..Peer::new("empty", &track) });
    // It never says that it knows no more: nothing waits for that.
    let network = Network::of(vec![empty, Arc::new(Peer::new("found", &track))], true);
    let mut request = track.by_cid(&[]);
    request.search = Some(Arc::clone(&network) as _);
    let bench = Bench::new();
    let download = bench.delivers(&track, request).await;
    let finished = download.finished().await.unwrap();
    assert_eq!(finished.bytes_by_source.iter().map(|part| &*part.source).collect::<Vec<_>>(), ["found"]);
    assert_eq!(network.searched.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_node_without_the_file_is_helped_out_by_the_network() {
    let track = Track::new(Profile::V0_2015, 2 * MIB);
    let node = crate::server::Server::start(|_| crate::server::Reply::status(404)).await;
    let mut request = track.by_cid(&[crate::support::node(&node)]);
    request.search = Some(Network::of(vec![Arc::new(Peer::new("found", &track))], false));
    Bench::new().delivers(&track, request).await;
}

#[tokio::test]
async fn a_network_that_knows_nobody_ends_the_download() {
    let track = Track::new(Profile::V1_2025, 3 * MIB);
    let mut request = track.by_cid(&[]);
    request.search = Some(Network::of(Vec::new(), false));
    let Err(error) = Bench::new().downloads.open(request).finished().await else { panic!("nobody has it") };
    assert!(matches!(&*error, DeliveryError::NotFound { .. }), "{error}");
}
