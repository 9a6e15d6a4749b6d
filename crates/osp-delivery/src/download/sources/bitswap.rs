//! Byte ranges of a file out of the blocks of one peer.
//!
//! ```text
//!  leaves   |  0: CID  |  1: CID  |  2: CID  |  3: CID  |     known from the root, each proves its bytes
//!  range          [===========================)
//!  fetched        cut       whole      cut                several at once, given on in order
//! ```
//!
//! Ranges are asked for along the leaves' borders, so that no block is fetched for a part of it.

use crate::{
    Outcome, SourceKind,
    download::{
        blocks::PeerBlocks,
        leaves::{Leaf, Leaves},
    },
    torrent::{RangeBody, RangeSource},
};
use bytes::Bytes;
use osp_peers::stream::BoxFuture;
use osp_swarm::WebSeed;
use std::{collections::VecDeque, ops::Range, sync::Arc};
use tokio::task::JoinHandle;

/// Ranges asked for at once.
const PARALLEL: u8 = 2;
/// Bytes of blocks that one range has under way.
const AHEAD: u64 = 4 * 1024 * 1024;

/// The blocks of one peer as byte ranges.
pub(crate) struct BlockRanges {
    peer: Arc<PeerBlocks>,
    leaves: Arc<Leaves>,
}

impl BlockRanges {
    pub(crate) fn new(peer: Arc<PeerBlocks>, leaves: Arc<Leaves>) -> Self {
        Self { peer, leaves }
    }

    /// The size of all leaves but the last; 1 where they differ.
    fn align(&self) -> u32 {
        let leaves = &self.leaves.leaves;
        let size = leaves.first().map_or(1, |leaf| leaf.len);
        let before_last = &leaves[..leaves.len().saturating_sub(1)];
        if before_last.iter().all(|leaf| leaf.len == size) { size.max(1) } else { 1 }
    }
}

impl RangeSource for BlockRanges {
    fn name(&self) -> String {
        self.peer.name()
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Ipfs
    }

    fn ability(&self) -> WebSeed {
        WebSeed { align: self.align(), parallel: PARALLEL, free: false }
    }

    fn fetch(&self, range: Range<u64>) -> BoxFuture<'_, Result<Box<dyn RangeBody>, Outcome>> {
        let wanted = self.leaves.over(&range);
        let (peer, leaves) = (Arc::clone(&self.peer), Arc::clone(&self.leaves));
        let body = Body { peer, leaves, wanted, range, asked: VecDeque::new(), ahead: 0 };
        Box::pin(std::future::ready(Ok(Box::new(body) as Box<dyn RangeBody>)))
    }
}

/// The blocks of one range.
struct Body {
    peer: Arc<PeerBlocks>,
    leaves: Arc<Leaves>,
    /// Leaves that were not asked for yet.
    wanted: Range<usize>,
    range: Range<u64>,
    asked: VecDeque<(Leaf, JoinHandle<Result<Bytes, Outcome>>)>,
    /// Bytes in `asked`.
    ahead: u64,
}

impl Body {
    fn ask(&mut self) {
        while self.asked.is_empty() || self.ahead < AHEAD {
            let Some(leaf) = self.wanted.next().and_then(|at| self.leaves.leaves.get(at).copied()) else {
                return;
            };
            let peer = Arc::clone(&self.peer);
            self.asked.push_back((leaf, tokio::spawn(async move { peer.leaf(leaf).await })));
            self.ahead += u64::from(leaf.len);
        }
    }
}

impl RangeBody for Body {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Bytes>, Outcome>> {
        Box::pin(async move {
            self.ask();
            // It stays in the queue while it is awaited, so that it is given up with the range.
            let Some((leaf, answer)) = self.asked.front_mut() else { return Ok(None) };
            let leaf = *leaf;
            let answer = answer.await;
            self.asked.pop_front();
            self.ahead -= u64::from(leaf.len);
            let data = answer.map_err(|error| Outcome::Failed(error.to_string()))??;
            let within = |place: u64| {
                let place = place.clamp(leaf.offset, leaf.range().end) - leaf.offset;
                usize::try_from(place).unwrap_or(data.len())
            };
            Ok(Some(data.slice(within(self.range.start)..within(self.range.end))))
        })
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.asked.iter().for_each(|(_, task)| task.abort());
    }
}
