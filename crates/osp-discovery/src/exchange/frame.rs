//! Frames: an unsigned varint and that many bytes.

/// How much is set aside at once for a frame whose length has been read; the rest comes as the bytes come.
const FIRST_ROOM: usize = 4 * 1024;

/// Why a stream of frames cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The length is over the limit of this side.
    #[error("a frame of {length} bytes is announced; at most {limit} are taken")]
    TooLong {
        /// As announced; `usize::MAX` when it is longer than that.
        length: usize,
        /// What was allowed.
        limit: usize,
    },
    /// The length is not in its shortest form.
    #[error("the length of a frame is not written in its shortest form")]
    Varint,
}

/// A frame around `body`.
#[must_use]
pub fn encode(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 5);
    let mut length = body.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(body);
    out
}

/// Takes frames out of a stream that arrives in any pieces. Holds at most one frame, within the limit, and sets
/// nothing aside before the length has been judged.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Length { read: usize, shift: u32 },
    Body { missing: usize, body: Vec<u8> },
    Broken(FrameError),
}

const START: State = State::Length { read: 0, shift: 0 };

impl Decoder {
    /// A decoder that refuses frames longer than `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, state: START }
    }

    /// Takes bytes from the front of `input` until it is empty or a frame is whole, and gives that frame's body.
    /// Call it again until it gives `None`.
    ///
    /// # Errors
    /// [`FrameError`], now and for ever: the stream is of no more use.
    pub fn take(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, FrameError> {
        loop {
            match &mut self.state {
                State::Broken(error) => return Err(error.clone()),
                State::Length { read, shift } => {
                    let Some((&byte, rest)) = input.split_first() else { return Ok(None) };
                    *input = rest;
                    match length_step(*read, *shift, byte, self.limit) {
                        Ok(Step::More(next)) => (*read, *shift) = (next, *shift + 7),
                        Ok(Step::Whole(missing)) => {
                            self.state =
                                State::Body { missing, body: Vec::with_capacity(missing.min(FIRST_ROOM)) };
                        }
                        Err(error) => self.state = State::Broken(error),
                    }
                }
                State::Body { missing, body } => {
                    let (now, rest) = input.split_at((*missing).min(input.len()));
                    body.extend_from_slice(now);
                    *input = rest;
                    *missing -= now.len();
                    if *missing > 0 {
                        return Ok(None);
                    }
                    let body = std::mem::take(body);
                    self.state = START;
                    return Ok(Some(body));
                }
            }
        }
    }

    /// Whether the stream may end here: between two frames.
    #[must_use]
    pub fn is_between_frames(&self) -> bool {
        matches!(self.state, State::Length { shift: 0, .. })
    }

    /// Bytes set aside.
    #[must_use]
    pub fn held(&self) -> usize {
        if let State::Body { body, .. } = &self.state { body.capacity() } else { 0 }
    }
}

enum Step {
    More(usize),
    Whole(usize),
}

/// One more byte of a length: seven bits, the lowest first; the top bit says that more follow.
fn length_step(read: usize, shift: u32, byte: u8, limit: usize) -> Result<Step, FrameError> {
    let bits = usize::from(byte & 0x7f);
    let value = bits.checked_shl(shift).filter(|v| v >> shift == bits).map_or(usize::MAX, |v| v | read);
    let more = byte & 0x80 != 0;
    if value > limit {
        // Known before the last byte: more bytes only make it longer.
        return Err(FrameError::TooLong { length: value, limit });
    }
    if !more && byte == 0 && shift > 0 {
        return Err(FrameError::Varint);
    }
    // A run of 0x80 would go on for ever without growing.
    if more && shift >= 28 {
        return Err(FrameError::Varint);
    }
    Ok(if more { Step::More(value) } else { Step::Whole(value) })
}
