//! The pieces that are coming in: their blocks, until they are checked.

use bytes::Bytes;
use osp_swarm::{Block, Geometry, PieceIndex, ids::BLOCK_BYTES};
use std::collections::HashMap;

/// Most bytes of unverified pieces that one torrent holds. The engine keeps few pieces open; this is what holds if
/// it does not.
pub(super) const MAX_OPEN_BYTES: usize = 96 * 1024 * 1024;

/// Blocks of pieces that are not verified yet.
#[derive(Default)]
pub(super) struct OpenPieces {
    open: HashMap<PieceIndex, OpenPiece>,
    /// Bytes in all of them.
    held: usize,
}

#[derive(Default)]
struct OpenPiece {
    blocks: Vec<Option<Bytes>>,
    held: usize,
}

impl OpenPieces {
    /// Keeps a block; one that is there already is replaced. What does not fit the geometry or the bound is let go:
    /// the piece then lacks it when it is taken.
    pub(super) fn keep(&mut self, geometry: &Geometry, block: Block, data: Bytes) {
        let at = (block.begin / BLOCK_BYTES) as usize;
        let fits = geometry.block_range(block).is_some()
            && block.begin.is_multiple_of(BLOCK_BYTES)
            && block.len <= BLOCK_BYTES
            && data.len() == block.len as usize;
        if !fits || self.held + data.len() > MAX_OPEN_BYTES {
            return;
        }
        let piece = self.open.entry(block.piece).or_default();
        if piece.blocks.is_empty() {
            piece.blocks.resize(geometry.piece_len(block.piece).div_ceil(BLOCK_BYTES) as usize, None);
        }
        let Some(slot) = piece.blocks.get_mut(at) else { return };
        let new = data.len();
        let old = slot.replace(data).map_or(0, |b| b.len());
        piece.held = piece.held + new - old;
        self.held = self.held + new - old;
    }

    /// Takes all the blocks of a piece out. `None` unless all are there.
    pub(super) fn take(&mut self, piece: PieceIndex) -> Option<Vec<Bytes>> {
        let open = self.open.remove(&piece)?;
        self.held -= open.held;
        open.blocks.into_iter().collect()
    }

    /// Forgets the blocks of a piece.
    pub(super) fn discard(&mut self, piece: PieceIndex) {
        if let Some(open) = self.open.remove(&piece) {
            self.held -= open.held;
        }
    }

    /// Bytes that are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn geometry() -> Geometry {
        Geometry::new(100_000, 65_536).unwrap()
    }

    fn block(piece: u32, begin: u32, len: u32) -> (Block, Bytes) {
        (Block { piece: PieceIndex(piece), begin, len }, Bytes::from(vec![piece as u8; len as usize]))
    }

    #[test]
    fn a_piece_comes_out_whole_or_not_at_all() {
        let mut pieces = OpenPieces::default();
        let geometry = geometry();
        for wanted in geometry.blocks(PieceIndex(1)) {
            assert_eq!(pieces.take(PieceIndex(0)), None);
            pieces.keep(&geometry, wanted, Bytes::from(vec![7; wanted.len as usize]));
        }
        let blocks = pieces.take(PieceIndex(1)).unwrap();
        assert_eq!(blocks.iter().map(Bytes::len).sum::<usize>(), 100_000 - 65_536);
        assert_eq!(pieces.held(), 0);

        let (first, data) = block(0, 0, 16_384);
        pieces.keep(&geometry, first, data);
        assert_eq!(pieces.take(PieceIndex(0)), None, "three blocks are missing");
        assert_eq!(pieces.held(), 0);
    }

    #[test]
    fn a_block_twice_is_held_once() {
        let mut pieces = OpenPieces::default();
        for _ in 0..2 {
            let (at, data) = block(0, 16_384, 16_384);
            pieces.keep(&geometry(), at, data);
        }
        assert_eq!(pieces.held(), 16_384);
        pieces.discard(PieceIndex(0));
        assert_eq!(pieces.held(), 0);
    }

    #[test]
    fn what_does_not_fit_is_let_go() {
        let mut pieces = OpenPieces::default();
        for (piece, begin, len) in [(0, 1, 16_384), (2, 0, 16_384), (1, 32_768, 16_384), (0, 65_536, 16_384)]
        {
            let (at, data) = block(piece, begin, len);
            pieces.keep(&geometry(), at, data);
        }
        let (at, _) = block(0, 0, 16_384);
        pieces.keep(&geometry(), at, Bytes::from_static(b"short"));
        assert_eq!(pieces.held(), 0);
    }
}
