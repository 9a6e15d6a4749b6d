//! How many connected peers have each piece.

use crate::ids::{Bitfield, PieceIndex};

/// Takes no memory until the first peer that has some, and not all, pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Availability {
    counts: Vec<u16>,
}

impl Availability {
    /// A peer with these pieces came. Peers that have all count for every piece alike, so they don't count.
    pub(crate) fn add(&mut self, has: &Bitfield) {
        self.change(has, |count| count.saturating_add(1));
    }

    /// It went.
    pub(crate) fn remove(&mut self, has: &Bitfield) {
        self.change(has, |count| count.saturating_sub(1));
    }

    /// A counted peer got one more.
    pub(crate) fn add_one(&mut self, piece: PieceIndex, pieces: u32) {
        if self.counts.is_empty() {
            self.counts = vec![0; pieces as usize];
        }
        if let Some(count) = self.counts.get_mut(piece.0 as usize) {
            *count = count.saturating_add(1);
        }
    }

    pub(crate) fn of(&self, piece: PieceIndex) -> u16 {
        self.counts.get(piece.0 as usize).copied().unwrap_or_default()
    }

    /// Gives the memory back.
    pub(crate) fn clear(&mut self) {
        self.counts = Vec::new();
    }

    fn change(&mut self, has: &Bitfield, change: impl Fn(u16) -> u16) {
        if has.count() == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.counts = vec![0; has.pieces() as usize];
        }
        for (byte, counts) in has.as_bytes().iter().zip(self.counts.chunks_mut(8)) {
            if *byte == 0 {
                continue;
            }
            for (bit, count) in counts.iter_mut().enumerate() {
                if byte & (0x80 >> bit) != 0 {
                    *count = change(*count);
                }
            }
        }
    }
}
