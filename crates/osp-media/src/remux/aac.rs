//! AAC in ADTS: frames that say how long they are, with a header that MP4 does not have.
//!
//! Nothing tells what the encoder added; nothing is cut off.

use super::{Format, Frames, Input, RemuxError, Stream, damaged, fmp4};
use crate::timeline::adts::{Frame, frame};

/// Bytes looked through for a frame.
const MAX_SEARCH: u64 = 1 << 20;
/// Frames read before a moment: what overlaps.
const WARM_UP: u64 = 2 * 1024;

#[derive(Default)]
pub(super) struct Aac {
    stream: Option<Stream>,
    audio: u64,
    lost: bool,
    searched: u64,
    now: u64,
    bytes: u64,
    end: Option<u64>,
}

/// The initialisation segment by an `AudioSpecificConfig` (ISO/IEC 14496-3, 1.6.2.1).
fn stream(header: &Frame) -> Stream {
    let object = header.profile + 1;
    let config =
        u16::from(object) << 11 | u16::from(header.rate_index) << 7 | u16::from(header.channels) << 3;
    let channels = if header.channels == 7 { 8 } else { u16::from(header.channels).max(1) };
    let scale = header.rate as u32;
    let entry = fmp4::sample_entry(b"mp4a", channels, 16, scale, &esds(&config.to_be_bytes()));
    Stream {
        mime: format!("audio/mp4; codecs=\"mp4a.40.{object}\""),
        init: fmp4::init(scale, &entry),
        scale,
        start: 0,
        bare: false,
    }
}

/// `esds`: descriptors inside descriptors, each `tag(1) length(1) …`.
fn esds(config: &[u8]) -> Vec<u8> {
    let descriptor = |tag: u8, body: &[u8]| [&[tag, body.len() as u8][..], body].concat();
    let specific = descriptor(5, config);
    // AAC, an audio stream; no buffer size or rates told.
    let decoder = descriptor(4, &[&[0x40, 0x15][..], &[0; 11], &specific].concat());
    let stream = descriptor(3, &[&[0, 1, 0][..], &decoder, &descriptor(6, &[2])].concat());
    fmp4::mp4_box(b"esds", &[&[0; 4], &stream])
}

impl Aac {
    fn step(&mut self, input: &mut Input, out: &mut Frames) -> Result<bool, RemuxError> {
        let (bytes, last) = (input.bytes(), input.is_last());
        if bytes.len() < 32 && !last || bytes.is_empty() {
            return Ok(false);
        }
        if !self.lost
            && let Some(length) = crate::detect::skip_length(bytes)
        {
            input.skip(length);
            return Ok(true);
        }
        let rate = self.stream.as_ref().map(|stream| u64::from(stream.scale));
        let fits = |found: &Frame| rate.is_none_or(|rate| rate == found.rate);
        let Some(header) = frame(bytes).filter(fits) else { return self.search(input) };
        let length = header.length as usize;
        if bytes.len() < length + 7 && !last {
            return Ok(false);
        }
        if bytes.len() < length {
            input.jump(input.size()); // cut off
            return Ok(true);
        }
        let follows =
            bytes.len() == length || frame(&bytes[length..]).is_some_and(|next| next.rate == header.rate);
        if (self.lost || self.stream.is_none()) && !follows {
            return self.search(input);
        }
        (self.lost, self.searched) = (false, 0);
        if self.stream.is_none() {
            self.audio = input.at();
            self.stream = Some(stream(&header));
        }
        if header.samples != 1024 {
            return Err(RemuxError::Unsupported("AAC with several blocks in a frame"));
        }
        out.push(self.now, header.samples as u32, &bytes[header.header..length]);
        self.now += header.samples;
        self.bytes += header.length;
        input.skip(header.length);
        Ok(true)
    }

    fn search(&mut self, input: &mut Input) -> Result<bool, RemuxError> {
        self.lost = true;
        let found = input.bytes().iter().skip(1).position(|byte| *byte == 0xff);
        let skip = found.map_or(input.bytes().len(), |at| at + 1) as u64;
        self.searched += skip;
        if self.searched > MAX_SEARCH && self.stream.is_none() {
            return damaged(input.at(), "no ADTS frame");
        }
        input.skip(skip);
        Ok(true)
    }
}

impl Format for Aac {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        while self.step(input, out)? {}
        if input.is_last() && input.bytes().is_empty() && self.stream.is_some() {
            self.end = Some(self.now);
        }
        Ok(())
    }

    fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    fn end(&self) -> Option<u64> {
        self.end
    }

    /// By the mean length of frames so far: about there.
    fn seek(&mut self, moment: u64, input: &mut Input) {
        let frames = (self.now / 1024).max(1);
        let mean = self.bytes as f64 / frames as f64;
        let number = moment / 1024;
        self.lost = number > 0;
        self.now = number * 1024;
        self.bytes = (number as f64 * mean) as u64;
        input.jump(self.audio.saturating_add(self.bytes));
    }

    fn warm_up(&self) -> u64 {
        WARM_UP
    }
}
