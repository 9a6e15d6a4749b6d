//! What is there of the file: pieces verified, pieces begun, and who was asked for, and who sent, each block.
//!
//! A piece that is neither there nor begun takes one bit. A begun one takes a slot for each block:
//!
//! ```text
//!   free --ask--> asked of up to MAX_ASKED sources --arrive--> got (sender, digest)
//!     ^               |                                          |
//!     +-----unask-----+          all got: checking --Good--> there
//!     +--------------------------- reset ----------------Bad, Lost
//! ```

use super::{
    Origin,
    blame::Sender,
    budget::{MAX_ACTIVE_BYTES, MAX_ASKED, MIN_ACTIVE_PIECES},
};
use crate::ids::{BLOCK_BYTES, Bitfield, Block, Geometry, PieceIndex};
use std::collections::{BTreeMap, BTreeSet};

/// A block by its place: the `index`th of its piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BlockId {
    pub(crate) piece: PieceIndex,
    pub(crate) index: u32,
}

/// One block of a begun piece.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    /// Who was asked.
    asked: [Option<Origin>; MAX_ASKED],
    /// Which of the piece's senders sent it.
    sender: Option<u16>,
    /// Keyed digest of what was sent, when there was somebody to tell it apart from.
    pub(crate) digest: u64,
}

impl Slot {
    pub(crate) fn asked(&self) -> impl Iterator<Item = Origin> + '_ {
        self.asked.iter().flatten().copied()
    }

    fn is_free(&self) -> bool {
        self.sender.is_none() && self.asked[0].is_none()
    }
}

/// Who may be asked for the blocks of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sources {
    /// Anybody.
    Any,
    /// One alone, because it came out bad before; nobody chosen yet.
    One,
    /// This one alone.
    Only(Origin),
}

/// A begun piece.
#[derive(Clone, Debug)]
pub(crate) struct Active {
    slots: Vec<Slot>,
    free: u32,
    missing: u32,
    /// No slot before this one is free.
    first_free: u32,
    pub(crate) sources: Sources,
    /// Pieces that can only be proven together come from one source together: by the first of them.
    group: Option<PieceIndex>,
    /// Not to be the one source: it had the piece alone before and was too slow.
    avoid: Option<Origin>,
    /// Everybody who sent some of it, once each.
    pub(crate) senders: Vec<Sender>,
}

impl Active {
    pub(crate) fn is_whole(&self) -> bool {
        self.missing == 0
    }

    /// Whether this source may be asked for its blocks.
    pub(crate) fn allows(&self, origin: Origin) -> bool {
        match self.sources {
            Sources::Any => true,
            Sources::One => self.avoid != Some(origin),
            Sources::Only(only) => only == origin,
        }
    }

    /// Sender and digest of each block, in order; for a whole piece.
    pub(crate) fn sent(&self) -> Vec<(u16, u64)> {
        self.slots.iter().map(|slot| (slot.sender.unwrap_or_default(), slot.digest)).collect()
    }
}

/// What came of a block that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is new. `others` were asked for it too; `whole`: it was the last of its piece.
    New { others: Vec<Origin>, whole: bool },
    /// It is not needed.
    Vain,
}

pub(crate) struct Pieces {
    geometry: Geometry,
    have: Bitfield,
    active: BTreeMap<PieceIndex, Active>,
    /// Begun pieces with a free block.
    open: BTreeSet<PieceIndex>,
    max_active: usize,
}

impl Pieces {
    pub(crate) fn new(geometry: Geometry) -> Self {
        let fitting = MAX_ACTIVE_BYTES / u64::from(geometry.piece_length());
        Self {
            geometry,
            have: Bitfield::none(geometry.pieces()),
            active: BTreeMap::new(),
            open: BTreeSet::new(),
            max_active: (fitting as usize).max(MIN_ACTIVE_PIECES),
        }
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) fn have(&self) -> &Bitfield {
        &self.have
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.have.is_complete()
    }

    pub(crate) fn active(&self, piece: PieceIndex) -> Option<&Active> {
        self.active.get(&piece)
    }

