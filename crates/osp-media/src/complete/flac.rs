//! FLAC (RFC 9639): metadata blocks, then frames that each end with a CRC-16 of themselves.

use std::io::{Read, Seek, SeekFrom};

use super::{Incomplete, tail};
use crate::flac_frame::frame_header;

/// More than the largest frame there can be: 65535 samples of 8 channels at 32 bits is 2 MiB.
const MAX_FRAME: u64 = 2_200_000;
/// Frame headers whose CRC-16 is worked out before giving up, so that crafted bytes cannot cost much.
const MAX_CANDIDATES: usize = 16;

/// What STREAMINFO says; a sample count of 0 means unknown.
struct StreamInfo {
    block_size: u64,
    /// Bytes of the largest frame; 0 means unknown.
    max_frame: u64,
    samples: u64,
}

pub(super) fn check<R: Read + Seek>(reader: &mut R, start: u64, end: u64) -> Result<(), Incomplete> {
    let (info, audio_start) = read_metadata(reader, start, end)?;
    let largest = if info.max_frame == 0 { MAX_FRAME } else { info.max_frame.min(MAX_FRAME) };
    let bytes = tail(reader, audio_start, end, largest)?;
    let ends_here = (0..bytes.len())
        .rev()
        .filter(|&at| {
            frame_header(&bytes[at..], info.block_size)
                .is_some_and(|header| info.samples == 0 || header.end == info.samples)
        })
        .take(MAX_CANDIDATES)
        .any(|at| crc16(&bytes[at..]) == 0);
    if ends_here || bytes.is_empty() && info.samples == 0 {
        return Ok(());
    }
    Err(Incomplete::Truncated("its last FLAC frame is cut off or missing".into()))
}

/// Walks the metadata blocks: `last(1 bit) type(7) length(24)`. STREAMINFO is the first.
fn read_metadata<R: Read + Seek>(
    reader: &mut R,
    start: u64,
    end: u64,
) -> Result<(StreamInfo, u64), Incomplete> {
    let mut head = [0; 4 + 4 + 34];
    reader.read_exact(&mut head)?;
    let body = &head[8..];
    let be16 = |at: usize| u64::from(body[at]) << 8 | u64::from(body[at + 1]);
    let info = StreamInfo {
        block_size: be16(2),
        max_frame: u64::from(body[7]) << 16 | be16(8),
        samples: body[13..18].iter().fold(0, |n, b| n << 8 | u64::from(*b)) & 0xf_ffff_ffff,
    };
    let mut at = start + 4;
    loop {
        let mut header = [0; 4];
        reader.seek(SeekFrom::Start(at))?;
        reader.read_exact(&mut header)?;
        at += 4 + (u64::from(header[1]) << 16 | u64::from(header[2]) << 8 | u64::from(header[3]));
        if at > end {
            return Err(Incomplete::Truncated("it ends within its FLAC metadata".into()));
        }
        if header[0] & 0x80 != 0 {
            return Ok((info, at));
        }
    }
}

/// Polynomial x^16 + x^15 + x^2 + 1; zero over a frame with its CRC.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let mixed = crc ^ u16::from(*byte) << 8;
        (0..8).fold(mixed, |c: u16, _| if c & 0x8000 != 0 { c << 1 ^ 0x8005 } else { c << 1 })
    })
}
