//! Which ranges are asked of web seeds, and how peers relieve them.
//!
//! | situation | a web seed is asked for |
//! |---|---|
//! | its bytes are free | all that is wanted |
//! | reading, the first seconds, no peers yet | pieces whose deadline is nearer than the reserve |
//! | reading, there are peers | the same, unless peers will have them in time at the rate they keep |
//! | reading, no peers for [`PEERS_GRACE`] | the window, then the rest |
//! | nobody reads, no peers, or slower ones than itself | all that is wanted |
//! | nobody reads, faster peers | nothing |
//! | a late block of anybody | that block, if nearly due; in place of a range that is needed later, if there is no room |
//!
//! Contiguous blocks become one range of at most [`MAX_RANGE_BYTES`], widened to what the seed can give.

use super::{
    Demand, Engine, Event, FetchId, Origin, WebSeedId,
    budget::{FIRST_RANGE_BYTES, MAX_RANGE_BYTES, PEERS_GRACE},
    pieces::BlockId,
    webseeds::Fetch,
};
use crate::{
    ids::{BLOCK_BYTES, ConnId, PieceIndex},
    time::Time,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

/// A range lasts about this long at the rate of its seed.
const RANGE_SECONDS: u64 = 2;
/// Peers must be this much before a deadline to be relied on.
const MARGIN: Duration = Duration::from_millis(500);

/// What peers leave to web seeds.
struct Relief {
    /// Pieces of the window that are asked of any web seed.
    due: BTreeSet<PieceIndex>,
    /// Whether everything else that is wanted is asked of them too.
    rest: bool,
}

impl Engine {
    /// Gives every web seed that has room something to fetch.
    pub(super) fn feed_web_seeds(&mut self, now: Time) {
        if self.web_seeds.is_empty() || !self.is_fetching(now) {
            return;
        }
        let relief = self.relief(now);
        let mut order: Vec<(bool, u64, WebSeedId)> = self
            .web_seeds
            .iter()
            .map(|(id, seed)| (!seed.ability.free, u64::MAX - seed.rate.get(now), *id))
            .collect();
        order.sort_unstable();
        for (paid, _, id) in order {
            while let Some(seed) = self.web_seeds.get(&id) {
                let full = seed.fetches.len() >= usize::from(seed.ability.parallel.max(1));
                if full && !self.make_room(id, now) {
                    break;
                }
                let Some(seed) = self.web_seeds.get(&id) else { break };
                if now < seed.resume || !self.download_limiter.is_open(now) {
                    break;
                }
                let Some(blocks) = self.next_range(id, !paid, &relief, now) else { break };
                if !self.start_fetch(id, &blocks, now) {
                    break;
                }
            }
        }
    }

    fn relief(&self, now: Time) -> Relief {
        let alone = self.alone_since.is_some_and(|since| now.since(since) >= PEERS_GRACE);
        let peers: Vec<(ConnId, u64)> = self
            .sessions
            .iter()
            .filter(|(_, session)| !session.choking_us && !session.down.snubbed)
            .map(|(conn, session)| (*conn, session.down.rate.get(now)))
            .filter(|(_, rate)| *rate > 0)
            .collect();
        if self.window.is_empty() {
            let ours: u64 = peers.iter().map(|(_, rate)| rate).sum();
            let theirs: u64 = self.web_seeds.values().map(|seed| seed.rate.get(now)).sum();
            let rest = self.alone_since.is_some() || ours <= theirs;
            return Relief { due: BTreeSet::new(), rest };
        }
        let mut due = BTreeSet::new();
        let mut bytes_before: BTreeMap<ConnId, u64> = BTreeMap::new();
        let reserve = now + self.config.web_seed_reserve;
        let Some(pieces) = &self.pieces else { return Relief { due, rest: false } };
        for (deadline, piece) in self.window.list() {
            if pieces.have().has(*piece) {
                continue;
            }
            if alone {
                due.insert(*piece);
                continue;
            }
            if *deadline >= reserve {
                break;
            }
            let having: Vec<(ConnId, u64)> =
                peers.iter().filter(|(conn, _)| self.sessions[conn].has(*piece)).copied().collect();
            let rate: u64 = having.iter().map(|(_, rate)| rate).sum();
            let missing = u64::from(pieces.missing_in(*piece)) * u64::from(BLOCK_BYTES);
            let before: u64 =
                having.iter().map(|(conn, _)| bytes_before.get(conn).copied().unwrap_or(0)).sum();
            let seconds = (before + missing) as f64 / rate.max(1) as f64;
            let in_time = rate > 0 && now + Duration::from_secs_f64(seconds.min(1e6)) + MARGIN < *deadline;
            if in_time {
                // Their bytes until then are spoken for, each peer's in proportion to its rate.
                for (conn, share) in having {
                    *bytes_before.entry(conn).or_default() += missing * share / rate;
                }
            } else {
                due.insert(*piece);
            }
        }
        Relief { due, rest: alone }
    }

    /// The blocks of the next range for this seed.
    fn next_range(&mut self, id: WebSeedId, free: bool, relief: &Relief, now: Time) -> Option<Vec<BlockId>> {
        let origin = Origin::WebSeed(id);
        if let Some(blocks) = self.late_blocks(origin, now) {
            return Some(blocks);
        }
        let everything = self.demand == Demand::Everything && (free || relief.rest);
        let pieces = self.pieces.as_ref()?;
        let wanted = |piece: PieceIndex| {
            relief.due.contains(&piece) || everything || (free && self.window.contains(piece))
        };
        let possible = |piece: PieceIndex| {
            pieces.has_free(piece)
                && pieces.active(piece).map_or(pieces.has_room(), |active| active.allows(origin))
        };
        let window = self.window.list().iter().map(|(_, piece)| *piece);
        let first = window.filter(|piece| wanted(*piece)).find(|piece| possible(*piece)).or_else(|| {
            if !everything {
                return None;
            }
            let have = pieces.have().as_bytes();
            let bytes = have.iter().enumerate().filter(|(_, byte)| **byte != 0xff);
            let candidates = bytes.flat_map(|(at, _)| (0..8).map(move |bit| PieceIndex(at as u32 * 8 + bit)));
            candidates.filter(|piece| piece.0 < pieces.geometry().pieces()).find(|piece| possible(*piece))
        })?;
        let mut blocks = Vec::new();
        let mut at = pieces.free_block(first, 0);
        let limit = self.longest_range(id, now);
        while let Some(block) = at.filter(|_| (blocks.len() as u64) * u64::from(BLOCK_BYTES) < limit) {
            blocks.push(block);
            let next = if block.index + 1 < pieces.blocks_in(block.piece) {
                BlockId { piece: block.piece, index: block.index + 1 }
            } else {
                BlockId { piece: PieceIndex(block.piece.0 + 1), index: 0 }
            };
            let goes_on = next.piece.0 < pieces.geometry().pieces()
                && pieces.is_free(next)
                && wanted(next.piece)
                && possible(next.piece);
            at = goes_on.then_some(next);
        }
        Some(blocks)
    }

    /// Most bytes of the next range: what the seed gives in some seconds, so that a slow or new one is not relied on for
    /// long; and short ranges while the download is capped, so that the cap holds second by second.
    fn longest_range(&self, id: WebSeedId, now: Time) -> u64 {
        let rate = self.web_seeds.get(&id).map_or(0, |seed| seed.rate.get(now));
        let capped = self.config.download_limit.unwrap_or(u64::MAX).max(u64::from(BLOCK_BYTES));
        (rate * RANGE_SECONDS).clamp(FIRST_RANGE_BYTES, MAX_RANGE_BYTES).min(capped)
    }

    /// Gives up a range of a seed that has no room, when others are late with what is needed much sooner: all it can bring
    /// at once may be far from what is waited for. `false` when nothing is worth that.
    fn make_room(&mut self, id: WebSeedId, now: Time) -> bool {
        let origin = Origin::WebSeed(id);
        let Some(first) = self.late_blocks(origin, now).and_then(|blocks| blocks.first().copied()) else {
            return false;
        };
        let Some(needed) = self.window.deadline(first.piece) else { return false };
        let due = |fetch: &Fetch| {
            let deadlines = fetch.blocks.iter().filter_map(|block| self.window.deadline(block.piece));
            deadlines.min().unwrap_or(Time::NEVER)
        };
        let Some(seed) = self.web_seeds.get(&id) else { return false };
        let latest = seed.fetches.iter().map(|(name, fetch)| (due(fetch), *name)).max();
        match latest {
            Some((due, fetch)) if needed + MARGIN < due => {
                self.stop_fetch(id, fetch, now);
                true
            }
            _ => false,
        }
    }

    /// Blocks that others are late with, contiguous ones together.
    fn late_blocks(&self, origin: Origin, now: Time) -> Option<Vec<BlockId>> {
        let pieces = self.pieces.as_ref()?;
        let mut blocks: Vec<BlockId> = Vec::new();
        for late in &self.late {
            let id = late.id;
            let other = late.owner != origin && now < late.until;
            // One that enough others were asked for must not stand before those that can be asked for.
            if !other || !pieces.may_ask(id, origin) {
                continue;
            }
            let follows = blocks.last().is_none_or(|last| {
                (last.piece == id.piece && last.index + 1 == id.index)
                    || (last.piece.0 + 1 == id.piece.0
                        && id.index == 0
                        && last.index + 1 == pieces.blocks_in(last.piece))
            });
            if !follows {
                break;
            }
            blocks.push(id);
        }
        (!blocks.is_empty()).then_some(blocks)
    }

    /// `false` when none of the blocks could be asked for: too many pieces are begun.
    fn start_fetch(&mut self, id: WebSeedId, blocks: &[BlockId], now: Time) -> bool {
        let (Some(pieces), Some(seed)) = (&mut self.pieces, self.web_seeds.get_mut(&id)) else {
            return false;
        };
        let geometry = pieces.geometry();
        let origin = Origin::WebSeed(id);
        let mut asked = BTreeSet::new();
        let mut span: Option<Range<u64>> = None;
        for block in blocks {
            let Some(place) = geometry.block_range(pieces.block(*block)) else { break };
            if !pieces.ask(*block, origin) {
                break;
            }
            asked.insert(*block);
            span = Some(span.map_or(place.start, |span| span.start)..place.end);
        }
        let Some(span) = span else { return false };
        let align = u64::from(seed.ability.align.max(1));
        let start = span.start / align * align;
        let end = span.end.div_ceil(align).saturating_mul(align).min(geometry.length());
        // What the widened range brings besides is welcome too.
        let mut at = start;
        while let Some(piece) = geometry.piece_at(at).filter(|_| align > 1 && at < end) {
            for block in geometry.blocks(piece) {
                let inside = geometry.block_range(block).is_some_and(|r| r.start >= start && r.end <= end);
                if let Some(block) = pieces.id_of(block)
                    && inside
                    && pieces.is_free(block)
                    && pieces.ask(block, origin)
                {
                    asked.insert(block);
                }
            }
            at = geometry.range(piece).end;
        }
        let fetch = FetchId(self.next_fetch);
        self.next_fetch += 1;
        self.download_limiter.take(end - start);
        seed.fetches.insert(fetch, Fetch::new(start..end, asked, now));
        self.events.push_back(Event::Fetch { seed: id, fetch, range: start..end });
        true
    }
}
