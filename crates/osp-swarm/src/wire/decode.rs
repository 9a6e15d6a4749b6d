//! Cutting a byte stream into messages.
//!
//! The type of a message bounds its length, so a frame is refused when its fifth byte is there, before anything is
//! kept for it. Frames of types that we don't know are not kept at all, only counted down.

use super::message::{Message, kind};
use crate::ids::{Block, MAX_PIECES, MAX_REQUEST_BYTES, PieceIndex};
use bytes::{Buf as _, Bytes};
use std::collections::VecDeque;

/// Longest frame of a type that we don't know, in bytes after the length; it is passed over.
pub const MAX_FRAME_BYTES: u32 = 1024 * 1024;
/// Longest payload of an extended message. A part of the metadata has 16 KiB, and a few bytes before it.
pub const MAX_EXTENDED_BYTES: usize = 64 * 1024;
/// Longest body of a `bitfield` message: one bit for each of the most pieces that we take.
pub const MAX_BITFIELD_BYTES: usize = MAX_PIECES.div_ceil(8) as usize;
/// Most bytes that a [`Decoder`] keeps beside what was pushed and not read yet: the start of the longest frame that
/// is kept, a `piece` message with [`MAX_REQUEST_BYTES`] of data.
pub const MAX_HELD_BYTES: usize = LENGTH_BYTES + 1 + 8 + MAX_REQUEST_BYTES as usize;

/// Bytes of the length before every frame.
const LENGTH_BYTES: usize = 4;
/// Bytes of the length and the type.
const HEAD_BYTES: usize = LENGTH_BYTES + 1;

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

/// Cuts a byte stream into messages. What it holds is bounded by one frame ([`MAX_HELD_BYTES`]) and what was pushed
/// and not read yet.
#[derive(Debug, Default)]
pub struct Decoder {
    /// What was pushed and is not read yet; no empty ones.
    pushed: VecDeque<Bytes>,
    /// The start of a frame whose rest has not come; everything in `pushed` comes after it.
    open: Vec<u8>,
    /// Bytes of a frame of unknown type that are still to be passed over.
    skip: usize,
    /// What was wrong with the stream.
    failed: Option<WireError>,
}

impl Decoder {
    /// An empty one. `piece` frames may hold [`MAX_REQUEST_BYTES`] of data, extended ones [`MAX_EXTENDED_BYTES`],
    /// bitfields [`MAX_BITFIELD_BYTES`], those of unknown types [`MAX_FRAME_BYTES`]; all others have one length.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// More bytes of the stream. Whole `piece` payloads inside `bytes` are sliced, not copied; everything else that
    /// is longer than a few bytes is copied once, so that a small message does not hold a large buffer.
    pub fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() && self.failed.is_none() {
            self.pushed.push_back(bytes);
        }
    }

    /// Bytes held at the moment: the open frame's memory and what is pushed and not read yet.
    #[must_use]
    pub fn held(&self) -> usize {
        self.open.capacity() + self.pushed.iter().map(Bytes::len).sum::<usize>()
    }

    /// The next whole message.
    ///
    /// # Errors
    /// [`WireError`]; the stream cannot be read on, and every further call says the same.
    // Not an iterator: after `None` there may be more.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Message>, WireError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        self.step().inspect_err(|error| {
            *self = Self { failed: Some(error.clone()), ..Self::default() };
        })
    }

    fn step(&mut self) -> Result<Option<Message>, WireError> {
        self.pass_over();
        if self.skip > 0 {
            return Ok(None);
        }
        if self.open.is_empty()
            && let Some(front) = self.pushed.front_mut()
        {
            let head = Head::read(front)?;
            match head {
                Some(head) if head.passed_over() => {
                    front.advance(HEAD_BYTES);
                    return Ok(Some(self.unknown(head)));
                }
                Some(head) if front.len() >= head.frame_bytes() => {
                    let message = head.message_in(front, Memory::Shared)?;
                    front.advance(head.frame_bytes());
                    if front.is_empty() {
                        self.pushed.pop_front();
                    }
                    return Ok(Some(message));
                }
                _ => {}
            }
        }
        self.assemble()
    }

    /// A frame that did not come in one piece.
    fn assemble(&mut self) -> Result<Option<Message>, WireError> {
        // The length, then the type unless it is a keep-alive, then the rest.
        if !self.fill(LENGTH_BYTES) || (self.open != [0; LENGTH_BYTES] && !self.fill(HEAD_BYTES)) {
            // The length alone may already be too long; then there is no use in waiting for the type.
            Head::read(&self.open)?;
            return Ok(None);
        }
        let Some(head) = Head::read(&self.open)? else { return Ok(None) };
        if head.passed_over() {
            self.open = Vec::new();
            return Ok(Some(self.unknown(head)));
        }
        if !self.fill(head.frame_bytes()) {
            return Ok(None);
        }
        let frame = Bytes::from(std::mem::take(&mut self.open));
        head.message_in(&frame, Memory::Own).map(Some)
    }

    /// Moves bytes into the open frame until it has `wanted`; says whether it has.
    fn fill(&mut self, wanted: usize) -> bool {
        while self.open.len() < wanted {
            let Some(front) = self.pushed.front_mut() else { return false };
            // `wanted` is bounded by the type, and mostly a block: memory for it is taken at once.
            self.open.reserve_exact(wanted - self.open.len());
            let taken = front.split_to(front.len().min(wanted - self.open.len()));
            self.open.extend_from_slice(&taken);
            if front.is_empty() {
                self.pushed.pop_front();
            }
        }
        true
    }

    fn unknown(&mut self, head: Head) -> Message {
        self.skip = head.body;
        self.pass_over();
        Message::Unknown(head.kind.unwrap_or_default())
    }

    fn pass_over(&mut self) {
        while let Some(front) = self.pushed.front_mut() {
            let now = front.len().min(self.skip);
            front.advance(now);
            self.skip -= now;
            if !front.is_empty() {
                return;
            }
            self.pushed.pop_front();
        }
    }
}

