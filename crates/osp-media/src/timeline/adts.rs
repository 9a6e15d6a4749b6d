//! AAC in ADTS (ISO/IEC 13818-7, 6.2): frames one behind another.
//!
//! ```text
//! sync(12) id(1) layer(2, 0) no-crc(1) · profile(2) rate(4) private(1) channels(3) … · length(13) fullness(11) blocks(2)
//! ```
//!
//! A frame is 1,024 samples for each of its blocks; with spectral band replication the rate written is half of what is
//! heard, and the time the same.

use std::io::{Read, Seek};

use super::{Found, Marks, Timeline, Window, damaged};
use crate::detect::skip_length;

const RATES: [u64; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// A frame, by its header.
pub(crate) struct Frame {
    /// Samples in a second.
    pub(crate) rate: u64,
    /// Bytes of it all.
    pub(crate) length: u64,
    /// Bytes of the header.
    pub(crate) header: usize,
    pub(crate) samples: u64,
    /// The audio object type, less 1.
    pub(crate) profile: u8,
    pub(crate) rate_index: u8,
    /// The channel configuration.
    pub(crate) channels: u8,
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let Some(first) = frame(window.peek(start, 7)?) else {
        return damaged(start, "no ADTS frame");
    };
    let (mut at, mut samples, mut marks) = (start, 0u64, Marks::new());
    while let Some(frame) = frame(window.peek(at, 7)?).filter(|frame| frame.rate == first.rate) {
        if at + frame.length > window.size() {
            break;
        }
        marks.push(samples, at);
        samples += frame.samples;
        at += frame.length;
    }
    // Tags may follow, but nothing else: what comes behind would never be played.
    let tags = skip_length(window.peek(at, 32)?).is_some();
    if at < window.size() && !tags && frame(window.peek(at, 7)?).is_none() && window.size() - at >= 7 {
        return damaged(at, "something that is no ADTS frame");
    }
    Ok(Some(Timeline { scale: first.rate, duration: samples, init: None, frames: marks.into_frames() }))
}

/// The frame at the start of `bytes`.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    let &[sync, second, third, fourth, fifth, sixth, seventh] = bytes.first_chunk::<7>()?;
    if sync != 0xff || second & 0xf6 != 0xf0 {
        return None;
    }
    let length = u64::from(fourth & 3) << 11 | u64::from(fifth) << 3 | u64::from(sixth >> 5);
    let rate = *RATES.get(usize::from(third >> 2 & 15))?;
    let header = if second & 1 == 0 { 9 } else { 7 };
    (length >= header as u64).then_some(Frame {
        rate,
        length,
        header,
        samples: 1_024 * (u64::from(seventh & 3) + 1),
        profile: third >> 6,
        rate_index: third >> 2 & 15,
        channels: (third & 1) << 2 | fourth >> 6,
    })
}
