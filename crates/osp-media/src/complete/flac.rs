//! FLAC (RFC 9639): metadata blocks, then frames that each end with a CRC-16 of themselves.
//!
//! ```text
//! frame header: sync 0xFFF8|0xFFF9 · block size code(4) rate code(4) · channels(4) depth(3) 0 ·
//!               coded number(1..7) · [block size(1|2)] · [rate(1|2)] · CRC-8
//! ```

use std::io::{Read, Seek, SeekFrom};

use super::{Incomplete, tail};

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
            frame_end(&bytes[at..], &info).is_some_and(|sample| info.samples == 0 || sample == info.samples)
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

/// If `bytes` begin with a frame header: the number of the sample behind that frame.
fn frame_end(bytes: &[u8], info: &StreamInfo) -> Option<u64> {
    let (&[0xff, second, codes, channels], mut rest) = bytes.split_first_chunk::<4>()? else { return None };
    if second & 0xfe != 0xf8 || channels & 1 != 0 {
        return None;
    }
    let (number, used) = coded_number(rest)?;
    rest = &rest[used..];
    let take = |rest: &mut &[u8], n: usize| -> Option<u64> {
        let (taken, left) = rest.split_at_checked(n)?;
        *rest = left;
        Some(taken.iter().fold(0, |v, b| v << 8 | u64::from(*b)))
    };
    let block = match codes >> 4 {
        0 => return None,
        1 => 192,
        n @ 2..=5 => 576 << (n - 2),
        6 => take(&mut rest, 1)? + 1,
        7 => take(&mut rest, 2)? + 1,
        n => 256 << (n - 8),
    };
    match codes & 15 {
        12 => drop(take(&mut rest, 1)?),
        13 | 14 => drop(take(&mut rest, 2)?),
        15 => return None,
        _ => {}
    }
    let header_length = bytes.len() - rest.len() + 1;
    if crc8(bytes.get(..header_length)?) != 0 {
        return None;
    }
    // With the low bit clear blocks are all of one size and are counted; else samples are.
    let first_sample = if second & 1 == 0 { number.checked_mul(info.block_size)? } else { number };
    first_sample.checked_add(block)
}

/// The UTF-8-like number of up to 36 bits, and its length in bytes.
fn coded_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = match first.leading_ones() {
        0 => return Some((u64::from(first), 1)),
        n @ 2..=7 => n as usize,
        _ => return None,
    };
    let mask = if length == 7 { 0 } else { 0x7f >> length };
    let mut number = u64::from(first & mask);
    for byte in bytes.get(1..length)? {
        if byte & 0xc0 != 0x80 {
            return None;
        }
        number = number << 6 | u64::from(byte & 0x3f);
    }
    Some((number, length))
}

/// Polynomial x^8 + x^2 + x + 1; zero over a header with its CRC.
fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |c: u8, _| if c & 0x80 != 0 { c << 1 ^ 0x07 } else { c << 1 })
    })
}

/// Polynomial x^16 + x^15 + x^2 + 1; zero over a frame with its CRC.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        let mixed = crc ^ u16::from(*byte) << 8;
        (0..8).fold(mixed, |c: u16, _| if c & 0x8000 != 0 { c << 1 ^ 0x8005 } else { c << 1 })
    })
}
