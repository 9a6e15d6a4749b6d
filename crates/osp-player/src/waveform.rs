//! How loud a track is along its length: what a seek bar draws, without decoding anything.
//!
//! ```text
//!  0       4   5   6       8              8 + n
//! ├───────┼───┼───┼───────┼────────────────┤
//! │ OSPW  │ 1 │ 0 │   n   │ n peaks        │
//! └───────┴───┴───┴───────┴────────────────┘
//!          │   │   └ big-endian, 1 to 2048
//!          │   └ reserved
//!          └ version
//! ```
//!
//! Peak i is the greatest absolute sample of any channel between i/n and (i + 1)/n of the length, 255 being full scale
//! (spec section 4.14).

use crate::{Decoder, Media, decode::DecodeError};

/// What the bytes begin with.
const MAGIC: [u8; 4] = *b"OSPW";
/// The layout above.
const VERSION: u8 = 1;
/// Bytes before the peaks.
const HEADER: usize = 8;
/// Most peaks.
pub const MAX_PEAKS: usize = 2048;
/// Peaks that are made of a track long enough; two for each pixel of a wide bar.
const PEAKS: usize = 1200;
/// Most bytes a waveform has.
pub const MAX_BYTES: usize = HEADER + MAX_PEAKS;
/// Frames in the first cells that are measured.
const CELL: u64 = 64;
/// Cells that are kept; then each two become one of twice the length.
const MAX_CELLS: usize = 1 << 16;
/// Longer music (about twelve hours) is not measured.
const MAX_FRAMES: u64 = 48_000 * 60 * 60 * 12;

/// The peaks of a track.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waveform {
    peaks: Vec<u8>,
}

impl Waveform {
    /// Decodes a track to its end and measures it. `None` for what cannot be decoded, is damaged, is empty, or longer than
    /// twelve hours: music without a waveform is music all the same.
    #[must_use]
    pub fn measure(media: Media) -> Option<Self> {
        let mut decoder = Decoder::open(media).ok()?;
        measure(&mut decoder).ok().flatten()
    }

    /// Greatest absolute samples, 255 for full scale; 1 to [`MAX_PEAKS`] of them.
    #[must_use]
    pub fn peaks(&self) -> &[u8] {
        &self.peaks
    }

    /// The bytes that a record's `waveform` names.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u16::try_from(self.peaks.len()).expect("at most MAX_PEAKS");
        [&MAGIC[..], &[VERSION, 0], &count.to_be_bytes(), &self.peaks].concat()
    }

    /// Reads such bytes; `None` for anything else, longer or shorter ones included.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, peaks) = bytes.split_first_chunk::<HEADER>()?;
        let count = usize::from(u16::from_be_bytes([header[6], header[7]]));
        let known = header[..4] == MAGIC && header[4] == VERSION;
        (known && count == peaks.len() && (1..=MAX_PEAKS).contains(&count))
            .then(|| Self { peaks: peaks.to_vec() })
    }
}

fn measure(decoder: &mut Decoder) -> Result<Option<Waveform>, DecodeError> {
    let width = decoder.info().format.width();
    let mut cells = Cells::default();
    let mut samples = Vec::new();
    while decoder.next(&mut samples)? > 0 {
        cells.add(&samples, width);
        if cells.frames > MAX_FRAMES {
            return Ok(None);
        }
    }
    Ok(cells.finish())
}

/// Peaks of stretches of equal length, which grow with the track: nobody knows beforehand how long it is.
struct Cells {
    peaks: Vec<f32>,
    /// Frames in a cell.
    width: u64,
    /// Frames still to come in the last one.
    left: u64,
    frames: u64,
}

impl Default for Cells {
    fn default() -> Self {
        Self { peaks: Vec::new(), width: CELL, left: 0, frames: 0 }
    }
}

impl Cells {
    /// Takes whole frames of `channels` samples.
    fn add(&mut self, mut samples: &[f32], channels: usize) {
        while samples.len() >= channels {
            if self.left == 0 {
                if self.peaks.len() == MAX_CELLS {
                    self.peaks = self.peaks.chunks(2).map(loudest).collect();
                    self.width *= 2;
                }
                self.peaks.push(0.0);
                self.left = self.width;
            }
            let there = samples.len() / channels;
            let frames = usize::try_from(self.left).map_or(there, |left| left.min(there));
            let (these, rest) = samples.split_at(frames * channels);
            if let Some(last) = self.peaks.last_mut() {
                *last = last.max(loudest(these));
            }
            samples = rest;
            self.left -= frames as u64;
            self.frames += frames as u64;
        }
    }

