//! Pieces: their length by our rule, and their hashes.

use sha1::{Digest as _, Sha1};

/// SHA-1 of one piece, or of an info dictionary.
pub type Sha1Digest = [u8; 20];

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The piece length our rule gives a file of `size` bytes: 64 KiB up to and including 8 MiB, 256 KiB up to
/// 64 MiB, 1 MiB up to 512 MiB, else 4 MiB.
#[must_use]
pub fn piece_length(size: u64) -> u32 {
    let length = if size <= 8 * MIB {
        64 * KIB
    } else if size <= 64 * MIB {
        256 * KIB
    } else if size <= 512 * MIB {
        MIB
    } else {
        4 * MIB
    };
    length as u32
}

/// SHA-1 of one whole piece; callers may hash several at once on several cores.
#[must_use]
pub fn hash_piece(piece: &[u8]) -> Sha1Digest {
    Sha1::digest(piece).into()
}

/// Incremental piece hashing of one file whose size is known.
#[derive(Clone)]
pub struct PieceHasher {
    piece_length: usize,
    /// The open piece, and how many bytes are in it.
    open: Sha1,
    filled: usize,
    pieces: Vec<Sha1Digest>,
}

impl PieceHasher {
    /// For pieces of `piece_length` bytes.
    ///
    /// # Panics
    /// When `piece_length` is 0, which [`piece_length`] never gives.
    #[must_use]
    pub fn new(piece_length: u32) -> Self {
        assert!(piece_length > 0, "a piece has at least one byte");
        Self { piece_length: piece_length as usize, open: Sha1::new(), filled: 0, pieces: Vec::new() }
    }

    /// The next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(self.piece_length - self.filled));
            self.open.update(now);
            self.filled += now.len();
            bytes = later;
            if self.filled == self.piece_length {
                self.close();
            }
        }
    }

    /// All piece hashes. An empty file has none.
    #[must_use]
    pub fn finish(mut self) -> Vec<Sha1Digest> {
        if self.filled > 0 {
            self.close();
        }
        self.pieces
    }

    fn close(&mut self) {
        self.pieces.push(self.open.finalize_reset().into());
        self.filled = 0;
    }
}
