//! Messages and their frames: `<length: u32> <type: u8> <body>`, big-endian, the length counting type and body.

use crate::ids::{Block, PieceIndex};
use bytes::Bytes;

/// The numbers of the message types.
pub(super) mod kind {
    pub(crate) const CHOKE: u8 = 0;
    pub(crate) const UNCHOKE: u8 = 1;
    pub(crate) const INTERESTED: u8 = 2;
    pub(crate) const NOT_INTERESTED: u8 = 3;
    pub(crate) const HAVE: u8 = 4;
    pub(crate) const BITFIELD: u8 = 5;
    pub(crate) const REQUEST: u8 = 6;
    pub(crate) const PIECE: u8 = 7;
    pub(crate) const CANCEL: u8 = 8;
    pub(crate) const PORT: u8 = 9;
    pub(crate) const SUGGEST: u8 = 13;
    pub(crate) const HAVE_ALL: u8 = 14;
    pub(crate) const HAVE_NONE: u8 = 15;
    pub(crate) const REJECT: u8 = 16;
    pub(crate) const ALLOWED_FAST: u8 = 17;
    pub(crate) const EXTENDED: u8 = 20;
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A frame of length 0.
    KeepAlive,
    /// 0
    Choke,
    /// 1
    Unchoke,
    /// 2
    Interested,
    /// 3
    NotInterested,
    /// 4
    Have(PieceIndex),
    /// 5; raw, because the number of pieces may not be known yet.
    Bitfield(Bytes),
    /// 6
    Request(Block),
    /// 7
    Piece {
        /// The piece.
        piece: PieceIndex,
        /// Where the data starts in it.
        begin: u32,
        /// The data.
        data: Bytes,
    },
    /// 8
    Cancel(Block),
    /// 9 (BEP 5): the sender's DHT port.
    Port(u16),
    /// 13 (BEP 6)
    Suggest(PieceIndex),
    /// 14 (BEP 6)
    HaveAll,
    /// 15 (BEP 6)
    HaveNone,
    /// 16 (BEP 6)
    Reject(Block),
    /// 17 (BEP 6)
    AllowedFast(PieceIndex),
    /// 20 (BEP 10)
    Extended {
        /// 0 is the extended handshake; others as the receiver's handshake numbers them.
        id: u8,
        /// See [`super::extension`].
        payload: Bytes,
    },
    /// A message of a kind that we don't know: passed over.
    Unknown(u8),
}

impl Message {
    /// Appends the whole frame.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::KeepAlive => out.extend_from_slice(&[0; 4]),
            Self::Choke => frame(out, kind::CHOKE, &[]),
            Self::Unchoke => frame(out, kind::UNCHOKE, &[]),
            Self::Interested => frame(out, kind::INTERESTED, &[]),
            Self::NotInterested => frame(out, kind::NOT_INTERESTED, &[]),
            Self::Have(piece) => frame(out, kind::HAVE, &[&piece.0.to_be_bytes()]),
            Self::Bitfield(bits) => frame(out, kind::BITFIELD, &[bits]),
            Self::Request(block) => frame(out, kind::REQUEST, &[&block_bytes(*block)]),
            Self::Piece { piece, begin, data } => {
                frame(out, kind::PIECE, &[&piece.0.to_be_bytes(), &begin.to_be_bytes(), data]);
            }
            Self::Cancel(block) => frame(out, kind::CANCEL, &[&block_bytes(*block)]),
            Self::Port(port) => frame(out, kind::PORT, &[&port.to_be_bytes()]),
            Self::Suggest(piece) => frame(out, kind::SUGGEST, &[&piece.0.to_be_bytes()]),
            Self::HaveAll => frame(out, kind::HAVE_ALL, &[]),
            Self::HaveNone => frame(out, kind::HAVE_NONE, &[]),
            Self::Reject(block) => frame(out, kind::REJECT, &[&block_bytes(*block)]),
            Self::AllowedFast(piece) => frame(out, kind::ALLOWED_FAST, &[&piece.0.to_be_bytes()]),
            Self::Extended { id, payload } => frame(out, kind::EXTENDED, &[&[*id], payload]),
            Self::Unknown(kind) => frame(out, *kind, &[]),
        }
    }
}

/// The 13 bytes before the data of a `piece` message: frame length, type, piece, begin.
#[must_use]
pub fn piece_header(block: Block) -> [u8; 13] {
    let mut out = [0; 13];
    out[..4].copy_from_slice(&block.len.saturating_add(9).to_be_bytes());
    out[4] = kind::PIECE;
    out[5..9].copy_from_slice(&block.piece.0.to_be_bytes());
    out[9..].copy_from_slice(&block.begin.to_be_bytes());
    out
}

/// One frame of a type and the parts of its body.
fn frame(out: &mut Vec<u8>, kind: u8, body: &[&[u8]]) {
    let len = 1 + body.iter().map(|part| part.len()).sum::<usize>();
    out.reserve(4 + len);
    // What we send is far below 4 GiB: pieces are 16 KiB blocks, bitfields have 32 KiB at most.
    out.extend_from_slice(&(len as u32).to_be_bytes());
    out.push(kind);
    for part in body {
        out.extend_from_slice(part);
    }
}

/// The body of `request`, `cancel` and `reject`.
fn block_bytes(block: Block) -> [u8; 12] {
    let mut out = [0; 12];
    out[..4].copy_from_slice(&block.piece.0.to_be_bytes());
    out[4..8].copy_from_slice(&block.begin.to_be_bytes());
    out[8..].copy_from_slice(&block.len.to_be_bytes());
    out
}
