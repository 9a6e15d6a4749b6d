//! Web seeds: the state of each, and the bytes that come of their ranges.
//!
//! The bytes of a range come in order and are cut into blocks as they come. A fetch that brings nothing needed any more
//! is cancelled; one that fails makes the seed pause, twice as long each time; one that gives bad bytes ends it.

use super::{
    Engine, Event, FetchFault, FetchId, Origin, Reason, WebSeed, WebSeedId,
    blame::Sender,
    budget::{FETCH_STALL, FIRST_BACKOFF, LAST_BACKOFF, LATE_SLACK, URGENT_STALL},
    pieces::BlockId,
    rate::Rate,
};
use crate::{
    ids::{BLOCK_BYTES, Geometry},
    time::Time,
};
use bytes::{Bytes, BytesMut};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

/// A range that is being fetched.
#[derive(Debug)]
pub(crate) struct Fetch {
    pub(crate) range: Range<u64>,
    /// The next byte that comes, and the bytes before it of a block that is not whole.
    next: u64,
    partial: BytesMut,
    pub(crate) started: Time,
    /// When bytes came last.
    pub(crate) moved: Option<Time>,
    /// What is needed of it.
    pub(crate) blocks: BTreeSet<BlockId>,
}

/// One web seed.
#[derive(Debug)]
pub(crate) struct Seed {
    pub(crate) ability: WebSeed,
    pub(crate) fetches: BTreeMap<FetchId, Fetch>,
    pub(crate) rate: Rate,
    failures: u32,
    gave: bool,
    /// It is not asked before.
    pub(crate) resume: Time,
    /// Until then it counts as too slow for what it was asked for.
    pub(crate) behind: Time,
}

impl Seed {
    pub(crate) fn new(ability: WebSeed, now: Time) -> Self {
        Self {
            ability,
            fetches: BTreeMap::new(),
            rate: Rate::default(),
            failures: 0,
            gave: false,
            resume: now,
            behind: Time::ZERO,
        }
    }

    /// Whether it gave what it was last asked for, keeps up with the readers, and can be asked now.
    pub(crate) fn works(&self, now: Time) -> bool {
        self.gave && self.failures == 0 && now >= self.resume && now >= self.behind
    }

    fn failed(&mut self, now: Time) {
        let pause = FIRST_BACKOFF * 2u32.saturating_pow(self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.resume = now + pause.min(LAST_BACKOFF);
    }
}

impl Fetch {
    pub(crate) fn new(range: Range<u64>, blocks: BTreeSet<BlockId>, now: Time) -> Self {
        let next = range.start;
        Self { range, next, partial: BytesMut::new(), started: now, moved: None, blocks }
    }

    /// More bytes: the blocks that are whole now. Bytes beyond the range are cut off; what comes before the first
    /// block that starts inside the range is passed over.
    fn push(&mut self, mut bytes: Bytes, geometry: Geometry) -> Vec<(BlockId, Bytes)> {
        let mut out = Vec::new();
        while !bytes.is_empty() && self.next < self.range.end {
            let Some(piece) = geometry.piece_at(self.next) else { break };
            let in_piece = (self.next - geometry.range(piece).start) as u32;
            let begin = in_piece - in_piece % BLOCK_BYTES;
            let len = BLOCK_BYTES.min(geometry.piece_len(piece) - begin);
            let left = (begin + len - in_piece) as usize;
            let now = bytes.split_to(left.min(bytes.len()));
            self.next += now.len() as u64;
            let id = BlockId { piece, index: begin / BLOCK_BYTES };
            let whole = now.len() == left;
            if !self.blocks.contains(&id) {
                continue;
            }
            if now.len() == len as usize {
                out.push((id, now));
                continue;
            }
            self.partial.extend_from_slice(&now);
            if whole {
                let block = std::mem::take(&mut self.partial).freeze();
                if block.len() == len as usize {
                    out.push((id, block));
                }
            }
        }
        out
    }

    /// When a block of it will be whole if its bytes go on coming at `rate` bytes a second.
    pub(crate) fn arrival(&self, block_end: u64, rate: u64, now: Time) -> Time {
        let missing = block_end.saturating_sub(self.next);
        now + Duration::from_secs_f64(missing as f64 / rate.max(1) as f64)
    }

    /// Whether it ended before its range did.
    fn is_short(&self) -> bool {
        self.next < self.range.end
    }
}

impl Engine {
    pub(super) fn web_seed_fetched(&mut self, id: WebSeedId, fetch: FetchId, bytes: Bytes, now: Time) {
        let (Some(pieces), Some(seed)) = (&self.pieces, self.web_seeds.get_mut(&id)) else { return };
        let geometry = pieces.geometry();
        let Some(state) = seed.fetches.get_mut(&fetch) else {
            // Cancelled meanwhile.
            self.totals.wasted += bytes.len() as u64;
            return;
        };
        let count = bytes.len() as u64;
        state.moved = Some(now);
        let blocks = state.push(bytes, geometry);
        seed.rate.add(count, now);
        seed.gave = true;
        let sender = Sender { origin: Origin::WebSeed(id), kind: None, peer_id: None, address: None };
        for (block, data) in blocks {
            if let Some(state) = self.web_seeds.get_mut(&id).and_then(|seed| seed.fetches.get_mut(&fetch)) {
                state.blocks.remove(&block);
            }
            self.block_arrived(block, data, sender.clone(), now);
        }
    }

