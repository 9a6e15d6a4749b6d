//! Messages and their frames.

use crate::ids::{Block, PieceIndex};
use bytes::Bytes;

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
        let _ = out;
        todo!()
    }
}

/// The 13 bytes before the data of a `piece` message: frame length, type, piece, begin.
#[must_use]
pub fn piece_header(block: Block) -> [u8; 13] {
    let _ = block;
    todo!()
}

/// Why a byte stream is no peer's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A frame longer than any message may be.
    #[error("a frame of {0} bytes")]
    TooLong(u32),
    /// A message whose length does not fit its type.
    #[error("a message of type {kind} with {len} bytes")]
    WrongLength {
        /// The type.
        kind: u8,
        /// Bytes after the type.
        len: usize,
    },
}

/// Cuts a byte stream into messages. What it holds is bounded by one frame and what was pushed last.
#[derive(Debug, Default)]
pub struct Decoder {
    _todo: (),
}

impl Decoder {
    /// An empty one. `piece` frames may hold as much as we ask for, others at most 1 MiB, extended ones 64 KiB and
    /// the bitfield of the most pieces we take.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// More bytes of the stream. Whole `piece` payloads inside `bytes` are sliced, not copied.
    pub fn push(&mut self, bytes: Bytes) {
        let _ = bytes;
        todo!()
    }
    /// The next whole message.
    ///
    /// # Errors
    /// [`WireError`]; the stream cannot be read on.
    pub fn next(&mut self) -> Result<Option<Message>, WireError> {
        todo!()
    }
}
