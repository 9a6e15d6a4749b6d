//! IPFS peers that lie, stall or have nothing, named to the real program: `osp resolve CID --from MULTIADDR`.

use crate::{
    liars::wav,
    support::{Done, Machine, node::Node, text},
};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{parse_cid, raw_cid, sha256},
};
use osp_p2p::{Blocks, Config, P2p};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What a peer does when it is asked for a block.
#[derive(Clone)]
enum Manner {
    /// The root as it is, and other bytes for every other block.
    FalseLeaves(Cid, Bytes),
    /// Other bytes, as many as a block may have, for everything.
    FalseBlocks,
    /// These blocks as they are, and nothing else.
    Honest(Vec<(Cid, Bytes)>),
    /// No answer.
    Stalls,
    /// It says that it does not have it.
    HasNothing,
}

#[async_trait]
impl Blocks for Manner {
    async fn get(&self, cid: &Cid) -> Option<Bytes> {
        match self {
            Self::FalseLeaves(root, block) if root.hash() == cid.hash() => Some(block.clone()),
            Self::FalseLeaves(..) => Some(Bytes::from_static(b"something else")),
            Self::FalseBlocks => Some(vec![7; 1 << 20].into()),
            Self::Honest(blocks) => {
                blocks.iter().find(|(known, _)| known.hash() == cid.hash()).map(|(_, block)| block.clone())
            }
            Self::Stalls => std::future::pending().await,
            Self::HasNothing => None,
        }
    }
}

/// A peer on loopback, for as long as this lives.
struct Peer {
    address: String,
    id: String,
    _host: (P2p, Runtime),
}

impl Peer {
    fn new(manner: Manner) -> Self {
        let runtime = Runtime::new().unwrap();
        let mut config = Config::new(identity(&manner));
        config.listen = vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()];
        config.blocks = Arc::new(manner);
        let (host, listening) = runtime.block_on(P2p::start(config)).unwrap();
        let id = host.peer_id().to_string();
        Self { address: format!("{}/p2p/{id}", listening[0]), id, _host: (host, runtime) }
    }
}

/// An identity for each manner.
fn identity(manner: &Manner) -> [u8; 32] {
    let number = match manner {
        Manner::FalseLeaves(..) => 1,
        Manner::FalseBlocks => 2,
        Manner::Stalls => 3,
        Manner::HasNothing => 4,
        Manner::Honest(_) => 5,
    };
    [number; 32]
}

/// A track of several blocks, on a node that is honest.
struct Stage {
    honest: Node,
    artist: Machine,
    cid: String,
    bytes: Vec<u8>,
}

impl Stage {
    fn new() -> Self {
        let artist = Machine::of_artist();
        let bytes = wav(3_000_000);
        let record = artist.publish([artist.file("long.wav", &bytes)]).remove(0);
        let honest = Node::start_with(&artist, &["--p2p", "/ip4/127.0.0.1/tcp/0"]);
        Self { honest, cid: text(&record, "cid").to_owned(), artist, bytes }
    }

    fn root(&self) -> (Cid, Bytes) {
        let block = self.honest.get(&format!("/ipfs/{}?format=raw", self.cid)).body;
        (parse_cid(&self.cid).unwrap(), block.into())
    }

    /// The blocks below the root.
    fn leaves(&self) -> Vec<(Cid, Bytes)> {
        let leaf = |block: &[u8]| (raw_cid(sha256(block)), Bytes::copy_from_slice(block));
        self.bytes.chunks(1 << 20).map(leaf).collect()
    }

    fn honest_address(&self) -> &str {
        self.honest.ready["p2p"][0].as_str().unwrap()
    }

    /// Resolves from these, and nothing is left behind if that fails.
    fn resolve(&self, from: &[&str]) -> (Done, Machine) {
        let listener = Machine::new();
        let mut arguments = vec!["resolve", &self.cid, "--output", "out.wav"];
        from.iter().for_each(|place| arguments.extend(["--from", place]));
        let done = listener.run(arguments);
        assert_eq!(listener.path("out.wav").exists(), done.code == Some(0), "{done:?}");
        assert_eq!(listener.json(["doctor", "--scrub"])[0]["damaged"], serde_json::json!([]));
        (done, listener)
    }

    fn is_delivered(&self, from: &[&str]) -> Done {
        let (done, listener) = self.resolve(from);
        assert_eq!(done.code, Some(0), "{done:?}");
        assert_eq!(std::fs::read(listener.path("out.wav")).unwrap(), self.bytes);
        done
    }
}

#[test]
fn a_peer_that_sends_other_bytes_is_named_and_left_out() {
    let stage = Stage::new();
    let (root, block) = stage.root();
    for manner in [Manner::FalseLeaves(root, block), Manner::FalseBlocks] {
        let liar = Peer::new(manner);
        let (alone, _) = stage.resolve(&[&liar.address]);
        alone.failed(3, &liar.id);
        stage.is_delivered(&[&liar.address, stage.honest_address()]);
    }
    drop(stage.artist);
}

/// Only the liar has the root, so it is met, whoever answers first; the leaves it is asked for it does not have.
#[test]
fn a_peer_that_begins_honestly_and_then_lies_is_named_when_others_mend_it() {
    let stage = Stage::new();
    let (root, block) = stage.root();
    let liar = Peer::new(Manner::FalseLeaves(root, block));
    let honest = Peer::new(Manner::Honest(stage.leaves()));
    let saved = stage.is_delivered(&[&liar.address, &honest.address]);
    assert!(saved.stderr.contains(&liar.id), "the liar is named: {saved:?}");
}

#[test]
fn a_peer_that_stalls_is_passed_over() {
    let stage = Stage::new();
    let silent = Peer::new(Manner::Stalls);
    let (alone, _) = stage.resolve(&[&silent.address]);
    alone.failed(4, &silent.id);
    stage.is_delivered(&[&silent.address, stage.honest_address()]);
}

#[test]
fn a_peer_that_has_nothing_is_no_liar() {
    let stage = Stage::new();
    let empty = Peer::new(Manner::HasNothing);
    let (alone, _) = stage.resolve(&[&empty.address]);
    alone.failed(4, &empty.id);
    let found = stage.is_delivered(&[&empty.address, stage.honest_address()]);
    assert!(!found.stderr.contains("warning"), "{found:?}");
}
