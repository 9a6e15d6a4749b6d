//! FLAC (RFC 9639): frames that do not say how long they are.
//!
//! A frame ends where the header of the next begins, which tells of the very next sample; and the CRC-16 that it ends with
//! fits. Both are looked at, so bytes that only look like a header are none.

use super::{Format, Frames, Input, RemuxError, Stream, damaged, fmp4, hunt::Hunt};
use crate::flac_frame::{FrameHeader, MAX_HEADER, frame_header};
use crate::timeline::StreamInfo;

/// Longest frame that is waited for, bytes; of 24 bits, 8 channels and the usual 4,096 samples it is a tenth.
const MAX_FRAME: usize = 1 << 20;
/// Bytes in which frames have to be met at a place chosen by guess.
const MAX_SEARCH: usize = 256 << 10;

#[derive(Default)]
pub(super) struct Flac {
    stream: Option<Stream>,
    state: State,
    block_size: u64,
    /// Samples of the file; 0 if it does not say.
    samples: u64,
    /// Where the frames begin.
    audio: u64,
    end: Option<u64>,
    /// Bytes of the frame at hand in which no other begins.
    searched: usize,
}

#[derive(Default)]
enum State {
    #[default]
    Marker,
    /// Before a metadata block; with STREAMINFO's body once it was there.
    Blocks(Option<[u8; 34]>),
    /// Before a frame that begins with this sample.
    Frames(u64),
    /// Somewhere.
    Lost(Hunt),
}

/// The initialisation segment of FLAC in MP4, by the body of STREAMINFO.
pub(super) fn stream(info: &StreamInfo, body: &[u8; 34]) -> Option<Stream> {
    let scale = u32::try_from(info.rate()).ok().filter(|rate| *rate > 0)?;
    let channels = u16::from(body[12] >> 1 & 7) + 1;
    let bits = u16::from((body[12] & 1) << 4 | body[13] >> 4) + 1;
    let config = fmp4::mp4_box(b"dfLa", &[&[0; 4], &[0x80, 0, 0, 34], body]);
    let entry = fmp4::sample_entry(b"fLaC", channels, bits, scale, &config);
    Some(Stream {
        mime: "audio/mp4; codecs=\"flac\"".into(),
        init: fmp4::init(scale, &entry),
        scale,
        start: 0,
        bare: false,
    })
}

impl Flac {
    /// Metadata, of which only STREAMINFO is looked at. Whether the frames have been reached.
    fn blocks(&mut self, input: &mut Input, body: Option<[u8; 34]>) -> Result<bool, RemuxError> {
        let Some(&[kind, a, b, c]) = input.bytes().first_chunk() else { return Ok(false) };
        let length = u32::from_be_bytes([0, a, b, c]);
        let mut known = body;
        if kind & 0x7f == 0 && body.is_none() {
            if input.bytes().len() < 38 {
                return Ok(false);
            }
            let Some(info) = StreamInfo::parse(input.bytes()) else {
                return damaged(input.at(), "no STREAMINFO");
            };
            let found: [u8; 34] = *input.bytes()[4..].first_chunk().unwrap_or(&[0; 34]);
            let Some(stream) = stream(&info, &found) else {
                return damaged(input.at(), "FLAC without a sample rate");
            };
            (self.block_size, self.samples) = (info.block_size(), info.samples());
            self.stream = Some(stream);
            known = Some(found);
        }
        input.skip(4 + u64::from(length));
        if kind & 0x80 == 0 {
            self.state = State::Blocks(known);
            return Ok(true);
        }
        if known.is_none() {
            return damaged(input.at(), "no STREAMINFO");
        }
        self.audio = input.at();
        self.end = Some(self.samples).filter(|samples| *samples > 0);
        self.state = State::Frames(0);
        Ok(true)
    }

    /// The frame at the beginning; whether there was a whole one.
    fn frame(&mut self, input: &mut Input, out: &mut Frames, expected: u64) -> Result<bool, RemuxError> {
        let bytes = input.bytes();
        let last = input.is_last();
        if bytes.is_empty() || bytes.len() < MAX_HEADER && !last {
            return Ok(false);
        }
        let Some(header) = self.header(bytes).filter(|header| header.first == expected) else {
            if last && self.samples > 0 && expected >= self.samples {
                input.jump(input.size()); // tags
                return Ok(false);
            }
            return damaged(input.at(), "no FLAC frame where one should be");
        };
        let length = match self.next(bytes, header.end, self.searched.max(MAX_HEADER.min(bytes.len()))) {
            Some(length) => length,
            None if last => whole(bytes),
            None => {
                self.searched = (bytes.len() + 1).saturating_sub(MAX_HEADER);
                if bytes.len() > MAX_FRAME {
                    return damaged(input.at(), "a FLAC frame without an end");
                }
                return Ok(false);
            }
        };
        out.push(header.first, (header.end - header.first) as u32, &bytes[..length]);
        let done = last && length == bytes.len();
        input.skip(length as u64);
        self.searched = 0;
        self.state = State::Frames(header.end);
        if done {
            self.end = Some(header.end);
        }
        Ok(true)
    }

