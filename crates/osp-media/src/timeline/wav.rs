//! RIFF/WAVE with samples of one size: PCM, float, A-law, mu-law.
//!
//! ```text
//! "RIFF" size 4 "WAVE" · chunks: id 4 · size 4 · data · [pad to even]         little endian
//! "fmt ": format 2 · channels 2 · rate 4 · bytes a second 4 · bytes a sample of all channels 2 · bits 2 …
//! ```

use std::io::{Read, Seek};

use super::{Found, Marks, Timeline, Window, damaged};

/// Chunks looked at before giving up.
const MAX_CHUNKS: usize = 10_000;
/// Longest format that is copied: that of WAVE_FORMAT_EXTENSIBLE has 40 bytes.
const MAX_FORMAT: usize = 64;
/// Bytes between marks.
const STEP: u64 = 4 << 10;
/// Bytes of RIFF, format and the head of the samples.
const SHORTEST: usize = 44;
/// The size that says that it is not known.
const UNKNOWN: u32 = u32::MAX;

struct Format {
    bytes: Vec<u8>,
    rate: u64,
    /// Bytes of one sample of all channels.
    width: u64,
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let head = window.peek(start, 12)?;
    if !head.starts_with(b"RIFF") || head.get(8..) != Some(b"WAVE") {
        return damaged(start, "no RIFF/WAVE header");
    }
    let (mut at, mut format) = (start + 12, None);
    for _ in 0..MAX_CHUNKS {
        let Some([a, b, c, d, length @ ..]) = window.array::<8>(at)? else { break };
        let length = u32::from_le_bytes(length);
        match &[a, b, c, d] {
            b"fmt " => match parse(window.peek(at + 8, (length as usize).min(MAX_FORMAT + 1))?) {
                Some(found) => format = Some(found),
                None => return Ok(None),
            },
            b"data" => {
                let Some(format) = format else { return damaged(at, "samples before their format") };
                let there = window.size() - at - 8;
                let bytes = if matches!(length, 0 | UNKNOWN) { there } else { there.min(length.into()) };
                return Ok(Some(timeline(&format, at + 8, bytes)));
            }
            _ => {}
        }
        at += 8 + u64::from(length) + u64::from(length & 1);
    }
    damaged(at, "no samples")
}

/// `None` for codecs in which a moment is not a place.
fn parse(bytes: &[u8]) -> Option<Format> {
    let fixed: &[u8; 16] = bytes.first_chunk().filter(|_| bytes.len() <= MAX_FORMAT)?;
    let le16 = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let rate = u64::from(u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]));
    let width = u64::from(le16(12));
    let known = matches!(le16(0), 1 | 3 | 6 | 7 | 0xfffe) && rate > 0 && width > 0;
    known.then(|| Format { bytes: bytes.to_vec(), rate, width })
}

/// The beginning of a WAV file of its own with so many bytes of samples, of the one that a [`Timeline`] gives, which is for any
/// number. `None` for what is no such beginning, and for more than WAV can say.
#[must_use]
pub fn sized(init: &[u8], samples: u64) -> Option<Vec<u8>> {
    let unknown = UNKNOWN.to_le_bytes();
    let ours = init.starts_with(b"RIFF") && init.get(4..8) == Some(&unknown) && init.ends_with(&unknown);
    if !ours || init.len() < SHORTEST {
        return None;
    }
    let all = samples.checked_add(init.len() as u64 - 8).and_then(|all| u32::try_from(all).ok())?;
    let mut sized = init.to_vec();
    sized[4..8].copy_from_slice(&all.to_le_bytes());
    let at = sized.len() - 4;
    // Fewer than all.
    sized[at..].copy_from_slice(&u32::try_from(samples).ok()?.to_le_bytes());
    Some(sized)
}

fn timeline(format: &Format, data: u64, bytes: u64) -> Timeline {
    let samples = bytes / format.width;
    let mut marks = Marks::new();
    let mut sample = 0;
    while sample < samples {
        let at = data + sample * format.width;
        marks.push(sample, at);
        // The first that begins in the next stretch.
        sample = ((at / STEP + 1) * STEP - data).div_ceil(format.width).max(sample + 1);
    }
    let chunk = |id: &[u8; 4], length: u32| [&id[..], &length.to_le_bytes()].concat();
    let init = [
        chunk(b"RIFF", UNKNOWN),
        b"WAVE".to_vec(),
        chunk(b"fmt ", format.bytes.len() as u32),
        format.bytes.clone(),
        vec![0; format.bytes.len() & 1],
        chunk(b"data", UNKNOWN),
    ];
    Timeline { scale: format.rate, duration: samples, init: Some(init.concat()), frames: marks.into_frames() }
}
