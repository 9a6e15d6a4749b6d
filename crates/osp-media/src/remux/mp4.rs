//! MP4 without fragments: frames lie in chunks all over the file, and tables say where.
//!
//! The box that says how frames are to be decoded is kept as it is.

mod tables;

use super::{Format, Frames, Input, RemuxError, Stream, damaged, fmp4};
use tables::{Place, Track};

/// Longest `moov`: ten hours of AAC need a third, pictures some more.
const MAX_MOOV: u64 = 30 << 20;
/// Frames read before a moment.
const WARM_UP: u64 = 2;

#[derive(Default)]
pub(super) struct Mp4 {
    track: Option<(Stream, Track)>,
    /// The next frame.
    next: Place,
}

impl Mp4 {
    /// The box at the beginning; whether it was there as far as it is wanted.
    fn top(&mut self, input: &mut Input) -> Result<bool, RemuxError> {
        let bytes = input.bytes();
        let Some([a, b, c, d, kind @ ..]) = bytes.first_chunk::<8>() else { return Ok(false) };
        let (mut header, mut length) = (8, u64::from(u32::from_be_bytes([*a, *b, *c, *d])));
        if length == 1 {
            let Some(long) = bytes.get(8..).and_then(|rest| rest.first_chunk()) else { return Ok(false) };
            (header, length) = (16, u64::from_be_bytes(*long));
        }
        if length == 0 {
            length = input.size() - input.at();
        }
        if length < header as u64 {
            return damaged(input.at(), "a box shorter than its header");
        }
        match kind {
            b"moov" => {
                if length > MAX_MOOV {
                    return Err(RemuxError::Unsupported("an MP4 file with very long tables"));
                }
                let Some(moov) = bytes.get(header..length as usize) else { return Ok(false) };
                let (entry, track) = tables::read(moov, input.at())?;
                let Some(codec) = codec(entry) else {
                    return Err(RemuxError::Unsupported("a codec in MP4 that is not known here"));
                };
                let stream = Stream {
                    mime: format!("audio/mp4; codecs=\"{codec}\""),
                    init: fmp4::init(track.scale, entry),
                    scale: track.scale,
                    start: track.start,
                    bare: false,
                };
                self.next = track.first();
                self.track = Some((stream, track));
            }
            b"moof" => return Err(RemuxError::Unsupported("MP4 in fragments")),
            _ => input.skip(length),
        }
        Ok(true)
    }
}

/// The name of a codec (RFC 6381) by the box of its samples' description.
fn codec(entry: &[u8]) -> Option<String> {
    // A box has 8 bytes, an AudioSampleEntry 28; the version of QuickTime's other forms is in the first of them.
    if entry.get(16..18)? != [0, 0] {
        return None;
    }
    match entry.get(4..8)? {
        b"Opus" => Some("opus".into()),
        b"fLaC" => Some("flac".into()),
        b"mp4a" => {
            let esds = tables::child(entry.get(36..)?, b"esds")?;
            let specific = descriptor(esds.get(4..)?)?;
            let first = *specific.first()?;
            let object = match first >> 3 {
                31 => 32 + ((first & 7) << 3 | specific.get(1)? >> 5),
                object => object,
            };
            Some(format!("mp4a.40.{object}"))
        }
        _ => None,
    }
}

/// What AAC's decoder needs, inside the descriptors of `esds`.
fn descriptor(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&tag, mut rest) = bytes.split_first()?;
        let mut length = 0usize;
        loop {
            let (&byte, behind) = rest.split_first()?;
            rest = behind;
            length = length.checked_shl(7)? | usize::from(byte & 0x7f);
            if byte & 0x80 == 0 || length > 1 << 20 {
                break;
            }
        }
        bytes = match tag {
            // An elementary stream without any of the three optional parts.
            3 if rest.get(2)? & 0xe0 == 0 => rest.get(3..)?,
            // MPEG-4 audio.
            4 if *rest.first()? == 0x40 => rest.get(13..)?,
            5 => return rest.get(..length),
            3 | 4 => return None,
            _ => rest.get(length..)?,
        };
    }
}

impl Format for Mp4 {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        while self.track.is_none() {
            if !self.top(input)? {
                return Ok(());
            }
        }
        let Some((_, track)) = &self.track else { return Ok(()) };
        while let Some(frame) = track.frame(&self.next) {
            if frame.byte != input.at() {
                input.jump(frame.byte);
            }
            let Some(bytes) = input.bytes().get(..frame.size as usize) else {
                if input.is_last() {
                    break; // cut off
                }
                return Ok(());
            };
            out.push(frame.time, frame.ticks, bytes);
            input.skip(frame.size.into());
            track.advance(&mut self.next);
        }
        input.jump(input.size());
        Ok(())
    }

    fn stream(&self) -> Option<&Stream> {
        self.track.as_ref().map(|(stream, _)| stream)
    }

    fn end(&self) -> Option<u64> {
        self.track.as_ref().map(|(_, track)| track.end)
    }

    fn seek(&mut self, moment: u64, input: &mut Input) {
        let Some((_, track)) = &self.track else { return };
        self.next = track.first();
        while let Some(frame) =
            track.frame(&self.next).filter(|frame| frame.time + u64::from(frame.ticks) <= moment)
        {
            let _ = frame;
            track.advance(&mut self.next);
        }
        if let Some(frame) = track.frame(&self.next) {
            input.jump(frame.byte);
        }
    }

    fn warm_up(&self) -> u64 {
        WARM_UP * 1024
    }
}
