//! Headers of FLAC frames (RFC 9639, 9.1).
//!
//! ```text
//! sync 0xFFF8|0xFFF9 · block size code(4) rate code(4) · channels(4) depth(3) 0 ·
//! coded number(1..7) · [block size(1|2)] · [rate(1|2)] · CRC-8
//! ```

/// Longest header, bytes.
pub(crate) const MAX_HEADER: usize = 16;

/// Which samples a frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    /// Number of its first sample.
    pub(crate) first: u64,
    /// Number of the sample behind it.
    pub(crate) end: u64,
}

/// If `bytes` begin with the header of a frame: its samples. `block_size` is that of STREAMINFO.
pub(crate) fn frame_header(bytes: &[u8], block_size: u64) -> Option<FrameHeader> {
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
    let first = if second & 1 == 0 { number.checked_mul(block_size)? } else { number };
    Some(FrameHeader { first, end: first.checked_add(block)? })
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
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |c: u8, _| if c & 0x80 != 0 { c << 1 ^ 0x07 } else { c << 1 })
    })
}