/// Whose memory a frame is in.
#[derive(Clone, Copy)]
enum Memory {
    /// The frame's alone.
    Own,
    /// A buffer with other frames.
    Shared,
}

/// The length and the type of a frame.
#[derive(Clone, Copy)]
struct Head {
    /// `None` for a keep-alive.
    kind: Option<u8>,
    /// Bytes after the type.
    body: usize,
}

impl Head {
    /// Reads and checks them. `None` when they are not all there.
    fn read(bytes: &[u8]) -> Result<Option<Self>, WireError> {
        let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length);
        if length > MAX_FRAME_BYTES {
            return Err(WireError::TooLong(length));
        }
        let Some(body) = (length as usize).checked_sub(1) else {
            return Ok(Some(Self { kind: None, body: 0 }));
        };
        let Some(&kind) = rest.first() else { return Ok(None) };
        let fits = match kind {
            kind::CHOKE | kind::UNCHOKE | kind::INTERESTED | kind::NOT_INTERESTED => body == 0,
            kind::HAVE_ALL | kind::HAVE_NONE => body == 0,
            kind::HAVE | kind::SUGGEST | kind::ALLOWED_FAST => body == 4,
            kind::BITFIELD => body <= MAX_BITFIELD_BYTES,
            kind::REQUEST | kind::CANCEL | kind::REJECT => body == 12,
            kind::PIECE => (8..=8 + MAX_REQUEST_BYTES as usize).contains(&body),
            kind::PORT => body == 2,
            kind::EXTENDED => (1..=1 + MAX_EXTENDED_BYTES).contains(&body),
            _ => true,
        };
        if !fits {
            return Err(WireError::WrongLength { kind, len: body });
        }
        Ok(Some(Self { kind: Some(kind), body }))
    }

    /// Bytes of the whole frame.
    fn frame_bytes(self) -> usize {
        LENGTH_BYTES + usize::from(self.kind.is_some()) + self.body
    }

    /// Whether the type is one that we don't know.
    fn passed_over(self) -> bool {
        !matches!(self.kind, None | Some(0..=9 | 13..=17 | kind::EXTENDED))
    }

    /// The message, from bytes that start with the whole frame.
    fn message_in(self, frame: &Bytes, memory: Memory) -> Result<Message, WireError> {
        let Some(kind) = self.kind else { return Ok(Message::KeepAlive) };
        let start = HEAD_BYTES;
        let body = &frame[start..start + self.body];
        let wrong = WireError::WrongLength { kind, len: self.body };
        let kept = |from: usize| match memory {
            Memory::Own => frame.slice(start + from..start + self.body),
            // Whoever reads it may keep it for long, so it must not hold the buffer of the socket.
            Memory::Shared => Bytes::copy_from_slice(&body[from..]),
        };
        let piece = || numbers::<1>(body).map(|[piece]| PieceIndex(piece));
        let block =
            || numbers::<3>(body).map(|[piece, begin, len]| Block { piece: PieceIndex(piece), begin, len });
        let message = match kind {
            kind::CHOKE => Some(Message::Choke),
            kind::UNCHOKE => Some(Message::Unchoke),
            kind::INTERESTED => Some(Message::Interested),
            kind::NOT_INTERESTED => Some(Message::NotInterested),
            kind::HAVE => piece().map(Message::Have),
            kind::BITFIELD => Some(Message::Bitfield(kept(0))),
            kind::REQUEST => block().map(Message::Request),
            kind::PIECE => numbers::<2>(body).map(|[piece, begin]| Message::Piece {
                piece: PieceIndex(piece),
                begin,
                data: frame.slice(start + 8..start + self.body),
            }),
            kind::CANCEL => block().map(Message::Cancel),
            kind::PORT => body.first_chunk().map(|port| Message::Port(u16::from_be_bytes(*port))),
            kind::SUGGEST => piece().map(Message::Suggest),
            kind::HAVE_ALL => Some(Message::HaveAll),
            kind::HAVE_NONE => Some(Message::HaveNone),
            kind::REJECT => block().map(Message::Reject),
            kind::ALLOWED_FAST => piece().map(Message::AllowedFast),
            kind::EXTENDED => body.first().map(|id| Message::Extended { id: *id, payload: kept(1) }),
            _ => Some(Message::Unknown(kind)),
        };
        message.ok_or(wrong)
    }
}

/// The first `N` numbers of a body.
fn numbers<const N: usize>(body: &[u8]) -> Option<[u32; N]> {
    let (chunks, _) = body.as_chunks::<4>();
    let mut out = [0; N];
    for (number, bytes) in out.iter_mut().zip(chunks.get(..N)?) {
        *number = u32::from_be_bytes(*bytes);
    }
    Some(out)
}
