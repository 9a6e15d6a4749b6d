//! PCM in RIFF/WAVE, which becomes FLAC: no browser takes PCM by Media Source.
//!
//! Whole numbers of up to 24 bits stay what they are. Of 32 bits the lowest 8 are lost, which no sound device has; floating
//! point becomes 24 bits, full scale and above the largest number.

use super::flac_write::{BLOCK, frame, stream_info};
use super::{Format, Frames, Input, RemuxError, Stream, damaged, flac};
use crate::timeline::StreamInfo;

/// FLAC has at most as many.
const MAX_CHANNELS: u16 = 8;

#[derive(Default)]
pub(super) struct Wav {
    stream: Option<Stream>,
    format: Option<Pcm>,
    /// Where the samples begin and end in the file, once they were met.
    data: Option<(u64, u64)>,
    /// The next block.
    number: u64,
}

#[derive(Clone, Copy)]
struct Pcm {
    channels: u16,
    rate: u32,
    /// Bytes of a sample of one channel.
    width: usize,
    float: bool,
}

impl Pcm {
    fn parse(body: &[u8]) -> Option<Self> {
        let le16 = |at: usize| body.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b));
        let rate = body.get(4..)?.first_chunk().map(|b| u32::from_le_bytes(*b))?;
        let (channels, all) = (le16(2)?, le16(12)?);
        let tag = match le16(0)? {
            0xfffe => le16(24)?,
            tag => tag,
        };
        let width = usize::from(all.checked_div(channels)?);
        let pcm = Self { channels, rate, width, float: tag == 3 };
        let known = match tag {
            1 => (1..=4).contains(&width),
            3 => width == 4 || width == 8,
            _ => false,
        };
        let fits = channels <= MAX_CHANNELS
            && (1..1 << 20).contains(&rate)
            && width * usize::from(channels) == all.into();
        (known && fits).then_some(pcm)
    }

    /// Bytes of a sample of all channels.
    fn all(self) -> usize {
        self.width * usize::from(self.channels)
    }

    fn bits(self) -> u8 {
        if self.float { 24 } else { (8 * self.width as u8).min(24) }
    }

    fn sample(self, bytes: &[u8]) -> i32 {
        /// Full scale of 24 bits.
        const FULL: f64 = 8_388_608.0;
        let quantise = |value: f64| (value * FULL).round().clamp(-FULL, FULL - 1.0) as i32;
        match *bytes {
            [a] => i32::from(a) - 128,
            [a, b] => i16::from_le_bytes([a, b]).into(),
            [a, b, c] => i32::from_le_bytes([0, a, b, c]) >> 8,
            [a, b, c, d] if self.float => quantise(f32::from_le_bytes([a, b, c, d]).into()),
            [a, b, c, d] => i32::from_le_bytes([a, b, c, d]) >> 8,
            [a, b, c, d, e, f, g, h] => quantise(f64::from_le_bytes([a, b, c, d, e, f, g, h])),
            _ => 0,
        }
    }
}

impl Wav {
    /// The chunk at the beginning; whether there was one.
    fn chunk(&mut self, input: &mut Input) -> Result<bool, RemuxError> {
        let bytes = input.bytes();
        if bytes.starts_with(b"RIFF") && input.at() == 0 {
            if bytes.len() < 12 {
                return Ok(false);
            }
            input.skip(12);
            return Ok(true);
        }
        if input.at() == 0 && bytes.len() >= 4 {
            return damaged(0, "no RIFF header");
        }
        let Some([a, b, c, d, length @ ..]) = bytes.first_chunk::<8>().copied() else { return Ok(false) };
        let length = u32::from_le_bytes(length);
        match &[a, b, c, d] {
            b"fmt " => {
                let needed = 8 + (length as usize).min(40);
                let Some(body) = bytes.get(8..needed) else { return Ok(false) };
                let Some(format) = Pcm::parse(body) else {
                    return Err(RemuxError::Unsupported("what this WAV file holds"));
                };
                self.format = Some(format);
            }
            b"data" => {
                let Some(format) = self.format else {
                    return damaged(input.at(), "samples before their format");
                };
                let begin = input.at() + 8;
                let there = input.size().saturating_sub(begin);
                let bytes = if matches!(length, 0 | u32::MAX) { there } else { there.min(length.into()) };
                let samples = bytes / format.all() as u64;
                let body = stream_info(format.rate, format.channels as u8, format.bits(), samples);
                let block = [&[0, 0, 0, 34][..], &body].concat();
                self.stream = StreamInfo::parse(&block).and_then(|info| flac::stream(&info, &body));
                self.data = Some((begin, begin + samples * format.all() as u64));
                input.jump(begin);
                return Ok(true);
            }
            _ => {}
        }
        input.skip(8 + u64::from(length) + u64::from(length & 1));
        Ok(true)
    }

    /// The block at the beginning; whether there was a whole one.
    fn block(&mut self, input: &mut Input, out: &mut Frames, format: Pcm, end: u64) -> bool {
        let left = end.saturating_sub(input.at());
        if left == 0 {
            input.jump(input.size());
            return false;
        }
        let length = left.min((BLOCK * format.all()) as u64) as usize;
        let Some(bytes) = input.bytes().get(..length) else { return false };
        let samples = length / format.all();
        let mut channels = vec![Vec::with_capacity(samples); format.channels.into()];
        for all in bytes.chunks_exact(format.all()) {
            for (channel, sample) in channels.iter_mut().zip(all.chunks_exact(format.width)) {
                channel.push(format.sample(sample));
            }
        }
        out.push(self.number * BLOCK as u64, samples as u32, &frame(self.number, format.bits(), &channels));
        self.number += 1;
        input.skip(length as u64);
        true
    }
}

impl Format for Wav {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        loop {
            let more = match (self.data, self.format) {
                (Some((_, end)), Some(format)) => self.block(input, out, format, end),
                _ => self.chunk(input)?,
            };
            if !more {
                return Ok(());
            }
        }
    }

    fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    fn end(&self) -> Option<u64> {
        let ((begin, end), format) = (self.data?, self.format?);
        Some((end - begin) / format.all() as u64)
    }

    fn seek(&mut self, moment: u64, input: &mut Input) {
        let (Some((begin, end)), Some(format)) = (self.data, self.format) else { return };
        self.number = moment / BLOCK as u64;
        let place = self.number.saturating_mul((BLOCK * format.all()) as u64).saturating_add(begin);
        input.jump(place.min(end));
    }
}
