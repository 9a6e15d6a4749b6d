//! Which blocks to ask of a peer that can be asked.
//!
//! In this order:
//! 1. pieces inside the window, earliest deadline first, unless this peer would be late and a much faster one has it;
//! 2. pieces that are begun: they hold memory until they are whole;
//! 3. the rarest of the pieces it has, among a bounded number looked at from a random place on;
//! 4. the endgame: when few blocks are left and it has nothing to do, some of those that others were asked for, from
//!    the last one back, because that is where the others are last.

use super::{
    Origin,
    availability::Availability,
    budget::{ENDGAME_AT_ONCE, ENDGAME_BLOCKS, MAX_LOOKED_AT},
    pieces::{BlockId, Pieces},
    rng::Rng,
    window::Window,
};
use crate::{
    ids::{Bitfield, PieceIndex},
    time::Time,
};

/// A peer that can be asked.
pub(crate) struct Asked<'a> {
    pub(crate) origin: Origin,
    pub(crate) has: &'a Bitfield,
    /// Only these pieces, because it chokes us (BEP 6).
    pub(crate) only: Option<&'a [PieceIndex]>,
    /// It owes us nothing.
    pub(crate) idle: bool,
    /// Whether a piece with this deadline should be left to others.
    pub(crate) leave: &'a dyn Fn(PieceIndex, Time) -> bool,
}

/// What was chosen. All of it is noted as asked.
#[derive(Debug, Default)]
pub(crate) struct Picked {
    pub(crate) blocks: Vec<BlockId>,
    /// Begun pieces that were given up for more urgent ones.
    pub(crate) given_up: Vec<PieceIndex>,
}

/// What pieces are chosen from.
pub(crate) struct Picker<'a> {
    pub(crate) pieces: &'a mut Pieces,
    pub(crate) window: &'a Window,
    pub(crate) availability: &'a Availability,
    /// Whether pieces outside the window are wanted.
    pub(crate) everything: bool,
    pub(crate) rng: &'a mut Rng,
}

impl Picker<'_> {
    /// At most `count` blocks for this peer.
    pub(crate) fn pick(&mut self, who: &Asked<'_>, count: usize) -> Picked {
        let mut picked = Picked::default();
        self.urgent(who, count, &mut picked);
        if self.everything && picked.blocks.len() < count {
            self.begun(who, count, &mut picked);
            while picked.blocks.len() < count {
                if !self.pieces.has_room() && picked.blocks.is_empty() {
                    // Begun pieces that only others could finish must not keep everybody else from beginning any.
                    let window = self.window;
                    let Some(less) = self.pieces.expendable(|other| window.contains(other)) else { break };
                    self.pieces.reset(less);
                    picked.given_up.push(less);
                }
                let Some(piece) = self.rarest(who) else { break };
                if !self.take(who, piece, count, &mut picked) {
                    break;
                }
            }
            if picked.blocks.is_empty() && who.idle {
                self.endgame(who, count.min(ENDGAME_AT_ONCE), &mut picked);
            }
        }
        picked
    }

    fn urgent(&mut self, who: &Asked<'_>, count: usize, picked: &mut Picked) {
        let window = self.window;
        for (deadline, piece) in window.list() {
            if picked.blocks.len() >= count {
                return;
            }
            let possible = self.may(who, *piece) && self.pieces.has_free(*piece);
            if !possible || (who.leave)(*piece, *deadline) {
                continue;
            }
            if self.pieces.active(*piece).is_none() && !self.pieces.has_room() {
                let Some(less) = self.pieces.expendable(|other| window.contains(other)) else { return };
                self.pieces.reset(less);
                picked.given_up.push(less);
            }
            self.take(who, *piece, count, picked);
        }
    }

    fn begun(&mut self, who: &Asked<'_>, count: usize, picked: &mut Picked) {
        let open: Vec<PieceIndex> = self
            .pieces
            .open()
            .filter(|piece| self.may(who, *piece) && !self.window.contains(*piece))
            .take(count)
            .collect();
        for piece in open {
            if picked.blocks.len() >= count {
                return;
            }
            self.take(who, piece, count, picked);
        }
    }

    /// A piece that it has and nobody has begun, of those that fewest have.
    fn rarest(&mut self, who: &Asked<'_>) -> Option<PieceIndex> {
        if !self.pieces.has_room() {
            return None;
        }
        let total = who.has.pieces();
        let (theirs, ours) = (who.has.as_bytes(), self.pieces.have().as_bytes());
        let start = self.rng.below(theirs.len());
        let mut best: Option<(u16, PieceIndex)> = None;
        let mut looked_at = 0;
        for at in (start..theirs.len()).chain(0..start) {
            let mut bits = theirs[at] & !ours[at];
            while bits != 0 {
                let bit = bits.leading_zeros();
                bits &= !(0x80 >> bit);
                let piece = PieceIndex(at as u32 * 8 + bit);
                looked_at += 1;
                let begun = self.pieces.active(piece).is_some();
                if piece.0 >= total || begun || self.window.contains(piece) || !self.may(who, piece) {
                    continue;
                }
                let count = self.availability.of(piece);
                if best.is_none_or(|(fewest, _)| count < fewest) {
                    best = Some((count, piece));
                }
                if count == 0 {
                    // Nobody but peers that have all: none is rarer.
                    return Some(piece);
                }
            }
            if looked_at >= MAX_LOOKED_AT && best.is_some() {
                break;
            }
        }
        best.map(|(_, piece)| piece)
    }

    fn endgame(&mut self, who: &Asked<'_>, count: usize, picked: &mut Picked) {
        if self.pieces.blocks_missing() > u64::from(ENDGAME_BLOCKS) {
            return;
        }
        let begun: Vec<(PieceIndex, u32)> = self
            .pieces
            .begun()
            .filter(|(piece, active)| !active.is_whole() && self.may(who, *piece))
            .map(|(piece, _)| (piece, self.pieces.blocks_in(piece)))
            .collect();
        for (piece, blocks) in begun.into_iter().rev() {
            for index in (0..blocks).rev() {
                let id = BlockId { piece, index };
                if picked.blocks.len() >= count {
                    return;
                }
                if self.pieces.is_missing(id) && self.pieces.ask(id, who.origin) {
                    picked.blocks.push(id);
                }
            }
        }
    }

    /// Takes the free blocks of a piece. `false` when there was none to take.
    fn take(&mut self, who: &Asked<'_>, piece: PieceIndex, count: usize, picked: &mut Picked) -> bool {
        let before = picked.blocks.len();
        let mut from = 0;
        while picked.blocks.len() < count {
            let Some(id) = self.pieces.free_block(piece, from) else { break };
            if !self.pieces.ask(id, who.origin) {
                break;
            }
            picked.blocks.push(id);
            from = id.index + 1;
        }
        picked.blocks.len() > before
    }

    fn may(&self, who: &Asked<'_>, piece: PieceIndex) -> bool {
        who.has.has(piece)
            && who.only.is_none_or(|only| only.contains(&piece))
            && self.pieces.active(piece).is_none_or(|active| active.allows(who.origin))
    }
}

#[cfg(test)]
#[path = "picker_tests.rs"]
mod tests;