    pub(crate) fn active_count(&self) -> usize {
        self.active.len()
    }

    pub(crate) fn max_active(&self) -> usize {
        self.max_active
    }

    pub(crate) fn has_room(&self) -> bool {
        self.active.len() < self.max_active
    }

    /// Begun pieces with a block that nobody was asked for, in order.
    pub(crate) fn open(&self) -> impl Iterator<Item = PieceIndex> + '_ {
        self.open.iter().copied()
    }

    /// Begun pieces, in order.
    pub(crate) fn begun(&self) -> impl Iterator<Item = (PieceIndex, &Active)> {
        self.active.iter().map(|(piece, active)| (*piece, active))
    }

    /// Blocks in a piece.
    pub(crate) fn blocks_in(&self, piece: PieceIndex) -> u32 {
        self.geometry.piece_len(piece).div_ceil(BLOCK_BYTES)
    }

    /// The block as messages name it.
    pub(crate) fn block(&self, id: BlockId) -> Block {
        let begin = id.index * BLOCK_BYTES;
        let len = BLOCK_BYTES.min(self.geometry.piece_len(id.piece).saturating_sub(begin));
        Block { piece: id.piece, begin, len }
    }

    /// The block that a message names; `None` when it is none of ours.
    pub(crate) fn id_of(&self, block: Block) -> Option<BlockId> {
        let id = BlockId { piece: block.piece, index: block.begin / BLOCK_BYTES };
        (self.block(id) == block && block.len > 0).then_some(id)
    }

    /// Whether nobody has sent or was asked for some block of a piece, begun or not.
    pub(crate) fn has_free(&self, piece: PieceIndex) -> bool {
        if self.have.has(piece) {
            return false;
        }
        self.active.get(&piece).is_none_or(|active| active.free > 0)
    }

    /// The first block from `from` on that nobody sent or was asked for.
    pub(crate) fn free_block(&self, piece: PieceIndex, from: u32) -> Option<BlockId> {
        if self.have.has(piece) {
            return None;
        }
        let Some(active) = self.active.get(&piece) else {
            return (from < self.blocks_in(piece)).then_some(BlockId { piece, index: from });
        };
        if active.free == 0 {
            return None;
        }
        let start = from.max(active.first_free);
        let slots = active.slots.get(start as usize..)?;
        let at = slots.iter().position(Slot::is_free)?;
        Some(BlockId { piece, index: start + at as u32 })
    }

    pub(crate) fn is_free(&self, id: BlockId) -> bool {
        self.free_block(id.piece, id.index) == Some(id)
    }

    pub(crate) fn slot(&self, id: BlockId) -> Option<&Slot> {
        self.active.get(&id.piece)?.slots.get(id.index as usize)
    }

    /// Whether a block still has to come.
    pub(crate) fn is_missing(&self, id: BlockId) -> bool {
        !self.have.has(id.piece) && self.slot(id).is_none_or(|slot| slot.sender.is_none())
    }

    /// Notes that a source is asked for a block. `false` when that may not be: it is there, enough others are asked,
    /// another source alone may be, or no further piece may be begun.
    pub(crate) fn ask(&mut self, id: BlockId, origin: Origin) -> bool {
        let Some(active) = self.begin(id.piece) else { return false };
        if !active.allows(origin) {
            return false;
        }
        let Some(slot) = active.slots.get_mut(id.index as usize) else { return false };
        if slot.sender.is_some() || slot.asked().any(|asked| asked == origin) {
            return false;
        }
        let Some(place) = slot.asked.iter().position(Option::is_none) else { return false };
        // The last place is for a web seed: slow peers must not keep the one that could help out.
        if place == MAX_ASKED - 1 && matches!(origin, Origin::Peer(_)) {
            return false;
        }
        slot.asked[place] = Some(origin);
        let chosen = active.sources == Sources::One;
        if place == 0 {
            active.free -= 1;
            if active.free == 0 {
                self.open.remove(&id.piece);
            }
        }
        if chosen {
            self.choose(id.piece, origin);
        }
        true
    }

    /// Whether [`Pieces::ask`] would be heeded for a block of a begun piece.
    pub(crate) fn may_ask(&self, id: BlockId, origin: Origin) -> bool {
        let Some(active) = self.active.get(&id.piece).filter(|active| active.allows(origin)) else {
            return false;
        };
        let Some(slot) = active.slots.get(id.index as usize) else { return false };
        let places = if matches!(origin, Origin::Peer(_)) { MAX_ASKED - 1 } else { MAX_ASKED };
        slot.sender.is_none()
            && slot.asked[..places].iter().any(Option::is_none)
            && slot.asked().all(|asked| asked != origin)
    }

    /// One source alone sends this piece from now on, and those that are proven together with it.
    fn choose(&mut self, piece: PieceIndex, origin: Origin) {
        let group = self.active.get(&piece).and_then(|active| active.group);
        for (other, active) in &mut self.active {
            let together = group.is_some() && active.group == group;
            if active.sources == Sources::One && (*other == piece || together) {
                active.sources = Sources::Only(origin);
            }
        }
    }

    /// Begins a piece unless it is there or there are too many begun.
    pub(crate) fn begin(&mut self, piece: PieceIndex) -> Option<&mut Active> {
        if self.have.has(piece) || piece.0 >= self.geometry.pieces() {
            return None;
        }
        if !self.active.contains_key(&piece) {
            if !self.has_room() {
                return None;
            }
            let blocks = self.blocks_in(piece);
            let active = Active {
                slots: vec![Slot::default(); blocks as usize],
                free: blocks,
                missing: blocks,
                first_free: 0,
                sources: Sources::Any,
                group: None,
                avoid: None,
                senders: Vec::new(),
            };
            self.active.insert(piece, active);
            self.open.insert(piece);
        }
        self.active.get_mut(&piece)
    }

    /// A source is not asked for a block any more.
    pub(crate) fn unask(&mut self, id: BlockId, origin: Origin) {
        let Some(active) = self.active.get_mut(&id.piece) else { return };
        let Some(slot) = active.slots.get_mut(id.index as usize) else { return };
        let Some(place) = slot.asked.iter().position(|asked| *asked == Some(origin)) else { return };
        // The first place alone says whether anybody is asked.
        slot.asked[place..].rotate_left(1);
        slot.asked[MAX_ASKED - 1] = None;
        if slot.is_free() {
            active.free += 1;
            active.first_free = active.first_free.min(id.index);
            self.open.insert(id.piece);
        }
    }

    /// A block arrived from `sender`.
    pub(crate) fn arrive(&mut self, id: BlockId, sender: Sender, digest: u64) -> Arrival {
        let Some(active) = self.active.get_mut(&id.piece) else { return Arrival::Vain };
        if !active.allows(sender.origin) {
            return Arrival::Vain;
        }
        let Some(slot) = active.slots.get_mut(id.index as usize) else { return Arrival::Vain };
        if slot.sender.is_some() {
            return Arrival::Vain;
        }
        if slot.is_free() {
            active.free -= 1;
        }
        let others = slot.asked().filter(|asked| *asked != sender.origin).collect();
        slot.asked = [None; MAX_ASKED];
        slot.digest = digest;
        let known = active.senders.iter().position(|known| known.origin == sender.origin);
        let place = known.unwrap_or(active.senders.len());
        if known.is_none() {
            active.senders.push(sender);
        }
        // A piece has at most a few thousand blocks, so no more senders.
        slot.sender = Some(place as u16);
        active.missing -= 1;
        let chosen = (active.sources == Sources::One).then(|| active.senders[place].origin);
        if active.free == 0 {
            self.open.remove(&id.piece);
        } else if active.first_free == id.index {
            active.first_free += 1;
        }
        let whole = active.missing == 0;
        if let Some(origin) = chosen {
            self.choose(id.piece, origin);
        }
        Arrival::New { others, whole }
    }

    /// A whole piece holds: it is there now.
    pub(crate) fn verified(&mut self, piece: PieceIndex) -> Option<Active> {
        let active = self.reset(piece);
        self.have.set(piece);
        active
    }

    /// Forgets what was begun of a piece, and whom was asked; gives that back.
    pub(crate) fn reset(&mut self, piece: PieceIndex) -> Option<Active> {
        self.open.remove(&piece);
        self.active.remove(&piece)
    }

    /// A piece is not there any more.
    pub(crate) fn lose(&mut self, piece: PieceIndex) -> bool {
        self.have.clear(piece)
    }

    /// Lets another source be chosen for a piece that one alone may send, from the start.
    pub(crate) fn restrict(&mut self, piece: PieceIndex, avoid: Option<Origin>) {
        let group = self.reset(piece).and_then(|active| active.group);
        if let Some(active) = self.begin(piece) {
            active.sources = Sources::One;
            active.group = group;
            active.avoid = avoid;
        }
    }

    /// As [`Pieces::restrict`], for pieces that can only be proven together: one source sends all of them.
    pub(crate) fn restrict_together(&mut self, pieces: &[PieceIndex], avoid: Option<Origin>) {
        for piece in pieces {
            self.restrict(*piece, avoid);
            if let Some(active) = self.active.get_mut(piece) {
                active.group = pieces.first().copied();
            }
        }
    }

    /// The one source of a piece is too slow: anybody may send what is missing. Whom it was; `None` when it has no such.
    pub(crate) fn relax(&mut self, piece: PieceIndex) -> Option<Origin> {
        let active = self.active.get_mut(&piece)?;
        let Sources::Only(origin) = active.sources else { return None };
        active.sources = Sources::Any;
        active.group = None;
        Some(origin)
    }

    /// Begun pieces that this source alone may send, and of which something is missing.
    pub(crate) fn left_to(&self, origin: Origin) -> Vec<PieceIndex> {
        let left = |active: &Active| active.sources == Sources::Only(origin) && !active.is_whole();
        self.active.iter().filter(|(_, active)| left(active)).map(|(piece, _)| *piece).collect()
    }

    /// Of the pieces that [`Pieces::left_to`] names, those that are proven together with one of `pieces`, and these.
    pub(crate) fn with_their_group(&self, pieces: &BTreeSet<PieceIndex>, origin: Origin) -> Vec<PieceIndex> {
        let group = |piece: &PieceIndex| self.active.get(piece).and_then(|active| active.group);
        let groups: BTreeSet<PieceIndex> = pieces.iter().filter_map(group).collect();
        let mut all = self.left_to(origin);
        all.retain(|piece| pieces.contains(piece) || group(piece).is_some_and(|g| groups.contains(&g)));
        all
    }

    /// Pieces that nobody was chosen for may be sent by those again that had been too slow.
    pub(crate) fn forgive(&mut self) {
        for active in self.active.values_mut() {
            if active.sources == Sources::One {
                active.avoid = None;
            }
        }
    }

    /// A begun piece that can be given up for a more urgent one: nobody is asked for any of it, the least done first.
    pub(crate) fn expendable(&self, keep: impl Fn(PieceIndex) -> bool) -> Option<PieceIndex> {
        let nobody_asked = |active: &Active| active.slots.iter().all(|slot| slot.asked[0].is_none());
        self.active
            .iter()
            .filter(|(piece, active)| !active.is_whole() && !keep(**piece) && nobody_asked(active))
            .max_by_key(|(_, active)| active.missing)
            .map(|(piece, _)| *piece)
    }

    /// Blocks that have to come before the file is whole, begun pieces counted by block.
    pub(crate) fn blocks_missing(&self) -> u64 {
        let pieces = u64::from(self.geometry.pieces() - self.have.count());
        let whole = u64::from(self.geometry.piece_length().div_ceil(BLOCK_BYTES));
        let got: u64 = self.active.values().map(|a| a.slots.len() as u64 - u64::from(a.missing)).sum();
        (pieces * whole).saturating_sub(got)
    }

    /// Blocks of begun pieces that have to come.
    pub(crate) fn missing_in(&self, piece: PieceIndex) -> u32 {
        if self.have.has(piece) {
            return 0;
        }
        self.active.get(&piece).map_or_else(|| self.blocks_in(piece), |active| active.missing)
    }
}