    fn header(&self, bytes: &[u8]) -> Option<FrameHeader> {
        let limit = if self.samples > 0 { self.samples } else { u64::MAX };
        frame_header(bytes.get(..bytes.len().min(MAX_HEADER))?, self.block_size)
            .filter(|header| header.first < limit && header.end > header.first)
    }

    /// Where the frame that begins with sample `first` begins, if the bytes before it are a frame.
    fn next(&self, bytes: &[u8], first: u64, mut from: usize) -> Option<usize> {
        loop {
            from += bytes.get(from..)?.iter().position(|byte| *byte == 0xff)?;
            let header = self.header(&bytes[from..]);
            if header.is_some_and(|header| header.first == first) && crc16(&bytes[..from]) == 0 {
                return Some(from);
            }
            from += 1;
        }
    }

    /// The first frame somewhere: one that another follows.
    fn find(&self, bytes: &[u8]) -> Option<(usize, FrameHeader)> {
        let mut from = 0;
        loop {
            from += bytes.get(from..)?.iter().position(|byte| *byte == 0xff)?;
            if let Some(header) = self.header(&bytes[from..])
                && self.next(&bytes[from..], header.end, MAX_HEADER).is_some()
            {
                return Some((from, header));
            }
            from += 1;
        }
    }

    fn lost(&mut self, input: &mut Input, mut hunt: Hunt) -> bool {
        if hunt.place() <= self.audio {
            input.jump(self.audio);
            self.state = State::Frames(0);
            return true;
        }
        let found = self.find(input.bytes());
        if found.is_none() && !input.is_last() && input.bytes().len() < MAX_SEARCH {
            self.state = State::Lost(hunt);
            return false;
        }
        if hunt.found(found.map(|(_, header)| header.first))
            && let Some((at, header)) = found
        {
            input.skip(at as u64);
            self.state = State::Frames(header.first);
            return true;
        }
        input.jump(hunt.place());
        self.state = State::Lost(hunt);
        true
    }
}

/// How much of the last bytes of a file is the frame that they begin with: tags may follow.
fn whole(bytes: &[u8]) -> usize {
    let (mut crc, mut end) = (0, None);
    for (at, byte) in bytes.iter().enumerate() {
        crc = crc16_step(crc, *byte);
        if crc == 0 && at + 1 > MAX_HEADER.min(8) {
            end = Some(at + 1);
        }
    }
    end.unwrap_or(bytes.len())
}

impl Format for Flac {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        loop {
            let more = match self.state {
                State::Marker => match (input.bytes(), super::tag_length(input.bytes())) {
                    ([b'f', b'L', b'a', b'C', ..], _) => {
                        input.skip(4);
                        self.state = State::Blocks(None);
                        true
                    }
                    (_, Some(length)) => {
                        input.skip(length);
                        true
                    }
                    (bytes, None) if bytes.len() < 32 && !input.is_last() => false,
                    _ => return damaged(input.at(), "no FLAC header"),
                },
                State::Blocks(body) => self.blocks(input, body)?,
                State::Frames(expected) => self.frame(input, out, expected)?,
                State::Lost(hunt) => self.lost(input, hunt),
            };
            if !more {
                return Ok(());
            }
        }
    }

    fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref().filter(|_| self.audio > 0)
    }

    fn end(&self) -> Option<u64> {
        self.end
    }

    fn seek(&mut self, moment: u64, input: &mut Input) {
        let rate = self.stream.as_ref().map_or(1, |stream| stream.scale.into());
        let hunt = Hunt::new(moment, rate / 2, self.audio, input.size(), self.samples);
        self.searched = 0;
        input.jump(hunt.place());
        self.state = State::Lost(hunt);
    }
}

/// Polynomial x^16 + x^15 + x^2 + 1; zero over a frame with its CRC.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| crc16_step(crc, *byte))
}

fn crc16_step(crc: u16, byte: u8) -> u16 {
    crc << 8 ^ CRC16[usize::from((crc >> 8) as u8 ^ byte)]
}

const CRC16: [u16; 256] = {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut crc = (n as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x8005 } else { crc << 1 };
            bit += 1;
        }
        table[n] = crc;
        n += 1;
    }
    table
};