    fn finish(self) -> Option<Waveform> {
        let count = self.peaks.len().min(PEAKS);
        // As many cells as peaks or more, so that none is empty.
        let edge = |bucket: usize| bucket * self.peaks.len() / count;
        let peak = |bucket: usize| {
            // At most 255; nothing here is less than 0 or no number.
            (loudest(&self.peaks[edge(bucket)..edge(bucket + 1)]).min(1.0) * 255.0).round() as u8
        };
        (count > 0).then(|| Waveform { peaks: (0..count).map(peak).collect() })
    }
}

/// The greatest absolute sample; what is no number is passed over.
fn loudest(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, sample| if sample.abs() > peak { sample.abs() } else { peak })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// A mono WAV file of 16-bit samples.
    fn wav(samples: &[i16]) -> Media {
        let data: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let size = u32::try_from(data.len()).unwrap();
        let bytes = [
            &b"RIFF"[..],
            &(36 + size).to_le_bytes(),
            b"WAVEfmt ",
            &16_u32.to_le_bytes(),
            &[1, 0, 1, 0],
            &8000_u32.to_le_bytes(),
            &16_000_u32.to_le_bytes(),
            &[2, 0, 16, 0],
            b"data",
            &size.to_le_bytes(),
            &data,
        ]
        .concat();
        let len = bytes.len() as u64;
        Media::new(Cursor::new(bytes), len)
    }

    #[test]
    fn silence_then_half_then_full_scale_is_seen_in_its_place() {
        let samples: Vec<i16> =
            [0, -16_384, 32_767].iter().flat_map(|&level| std::iter::repeat_n(level, 128_000)).collect();
        let waveform = Waveform::measure(wav(&samples)).unwrap();
        let peaks = waveform.peaks();
        assert_eq!(peaks.len(), PEAKS);
        assert_eq!((peaks[0], peaks[PEAKS / 2], peaks[PEAKS - 1]), (0, 128, 255));
        assert!(peaks[..PEAKS / 3 - 1].iter().all(|peak| *peak == 0), "nothing before the first sound");
    }

    #[test]
    fn cells_that_grow_keep_every_peak() {
        let mut cells = Cells::default();
        // One click in the middle of ten minutes.
        let frames = 28_800_000;
        let silence = vec![0.0; 4800];
        for start in (0..frames).step_by(silence.len()) {
            cells.add(&silence, 1);
            if start == frames / 2 {
                cells.add(&[-1.0], 1);
            }
        }
        let peaks = cells.finish().unwrap().peaks;
        let loud: Vec<usize> = (0..peaks.len()).filter(|at| peaks[*at] > 0).collect();
        assert_eq!(peaks.len(), PEAKS);
        assert!(matches!(loud[..], [at] if at.abs_diff(PEAKS / 2) <= 1), "{loud:?}");
    }

    #[test]
    fn a_click_shorter_than_a_peak_makes_as_many_peaks_as_there_are() {
        assert_eq!(Waveform::measure(wav(&[32_767; 65])).unwrap().peaks(), [255, 255]);
        assert_eq!(Waveform::measure(wav(&[])), None);
        let text = b"this is no music".to_vec();
        assert_eq!(Waveform::measure(Media::new(Cursor::new(text), 16)), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else(peaks in prop::collection::vec(any::<u8>(), 1..=MAX_PEAKS), extra: u8) {
            let waveform = Waveform { peaks };
            let mut bytes = waveform.to_bytes();
            prop_assert!(bytes.len() <= MAX_BYTES);
            prop_assert_eq!(Waveform::parse(&bytes), Some(waveform));
            bytes.push(extra);
            prop_assert_eq!(Waveform::parse(&bytes), None);
            bytes.truncate(bytes.len() - 2);
            prop_assert_eq!(Waveform::parse(&bytes), None);
            bytes[4] = 2;
            prop_assert_eq!(Waveform::parse(&bytes), None);
        }

    }
}
