//! MPEG layer III: frames one behind another, tags before, behind and between them.
//!
//! ```text
//! frame 0    header 4 · side information · "Xing"|"Info" flags 4 [frames 4] [bytes 4] [table 100] [quality 4]
//!            "LAME3.100" · … · at 21: delay 12 bits, padding 12 bits              no sound, encoders' notes
//!            header 4 · 32 · "VBRI" …                                             the same of Fraunhofer's
//! ```
//!
//! A decoder begins 529 samples late besides the encoder's delay; neither is music (what players call gapless).

use std::io::{Read, Seek};

use super::{Found, Marks, Timeline, Window, damaged, window::WINDOW};
use crate::detect::{mpeg_frame_length, skip_length};

/// Samples that every decoder is late.
const DECODER_DELAY: u64 = 529;

/// What does not change within a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    version: u8,
    rate_index: u8,
}

impl Kind {
    /// Samples of a second.
    pub(crate) fn rate(self) -> u64 {
        [44_100, 48_000, 32_000][usize::from(self.rate_index.min(2))]
            >> [2, 0, 1, 0][usize::from(self.version)]
    }

    /// Samples of a frame.
    pub(crate) fn samples(self) -> u64 {
        if self.version == 3 { 1152 } else { 576 }
    }
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let mut at = start;
    while let Some(length) = skip_length(window.peek(at, 32)?) {
        at += length;
    }
    let Some(first) = synchronise(window, at, None)? else {
        return damaged(at, "no MPEG layer III frames of a stated bit rate");
    };
    let Some((kind, length)) = frame(window.peek(first, 4)?) else {
        return damaged(first, "no MPEG layer III frame");
    };
    at = first;
    let Notes { before: delay, behind: padding, .. } = match notes(window.peek(at, length)?) {
        Some(notes) => {
            at += length as u64;
            notes
        }
        None => Notes::default(),
    };
    let (mut marks, mut samples) = (Marks::new(), 0u64);
    while at < window.size() {
        match frame(window.peek(at, 4)?).filter(|(other, _)| *other == kind) {
            Some((_, length)) if at + length as u64 <= window.size() => {
                marks.push(samples.saturating_sub(delay), at);
                samples += kind.samples();
                at += length as u64;
            }
            Some(_) => break,
            None => match skip_length(window.peek(at, 32)?) {
                Some(length) => at = at.saturating_add(length),
                None => match synchronise(window, at + 1, Some(kind))? {
                    Some(next) => at = next,
                    None => break,
                },
            },
        }
    }
    let duration = samples.saturating_sub(delay + padding);
    Ok(Some(Timeline { scale: kind.rate(), duration, init: None, frames: marks.into_frames() }))
}

/// The frame at the start of `bytes`, and how long it is.
pub(crate) fn frame(bytes: &[u8]) -> Option<(Kind, usize)> {
    let length = mpeg_frame_length(bytes)?;
    Some((Kind { version: bytes[1] >> 3 & 3, rate_index: bytes[2] >> 2 & 3 }, length))
}

/// The first frame at or behind `at` that another of its kind, or the end of the file, follows.
fn synchronise<R: Read + Seek>(
    window: &mut Window<R>,
    mut at: u64,
    kind: Option<Kind>,
) -> std::io::Result<Option<u64>> {
    let fits = |found: Kind| kind.is_none_or(|kind| kind == found);
    loop {
        let block = window.peek(at, WINDOW)?;
        if block.len() < 4 {
            return Ok(None);
        }
        let candidate = block.windows(4).enumerate().find_map(|(offset, header)| {
            let (kind, length) = frame(header)?;
            fits(kind).then_some((offset, kind, length))
        });
        let Some((offset, found, length)) = candidate else {
            at += block.len() as u64 - 3;
            continue;
        };
        at += offset as u64;
        let next = at + length as u64;
        if next == window.size() || frame(window.peek(next, 4)?).is_some_and(|(kind, _)| kind == found) {
            return Ok(Some(at));
        }
        at += 1;
    }
}

/// What an encoder wrote into the first frame.
#[derive(Clone, Copy, Default)]
pub(crate) struct Notes {
    /// Samples that a decoder gives before the sound.
    pub(crate) before: u64,
    /// Samples that it gives behind it.
    pub(crate) behind: u64,
    /// Frames behind this one, if told.
    pub(crate) frames: Option<u64>,
}

/// The notes in this first frame, if it holds any.
pub(crate) fn notes(frame: &[u8]) -> Option<Notes> {
    if frame.get(36..)?.starts_with(b"VBRI") {
        return Some(Notes::default());
    }
    let (mpeg1, mono) = (frame[1] >> 3 & 3 == 3, frame[3] >> 6 == 3);
    let side_information = match (mpeg1, mono) {
        (true, false) => 32,
        (true, true) | (false, false) => 17,
        (false, true) => 9,
    };
    let xing = frame.get(4 + side_information..)?;
    if !xing.starts_with(b"Xing") && !xing.starts_with(b"Info") {
        return None;
    }
    let flags = u32::from_be_bytes(*xing.get(4..)?.first_chunk()?);
    let lame =
        8 + [4, 4, 100, 4].iter().enumerate().map(|(bit, n)| n * (flags as usize >> bit & 1)).sum::<usize>();
    let gap = xing.get(lame..).and_then(|lame| match lame {
        [b'L', b'A', b'M', b'E', ..] | [b'L', b'a', b'v', b'c' | b'f', ..] => lame.get(21..24),
        _ => None,
    });
    let frames = xing.get(8..).filter(|_| flags & 1 != 0).and_then(|rest| rest.first_chunk());
    let frames = frames.map(|count| u64::from(u32::from_be_bytes(*count))).filter(|count| *count > 0);
    let Some(&[a, b, c]) = gap else { return Some(Notes { frames, ..Notes::default() }) };
    let (delay, padding) = (u64::from(a) << 4 | u64::from(b) >> 4, u64::from(b & 15) << 8 | u64::from(c));
    Some(Notes { before: delay + DECODER_DELAY, behind: padding.saturating_sub(DECODER_DELAY), frames })
}
