//! FLAC (RFC 9639): frames begin with a header that has a CRC-8, and do not say how long they are.
//!
//! Bytes inside a frame look like a header now and then, CRC-8 included; they do not tell of the very sample that the
//! frame before ended with. So only a header that does counts, and behind damage nothing is found.

use std::io::{Read, Seek};

use super::{Found, Marks, Timeline, Window, damaged, window::WINDOW};
use crate::flac_frame::{MAX_HEADER, frame_header};

/// `last(1 bit) type(7 bits) length(3)`, and the one block that every file has, the first.
const STREAM_INFO: [u8; 4] = [0, 0, 0, 34];
const BLOCK_HEADER: u64 = 4;
/// Metadata blocks looked at before giving up.
const MAX_BLOCKS: usize = 10_000;

/// STREAMINFO.
pub(crate) struct StreamInfo([u8; 34]);

impl StreamInfo {
    /// What a block's header and body begin with.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk::<4>()?;
        let like = header[0] & 0x7f == STREAM_INFO[0] && header[1..] == STREAM_INFO[1..];
        body.first_chunk().filter(|_| like).copied().map(Self)
    }

    /// Samples of a block, if all have as many.
    pub(crate) fn block_size(&self) -> u64 {
        u64::from(u16::from_be_bytes([self.0[2], self.0[3]]))
    }

    /// Samples of a second.
    pub(crate) fn rate(&self) -> u64 {
        u64::from(self.0[10]) << 12 | u64::from(self.0[11]) << 4 | u64::from(self.0[12] >> 4)
    }

    /// Samples of the file; 0 if that is not known.
    pub(crate) fn samples(&self) -> u64 {
        self.0[13..18].iter().fold(0, |n, b| n << 8 | u64::from(*b)) & 0xf_ffff_ffff
    }

    /// The block again, without the MD5 of the samples: it would tell which recording a sealed file is of.
    pub(super) fn without_md5(&self, last: bool) -> Vec<u8> {
        let mut block = [&STREAM_INFO[..], &self.0[..18], &[0; 16]].concat();
        block[0] |= if last { 0x80 } else { 0 };
        block
    }
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>, start: u64) -> Found {
    let info = match window.array::<42>(start)? {
        Some(head) if head.starts_with(b"fLaC") => StreamInfo::parse(&head[4..]),
        _ => None,
    };
    let Some(info) = info.filter(|info| info.rate() > 0) else {
        return damaged(start, "no FLAC header with a sample rate");
    };
    let Some(mut at) = audio_start(window, start + 4)? else {
        return damaged(start, "FLAC metadata without an end");
    };
    let (mut marks, mut expected) = (Marks::new(), None);
    loop {
        let block = window.peek(at, WINDOW)?;
        let found = next_frame(block, info.block_size(), expected);
        match found {
            Some((offset, header)) => {
                marks.push(header.first, at + offset as u64);
                expected = Some(header.end);
                // Past its sync code at least; the rest of its header is no sync code.
                at += offset as u64 + 4;
            }
            // A file with other bytes where its first frame should be is no FLAC file.
            None if expected.is_none() => return damaged(at, "no FLAC frame behind its metadata"),
            None if block.len() <= MAX_HEADER => break,
            None => at += (block.len() - MAX_HEADER) as u64,
        }
    }
    let duration = if info.samples() > 0 { info.samples() } else { expected.unwrap_or(0) };
    let init = [b"fLaC".to_vec(), info.without_md5(true)].concat();
    Ok(Some(Timeline { scale: info.rate(), duration, init: Some(init), frames: marks.into_frames() }))
}

/// The first frame in `block` that begins with the expected sample; the very first one must begin at once.
fn next_frame(
    block: &[u8],
    block_size: u64,
    expected: Option<u64>,
) -> Option<(usize, crate::flac_frame::FrameHeader)> {
    let Some(expected) = expected else {
        return frame_header(block, block_size).map(|header| (0, header));
    };
    let mut from = 0;
    loop {
        from += block.get(from..)?.iter().position(|byte| *byte == 0xff)?;
        match frame_header(&block[from..block.len().min(from + MAX_HEADER)], block_size) {
            Some(header) if header.first == expected => return Some((from, header)),
            _ => from += 1,
        }
    }
}

/// Where the frames begin, behind the metadata blocks.
fn audio_start<R: Read + Seek>(window: &mut Window<R>, mut at: u64) -> std::io::Result<Option<u64>> {
    for _ in 0..MAX_BLOCKS {
        let Some([kind, a, b, c]) = window.array::<4>(at)? else { break };
        at += BLOCK_HEADER + u64::from(u32::from_be_bytes([0, a, b, c]));
        if kind & 0x80 != 0 {
            return Ok(Some(at));
        }
    }
    Ok(None)
}
