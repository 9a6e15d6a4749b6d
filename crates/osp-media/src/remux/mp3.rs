//! MPEG layer III: its frames as they are, without tags, and without the first one if it only holds an encoder's notes.
//!
//! What the encoder and every decoder add before the sound, and the encoder behind it, is in the notes (LAME's); without them
//! nothing is known of it, and nothing cut off.

use super::{Format, Frames, Input, RemuxError, Stream, damaged};
use crate::timeline::mp3::{Kind, Notes, frame, notes};

/// Frames at the end that are kept back until it is known that it is the end: no encoder's padding is longer.
const KEPT: usize = 4;
/// Bytes looked through for a frame.
const MAX_SEARCH: u64 = 1 << 20;
/// Frames read before a moment: those that a frame takes its bits from.
const WARM_UP: u64 = 4;

#[derive(Default)]
pub(super) struct Mp3 {
    stream: Option<Stream>,
    kind: Option<Kind>,
    notes: Notes,
    /// Where the first frame with sound begins.
    audio: u64,
    /// Bytes searched in vain.
    searched: u64,
    /// Whether a frame has to be looked for: one that another follows.
    lost: bool,
    /// The time of the next frame.
    now: u64,
    /// The last frames.
    kept: std::collections::VecDeque<Vec<u8>>,
    end: Option<u64>,
    /// Bytes of the frames read from the beginning on, for the mean.
    bytes: u64,
}

impl Mp3 {
    fn samples(&self) -> u64 {
        self.kind.map_or(1152, Kind::samples)
    }

    /// Once the first frame is there.
    fn begin(&mut self, input: &mut Input, kind: Kind, length: usize) {
        self.kind = Some(kind);
        let found = input.bytes().get(..length).and_then(notes);
        if found.is_some() {
            input.skip(length as u64);
        }
        self.notes = found.unwrap_or_default();
        self.audio = input.at();
        self.stream = Some(Stream {
            mime: "audio/mpeg".into(),
            init: Vec::new(),
            scale: kind.rate() as u32,
            start: self.notes.before,
            bare: true,
        });
        if let Some(frames) = self.notes.frames {
            self.end = Some((frames * kind.samples()).saturating_sub(self.notes.behind));
        }
    }

    fn release(&mut self, out: &mut Frames, keep: usize) {
        let samples = self.samples();
        while self.kept.len() > keep {
            let time = self.now - samples * self.kept.len() as u64;
            if let Some(frame) = self.kept.pop_front() {
                out.push(time, samples as u32, &frame);
            }
        }
    }

    /// What is at the beginning; whether that was something whole.
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
        let fits = |found: Kind| self.kind.is_none_or(|kind| kind == found);
        let Some((kind, length)) = frame(bytes).filter(|(kind, _)| fits(*kind)) else {
            return self.search(input, 1);
        };
        if bytes.len() < length + 4 && !last {
            return Ok(false);
        }
        if bytes.len() < length {
            input.jump(input.size()); // cut off
            return Ok(true);
        }
        let follows = bytes.len() == length || frame(&bytes[length..]).is_some_and(|(next, _)| next == kind);
        if (self.lost || self.kind.is_none()) && !follows {
            return self.search(input, 1);
        }
        (self.lost, self.searched) = (false, 0);
        if self.kind.is_none() {
            self.begin(input, kind, length);
            return Ok(true);
        }
        self.now += kind.samples();
        self.bytes += length as u64;
        self.kept.push_back(bytes[..length].to_vec());
        input.skip(length as u64);
        self.release(out, KEPT);
        Ok(true)
    }

    fn search(&mut self, input: &mut Input, from: usize) -> Result<bool, RemuxError> {
        self.lost = true;
        let found = input.bytes().iter().skip(from).position(|byte| *byte == 0xff);
        let skip = found.map_or(input.bytes().len(), |at| at + from);
        self.searched += skip as u64;
        if self.searched > MAX_SEARCH && self.kind.is_none() {
            return damaged(input.at(), "no MPEG layer III frame");
        }
        input.skip(skip as u64);
        Ok(true)
    }

    /// Bytes of a frame, in the mean.
    fn mean(&self, size: u64) -> f64 {
        let frames = self.bytes.checked_div(self.now / self.samples()).map(|_| self.now / self.samples());
        match (self.notes.frames, frames) {
            (Some(frames), _) if frames > 0 => size.saturating_sub(self.audio) as f64 / frames as f64,
            (_, Some(frames)) => self.bytes as f64 / frames as f64,
            _ => 417.0,
        }
    }
}

impl Format for Mp3 {
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError> {
        while self.step(input, out)? {}
        if input.is_last() && input.bytes().is_empty() && self.kind.is_some() {
            self.release(out, 0);
            self.end = Some(self.now.saturating_sub(self.notes.behind));
        }
        Ok(())
    }

    fn stream(&self) -> Option<&Stream> {
        self.stream.as_ref()
    }

    fn end(&self) -> Option<u64> {
        self.end
    }

    /// By the mean length of frames: to the frame where all are as long, else about there, in which case the end is told as it
    /// is counted from there.
    fn seek(&mut self, moment: u64, input: &mut Input) {
        let mean = self.mean(input.size());
        let number = moment / self.samples();
        let (bytes, now) = (number as f64 * mean, number * self.samples());
        self.kept.clear();
        self.lost = number > 0;
        self.bytes = (number as f64 * mean) as u64;
        self.now = now;
        // A little before, so that rounding does not lead into the frame behind.
        let place = if number == 0 { self.audio } else { self.audio + bytes as u64 - (mean / 4.0) as u64 };
        input.jump(place);
    }

    fn warm_up(&self) -> u64 {
        WARM_UP * self.samples()
    }
}
