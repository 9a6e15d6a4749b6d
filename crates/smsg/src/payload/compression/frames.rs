//! Zstandard frames, one after the other (RFC 8878 section 3.1).
//!
//! ```text
//! frame      28 B5 2F FD | descriptor 1 | window 0-1 | dictionary id 0-4 | content size 0-8 | blocks | checksum 0 or 4
//! skippable  5x 2A 4D 18 | u32 LE length | as many bytes
//! ```
//!
//! Headers are read here and not by the decoders, because they say how much is coming: a frame that declares more than the
//! limit costs nothing.

use super::{count_empty, input::Input};
use crate::{OpenError, limits};
use std::io::{self, BufRead as _, Read};

/// The first bytes of a frame, as a little-endian number.
const MAGIC: u32 = 0xFD2F_B528;
/// The first bytes of a skippable frame; the last four bits are free.
const SKIPPABLE: u32 = 0x184D_2A50;
/// The longest frame header: magic, descriptor, window, dictionary id, content size.
const MAX_FRAME_HEADER: usize = 4 + 1 + 1 + 4 + 8;

/// Decodes a frame at a time. Sees each frame from its magic on.
pub(super) trait Decoder {
    /// Makes ready for the next frame, whose window was checked.
    fn start<R: Read>(&mut self, input: &mut Input<R>) -> io::Result<()>;
    /// The next bytes of the frame's content; 0 at the frame's end, with everything checked that the frame has to check.
    fn read<R: Read>(&mut self, input: &mut Input<R>, buf: &mut [u8]) -> io::Result<usize>;
}

/// What a frame's header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FrameHeader {
    content: Option<u64>,
    window: u64,
}

/// What begins here.
#[derive(Debug, PartialEq, Eq)]
enum Begin {
    End,
    Skippable(u32),
    Frame(FrameHeader),
}

/// Reads the content of all frames.
pub(super) struct Frames<R, D> {
    input: Input<R>,
    decoder: D,
    /// The frame that is being read: what it declared, and what it has given.
    frame: Option<(Option<u64>, u64)>,
    /// Frames without content since there was some.
    empty: usize,
    /// What is left of the limit.
    left: u64,
    limit: u64,
}

impl<R: Read, D: Decoder> Frames<R, D> {
    pub(super) fn new(compressed: R, decoder: D, limit: u64) -> Self {
        Self { input: Input::new(compressed), decoder, frame: None, empty: 0, left: limit, limit }
    }

    /// Goes to the next frame's content; false at the end.
    fn next_frame(&mut self) -> io::Result<bool> {
        loop {
            let begin = match self.input.peek(MAX_FRAME_HEADER) {
                Ok(bytes) => parse(bytes).map_err(io::Error::other)?,
                Err(e) => return Err(self.input.failure(&e)),
            };
            match begin {
                Begin::End => return Ok(false),
                Begin::Skippable(len) => {
                    count_empty(&mut self.empty)?;
                    self.skip(u64::from(len) + 8)?;
                }
                Begin::Frame(header) => {
                    if header.content.is_some_and(|size| size > self.left) {
                        return Err(io::Error::other(OpenError::DecompressionLimit(self.limit)));
                    }
                    if header.window > 1 << limits::MAX_ZSTD_WINDOW_LOG {
                        return Err(io::Error::other(OpenError::OverLimit {
                            what: "the window of the compressed content",
                            limit: 1 << limits::MAX_ZSTD_WINDOW_LOG,
                        }));
                    }
                    self.decoder.start(&mut self.input)?;
                    self.frame = Some((header.content, 0));
                    return Ok(true);
                }
            }
        }
    }

    fn skip(&mut self, mut len: u64) -> io::Result<()> {
        while len > 0 {
            let there = match self.input.fill_buf() {
                Ok(bytes) => bytes.len(),
                Err(e) => return Err(self.input.failure(&e)),
            };
            if there == 0 {
                return Err(damaged("it ends inside a skippable frame"));
            }
            let step = usize::try_from(len).map_or(there, |len| len.min(there));
            self.input.consume(step);
            len -= step as u64;
        }
        Ok(())
    }
}

impl<R: Read, D: Decoder> Read for Frames<R, D> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            let Some((declared, given)) = &mut self.frame else {
                if self.next_frame()? {
                    continue;
                }
                return Ok(0);
            };
            let read = self.decoder.read(&mut self.input, buf)?;
            *given += read as u64;
            if declared.is_some_and(|size| if read == 0 { *given != size } else { *given > size }) {
                return Err(damaged("a frame is not as long as it says"));
            }
            if read == 0 {
                if *given == 0 {
                    count_empty(&mut self.empty)?;
                }
                self.frame = None;
                continue;
            }
            self.empty = 0;
            self.left = self
                .left
                .checked_sub(read as u64)
                .ok_or_else(|| io::Error::other(OpenError::DecompressionLimit(self.limit)))?;
            return Ok(read);
        }
    }
}

/// What begins with these bytes: a whole header, or all there is.
fn parse(bytes: &[u8]) -> Result<Begin, OpenError> {
    let fail = |why: &str| Err(OpenError::DecompressionFailed(why.to_owned()));
    if bytes.is_empty() {
        return Ok(Begin::End);
    }
    let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
        return fail("there are bytes behind the last frame");
    };
    let magic = u32::from_le_bytes(*magic);
    if magic & !0xF == SKIPPABLE {
        return match rest.first_chunk::<4>() {
            Some(len) => Ok(Begin::Skippable(u32::from_le_bytes(*len))),
            None => fail("it ends inside a frame header"),
        };
    }
    if magic != MAGIC {
        return fail("no zstd frame begins where one should");
    }
    let Some((&descriptor, rest)) = rest.split_first() else {
        return fail("it ends inside a frame header");
    };
    let single_segment = descriptor & 0x20 != 0;
    let window_len = usize::from(!single_segment);
    let dictionary_len = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_len = match descriptor >> 6 {
        0 => usize::from(single_segment),
        flag => 1 << flag,
    };
    if rest.len() < window_len + dictionary_len + content_len {
        return fail("it ends inside a frame header");
    }
    let (window, rest) = rest.split_at(window_len);
    let (dictionary, rest) = rest.split_at(dictionary_len);
    if dictionary.iter().any(|byte| *byte != 0) {
        return fail("it needs a dictionary");
    }
    let number = rest[..content_len].iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte));
    let content = match content_len {
        0 => None,
        2 => Some(number + 256),
        _ => Some(number),
    };
    let window = match (window.first(), content) {
        (Some(window), _) => {
            let base = 1 << (10 + u32::from(window >> 3));
            base + base / 8 * u64::from(window & 7)
        }
        (None, content) => content.unwrap_or(0),
    };
    Ok(Begin::Frame(FrameHeader { content, window }))
}

fn damaged(why: &str) -> io::Error {
    io::Error::other(OpenError::DecompressionFailed(why.to_owned()))
}
