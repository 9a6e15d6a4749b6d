//! Names and places: infohash, peer id, connection, piece, block, and where they lie in the file.

use osp_core::torrent::{Sha1Digest, TorrentInfo};
use std::ops::Range;

/// Bytes in a block: what one request asks for. Every client asks in 16 KiB.
pub const BLOCK_BYTES: u32 = 16 * 1024;
/// Longest request that is answered, in bytes; longer ones end the connection, as other clients do.
pub const MAX_REQUEST_BYTES: u32 = 128 * 1024;
/// Most pieces of a torrent that is taken part in: 16 GiB in pieces of 64 KiB.
pub const MAX_PIECES: u32 = 262_144;

/// SHA-1 of the info dictionary (BEP 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InfoHash(pub Sha1Digest);

/// What a peer calls itself in its handshake: 20 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub [u8; 20]);

/// A connection, as the caller numbers them; never used twice in the life of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnId(pub u64);

/// A piece of the file, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PieceIndex(pub u32);

/// A part of a piece, as one `request` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// The piece.
    pub piece: PieceIndex,
    /// Where it starts in the piece, in bytes.
    pub begin: u32,
    /// Bytes.
    pub len: u32,
}

/// How a file is cut into pieces and blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    length: u64,
    piece_length: u32,
}

impl Geometry {
    /// A file of `length` bytes in pieces of `piece_length`. `None` when that makes no or too many pieces
    /// ([`MAX_PIECES`]).
    #[must_use]
    pub fn new(length: u64, piece_length: u32) -> Option<Self> {
        let pieces = length.checked_div(u64::from(piece_length))?;
        (length > 0 && pieces < u64::from(MAX_PIECES)).then_some(Self { length, piece_length })
    }

    /// By our rule: the piece length is a function of the length.
    #[must_use]
    pub fn by_rule(length: u64) -> Option<Self> {
        Self::new(length, osp_core::torrent::piece_length(length))
    }

    /// As a torrent's info dictionary says. `None` also when it holds another number of hashes than pieces.
    #[must_use]
    pub fn of(info: &TorrentInfo) -> Option<Self> {
        let geometry = Self::new(info.length, info.piece_length)?;
        (geometry.pieces() as usize == info.pieces.len()).then_some(geometry)
    }

    /// Bytes of the file.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Bytes of every piece but perhaps the last.
    #[must_use]
    pub fn piece_length(&self) -> u32 {
        self.piece_length
    }

    /// Pieces.
    #[must_use]
    pub fn pieces(&self) -> u32 {
        self.length.div_ceil(u64::from(self.piece_length)) as u32
    }

    /// The piece with the byte at `offset`; `None` at or after the end.
    #[must_use]
    pub fn piece_at(&self, offset: u64) -> Option<PieceIndex> {
        (offset < self.length).then(|| PieceIndex((offset / u64::from(self.piece_length)) as u32))
    }

    /// The bytes of a piece in the file; empty for one that is not there.
    #[must_use]
    pub fn range(&self, piece: PieceIndex) -> Range<u64> {
        let start = (u64::from(piece.0) * u64::from(self.piece_length)).min(self.length);
        start..(start + u64::from(self.piece_length)).min(self.length)
    }

    /// Bytes in a piece; 0 for one that is not there.
    #[must_use]
    pub fn piece_len(&self, piece: PieceIndex) -> u32 {
        let range = self.range(piece);
        (range.end - range.start) as u32
    }

    /// The blocks of a piece, in order.
    pub fn blocks(&self, piece: PieceIndex) -> impl Iterator<Item = Block> + use<> {
        let total = self.piece_len(piece);
        (0..total.div_ceil(BLOCK_BYTES)).map(move |i| {
            let begin = i * BLOCK_BYTES;
            Block { piece, begin, len: BLOCK_BYTES.min(total - begin) }
        })
    }

    /// Where a block lies in the file. `None` unless it lies inside one piece.
    #[must_use]
    pub fn block_range(&self, block: Block) -> Option<Range<u64>> {
        let piece = self.range(block.piece);
        let start = piece.start.checked_add(u64::from(block.begin))?;
        let end = start.checked_add(u64::from(block.len))?;
        (block.len > 0 && end <= piece.end).then_some(start..end)
    }
}

/// Which pieces somebody has: one bit a piece, the first in the highest bit of the first byte (BEP 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitfield {
    bits: Vec<u8>,
    pieces: u32,
    count: u32,
}

impl Bitfield {
    /// Of a torrent with this many pieces, none of them there.
    #[must_use]
    pub fn none(pieces: u32) -> Self {
        Self { bits: vec![0; pieces.div_ceil(8) as usize], pieces, count: 0 }
    }

    /// All of them there.
    #[must_use]
    pub fn all(pieces: u32) -> Self {
        let mut bits = vec![0xff; pieces.div_ceil(8) as usize];
        if let Some(last) = bits.last_mut() {
            *last <<= (8 - pieces % 8) % 8;
        }
        Self { bits, pieces, count: pieces }
    }

    /// As it came in a `bitfield` message. `None` when it has another length or spare bits are set: BEP 3 says to
    /// drop such a connection.
    #[must_use]
    pub fn parse(bytes: &[u8], pieces: u32) -> Option<Self> {
        let fits = bytes.len() == pieces.div_ceil(8) as usize;
        let spare = bytes.last().is_some_and(|last| last.trailing_zeros() < (8 - pieces % 8) % 8);
        let count = bytes.iter().map(|b| b.count_ones()).sum();
        (fits && !spare).then(|| Self { bits: bytes.to_vec(), pieces, count })
    }

    /// The bytes of a `bitfield` message.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Pieces of the torrent.
    #[must_use]
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Pieces that are there.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether all are there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.count == self.pieces
    }

    /// Whether a piece is there; `false` for one that the torrent does not have.
    #[must_use]
    pub fn has(&self, piece: PieceIndex) -> bool {
        piece.0 < self.pieces
            && self.bits.get(piece.0 as usize / 8).is_some_and(|b| b & (0x80 >> (piece.0 % 8)) != 0)
    }

    /// Marks a piece as there. `false` when it was, or when the torrent has no such piece.
    pub fn set(&mut self, piece: PieceIndex) -> bool {
        if piece.0 >= self.pieces || self.has(piece) {
            return false;
        }
        self.bits[piece.0 as usize / 8] |= 0x80 >> (piece.0 % 8);
        self.count += 1;
        true
    }

    /// Marks a piece as not there. `false` when it was not.
    pub fn clear(&mut self, piece: PieceIndex) -> bool {
        if !self.has(piece) {
            return false;
        }
        self.bits[piece.0 as usize / 8] &= !(0x80 >> (piece.0 % 8));
        self.count -= 1;
        true
    }
}
