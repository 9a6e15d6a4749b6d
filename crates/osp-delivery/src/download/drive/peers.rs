//! Peers that give blocks: asked for the interior blocks first, then, as soon as the leaves are known, for their data.

use super::{Answer, Drive, Event};
use crate::{
    Source,
    download::{
        BlockSource,
        blocks::{InOrder, PeerBlocks},
        sources::BlockRanges,
    },
    torrent::RangeSource as _,
};
use futures_util::{StreamExt as _, stream::BoxStream};
use osp_core::{Cid, content::RAW};
use osp_fetch::Target;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Most peers that one download asks.
const MAX_PEERS: usize = 16;

/// How long the places that are named have for themselves before the network is asked, too.
const HEAD_START: Duration = Duration::from_millis(500);

/// Peers as the network finds them.
pub(super) type Search = BoxStream<'static, Arc<dyn BlockSource>>;

/// A peer of this download.
pub(super) struct BlockPeer {
    blocks: Arc<PeerBlocks>,
    question: Question,
}

/// Whether it was asked for the interior blocks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Question {
    NotAsked,
    Asked,
    Answered,
    /// It does not have them.
    Failed,
}

impl Drive {
    /// Asks a router who has blocks.
    pub(super) fn look_for_peers(&mut self, router: &Target, cid: Cid) {
        let Some(finder) = self.config.finder.clone() else { return };
        let router = router.clone();
        self.finding += 1;
        self.asked.spawn(async move { Event::Found(finder.find(&router, &cid).await) });
    }

    /// Asks the public directory, as the last resort. `false` if there is none, or it was asked before.
    pub(super) fn look_publicly(&mut self) -> bool {
        let (Some(finder), Some(cid)) = (self.config.finder.clone(), self.request.cid) else { return false };
        if std::mem::replace(&mut self.asked_publicly, true) {
            return false;
        }
        self.finding += 1;
        self.asked.spawn(async move { Event::Found(finder.find_publicly(&cid).await) });
        true
    }

    /// Asks the network, once, as soon as the content has a name.
    pub(super) fn search(&mut self) {
        let (Some(search), Some(cid)) = (self.request.search.clone(), self.request.cid) else { return };
        if std::mem::replace(&mut self.searched, true) {
            return;
        }
        self.finding += 1;
        let alone = self.places.is_empty() && self.peers.is_empty();
        self.asked.spawn(async move {
            if !alone {
                sleep(HEAD_START).await;
            }
            first_of(search.search(&cid)).await
        });
    }

    /// Waits for the next one, unless there are enough.
    pub(super) fn search_on(&mut self, search: Search) {
        if self.peers.len() < MAX_PEERS {
            self.asked.spawn(first_of(search));
        } else {
            self.finding -= 1;
        }
    }

    /// Peers have become known.
    pub(super) fn add_peers(&mut self, peers: Vec<Arc<dyn BlockSource>>) {
        for peer in peers {
            let known = self.peers.iter().any(|known| known.blocks.name() == peer.name());
            if known || self.peers.len() == MAX_PEERS {
                continue;
            }
            let blocks = Arc::new(PeerBlocks::new(peer));
            self.peers.push(BlockPeer { blocks, question: Question::NotAsked });
        }
        self.ask_peers();
        self.use_peers();
    }

    /// Asks peers for the interior blocks, where they are not known.
    pub(super) fn ask_peers(&mut self) {
        let Some(cid) = self.request.cid else { return };
        // A raw root is its own leaf: with its size nothing more needs to be known.
        if self.leaves.is_some() || (cid.codec() == RAW && self.size.is_some()) {
            return;
        }
        for (index, peer) in self.peers.iter_mut().enumerate() {
            if peer.question != Question::NotAsked {
                continue;
            }
            peer.question = Question::Asked;
            let answer = self.prover.clone().leaves_from_peer(Arc::clone(&peer.blocks), cid);
            self.asked.spawn(async move { Event::PeerAnswer(index, answer.await) });
        }
    }

    /// A peer has answered.
    pub(super) fn answered(&mut self, index: usize, answer: &Answer) {
        if let Some(peer) = self.peers.get_mut(index) {
            let found = matches!(answer, Answer::Leaves(_));
            peer.question = if found { Question::Answered } else { Question::Failed };
        }
    }

    /// Lets the engine use the peers, if the leaves are known.
    pub(super) fn use_peers(&mut self) {
        let Some(run) = &mut self.run else { return };
        let Some(pieces) = run.gate.pieces() else { return };
        let Some(leaves) = self.leaves.clone().or_else(|| pieces.known_leaves()) else { return };
        if leaves.size != pieces.geometry().length() {
            return;
        }
        for peer in self.peers.iter().filter(|peer| peer.question != Question::Failed) {
            let name = peer.blocks.name();
            let known = run.sources.iter().any(|source| source.name() == name);
            if known || self.shared.ledger.has_lied(&name) {
                continue;
            }
            let ranges = BlockRanges::new(Arc::clone(&peer.blocks), Arc::clone(&leaves));
            run.add(Arc::new(ranges), &self.shared);
        }
    }

    /// Whether a peer may still turn out to be of use.
    pub(super) fn awaits_peers(&self) -> bool {
        self.finding > 0 || self.peers.iter().any(|peer| peer.question == Question::Asked)
    }

    /// The peers as sources that are asked in order.
    pub(super) fn peers_in_order(&self) -> Vec<Box<dyn Source>> {
        let left = self.peers.iter().filter(|peer| !self.shared.ledger.has_lied(&peer.blocks.name()));
        left.map(|peer| Box::new(InOrder(Arc::clone(&peer.blocks))) as Box<dyn Source>).collect()
    }
}

async fn first_of(mut search: Search) -> Event {
    match search.next().await {
        Some(peer) => Event::FoundOne(peer, search),
        None => Event::NoMore,
    }
}