    pub(super) fn web_seed_ended(
        &mut self,
        id: WebSeedId,
        fetch: FetchId,
        result: Result<(), FetchFault>,
        now: Time,
    ) {
        let Some(seed) = self.web_seeds.get_mut(&id) else { return };
        let Some(state) = seed.fetches.remove(&fetch) else { return };
        let well = result == Ok(()) && !state.is_short();
        match result {
            Ok(()) if well => seed.failures = 0,
            Err(FetchFault::Unusable) => seed.resume = Time::NEVER,
            Ok(()) | Err(FetchFault::Failed) => seed.failed(now),
        }
        self.release(Origin::WebSeed(id), state.blocks, now);
        if !well {
            self.abandon(Origin::WebSeed(id), now);
        }
        self.feed_seeds = true;
    }

    /// A fetch does not have to bring this block any more.
    pub(super) fn spare_web_seed(&mut self, id: WebSeedId, block: BlockId) {
        let Some(seed) = self.web_seeds.get_mut(&id) else { return };
        for (name, fetch) in &mut seed.fetches {
            if fetch.blocks.remove(&block) {
                if fetch.blocks.is_empty() {
                    let fetch = *name;
                    seed.fetches.remove(&fetch);
                    self.events.push_back(Event::CancelFetch { seed: id, fetch });
                    self.feed_seeds = true;
                }
                return;
            }
        }
    }

    /// Gives up fetches that bring nothing.
    pub(super) fn expire_fetches(&mut self, now: Time) {
        let mut stalled = Vec::new();
        for (id, seed) in &self.web_seeds {
            for (name, fetch) in &seed.fetches {
                let urgent = fetch.blocks.iter().filter_map(|block| self.window.deadline(block.piece));
                let waited_for = urgent.min().is_some_and(|deadline| deadline < now + LATE_SLACK);
                // Somebody waits: sooner, but a source that is only slow gets longer each time.
                let patience = match waited_for {
                    true => (URGENT_STALL * 2u32.saturating_pow(seed.failures.min(8))).min(FETCH_STALL),
                    false => FETCH_STALL,
                };
                if now.since(fetch.moved.unwrap_or(fetch.started)) >= patience {
                    stalled.push((*id, *name));
                }
            }
        }
        for (seed, fetch) in stalled {
            self.events.push_back(Event::CancelFetch { seed, fetch });
            self.web_seed_ended(seed, fetch, Err(FetchFault::Failed), now);
        }
    }

    /// Stops a fetch, through no fault of the seed.
    pub(super) fn stop_fetch(&mut self, id: WebSeedId, fetch: FetchId, now: Time) {
        let Some(seed) = self.web_seeds.get_mut(&id) else { return };
        let Some(state) = seed.fetches.remove(&fetch) else { return };
        self.events.push_back(Event::CancelFetch { seed: id, fetch });
        self.release(Origin::WebSeed(id), state.blocks, now);
    }

    /// Forgets a web seed and gives its blocks to others; with a reason, says so.
    pub(super) fn drop_web_seed(&mut self, id: WebSeedId, reason: Option<Reason>, now: Time) {
        let Some(seed) = self.web_seeds.remove(&id) else { return };
        for (fetch, state) in seed.fetches {
            self.events.push_back(Event::CancelFetch { seed: id, fetch });
            self.release(Origin::WebSeed(id), state.blocks, now);
        }
        self.abandon(Origin::WebSeed(id), now);
        if let Some(reason) = reason {
            self.events.push_back(Event::DropWebSeed { seed: id, reason });
        }
        self.feed_seeds = true;
    }

    /// Stops everything that is asked of web seeds.
    pub(super) fn cancel_fetches(&mut self, now: Time) {
        let mut blocks = Vec::new();
        for (id, seed) in &mut self.web_seeds {
            for (fetch, state) in std::mem::take(&mut seed.fetches) {
                self.events.push_back(Event::CancelFetch { seed: *id, fetch });
                blocks.push((*id, state.blocks));
            }
        }
        for (id, blocks) in blocks {
            self.release(Origin::WebSeed(id), blocks, now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::ids::PieceIndex;

    #[test]
    fn a_range_cut_anyhow_gives_the_same_blocks() {
        let geometry = Geometry::new(150_000, 65_536).unwrap();
        let file: Vec<u8> = (0..150_000u32).map(|i| (i % 251) as u8).collect();
        let all: BTreeSet<BlockId> = (0..3)
            .flat_map(|piece| geometry.blocks(PieceIndex(piece)))
            .map(|block| BlockId { piece: block.piece, index: block.begin / BLOCK_BYTES })
            .collect();
        for step in [1, 1000, 16_384, 40_000, 150_000] {
            for start in [0, 65_536, 1000] {
                let mut fetch = Fetch::new(start as u64..150_000, all.clone(), Time::ZERO);
                let mut got = Vec::new();
                for chunk in file[start..].chunks(step) {
                    got.extend(fetch.push(Bytes::copy_from_slice(chunk), geometry));
                }
                assert!(!fetch.is_short());
                let whole = geometry.blocks(PieceIndex(2)).count();
                assert!(got.len() >= whole);
                for (id, data) in got {
                    let at = geometry.range(id.piece).start as usize + (id.index * BLOCK_BYTES) as usize;
                    assert_eq!(data, file[at..at + data.len()], "step {step}, start {start}");
                }
            }
        }
    }

    #[test]
    fn pauses_double_up_to_their_bound() {
        let mut seed = Seed::new(WebSeed { align: 1, parallel: 1, free: false }, Time::ZERO);
        let mut pauses = Vec::new();
        for _ in 0..12 {
            seed.failed(Time::ZERO);
            pauses.push(seed.resume.since_origin());
        }
        assert_eq!(pauses[..3], [FIRST_BACKOFF, FIRST_BACKOFF * 2, FIRST_BACKOFF * 4]);
        assert_eq!(pauses[11], LAST_BACKOFF);
    }
}
