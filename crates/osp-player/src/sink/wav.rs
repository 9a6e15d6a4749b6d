//! A WAV file of 24-bit PCM.
//!
//! 24 bits hold what 16- and 24-bit files hold to the bit, and what lossy codecs decode to with an error of -144 dB: no
//! dither and no choice is needed.
//!
//! ```text
//!  0  "RIFF"  u32 size - 8   "WAVE"
//! 12  "fmt "  u32 16         u16 1  u16 channels  u32 rate  u32 bytes/s  u16 bytes/frame  u16 24
//! 36  "data"  u32 bytes      samples, 3 bytes each, little-endian; a zero byte behind an odd number
//! ```
//!
//! With more than two channels it matters which loudspeaker each is for. Then `fmt ` has 40 bytes, its first number is
//! 0xfffe, and `u16 22  u16 24  u32 speakers  PCM's GUID` follow. One and two channels have the short form, which every
//! reader knows.

use super::{Sink, SinkError};
use crate::Format;
use std::io::{BufWriter, Seek, SeekFrom, Write};

/// Most bytes before the samples.
const HEADER: u32 = 68;
/// Full scale of a 24-bit sample.
const SCALE: f32 = 8_388_608.0;
/// Speakers by number of channels: FC; FL FR; and so on in the order that [`Format::channels`] names.
const SPEAKERS: [u32; 9] = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

/// Writes a WAV file. The header is complete only after [`finish`](Sink::finish).
#[derive(Debug)]
pub struct WavSink<W: Write + Seek> {
    file: BufWriter<W>,
    format: Option<Format>,
    data: u32,
}

impl<W: Write + Seek> WavSink<W> {
    /// Into an empty file.
    pub fn new(file: W) -> Self {
        Self { file: BufWriter::with_capacity(1 << 16, file), format: None, data: 0 }
    }

    fn header(&self, format: Format) -> Vec<u8> {
        let frame = u32::from(format.channels) * 3;
        let padded = self.data + self.data % 2;
        let tag: u16 = if format.channels > 2 { 0xfffe } else { 1 };
        let mut fmt = Vec::new();
        fmt.extend(tag.to_le_bytes());
        fmt.extend(format.channels.to_le_bytes());
        fmt.extend(format.rate.to_le_bytes());
        fmt.extend(format.rate.saturating_mul(frame).to_le_bytes());
        fmt.extend((format.channels * 3).to_le_bytes());
        fmt.extend(24_u16.to_le_bytes());
        if format.channels > 2 {
            let speakers = SPEAKERS.get(format.width()).copied().unwrap_or(0);
            fmt.extend(22_u16.to_le_bytes());
            fmt.extend(24_u16.to_le_bytes());
            fmt.extend(speakers.to_le_bytes());
            fmt.extend(b"\x01\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71");
        }
        let fmt_len = fmt.len() as u32;
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend(b"RIFF");
        header.extend((28 + fmt_len - 8 + padded).to_le_bytes());
        header.extend(b"WAVEfmt ");
        header.extend(fmt_len.to_le_bytes());
        header.extend(fmt);
        header.extend(b"data");
        header.extend(self.data.to_le_bytes());
        header
    }
}

impl<W: Write + Seek + Send> Sink for WavSink<W> {
    fn start(&mut self, wanted: Format) -> Result<Format, SinkError> {
        self.format = Some(wanted);
        self.file.write_all(&self.header(wanted))?;
        Ok(wanted)
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), SinkError> {
        let bytes = u32::try_from(samples.len()).ok().and_then(|n| n.checked_mul(3));
        let data = bytes.and_then(|bytes| self.data.checked_add(bytes)).filter(|d| *d < u32::MAX - HEADER);
        self.data = data.ok_or(SinkError::Full)?;
        for sample in samples {
            // Clamped to what 24 bits hold; the cast rounds nothing more.
            #[allow(clippy::cast_possible_truncation)]
            let value = (sample * SCALE).round_ties_even().clamp(-SCALE, SCALE - 1.0) as i32;
            self.file.write_all(&value.to_le_bytes()[..3])?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), SinkError> {
        // Nothing was played: a file of no sound is a file all the same.
        let format = self.format.unwrap_or(Format { rate: 48_000, channels: 2 });
        if self.format.is_none() {
            self.start(format)?;
        }
        if self.data % 2 == 1 {
            self.file.write_all(&[0])?;
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&self.header(format))?;
        self.file.flush()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{HEADER, WavSink};
    use crate::{Decoder, Format, Media, sink::Sink as _};
    use std::io::Cursor;

    fn wav(channels: u16, samples: &[f32]) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let mut sink = WavSink::new(&mut file);
        sink.start(Format { rate: 44_100, channels }).unwrap();
        samples.chunks(6).for_each(|part| sink.write(part).unwrap());
        sink.finish().unwrap();
        drop(sink);
        file.into_inner()
    }

    #[test]
    fn sixteen_bits_come_back_exactly_and_too_loud_is_clamped() {
        for channels in [1, 2, 6] {
            let samples: Vec<f32> = (0..66_u16).map(|n| f32::from(n * 991) / 32768.0 - 1.0).collect();
            let file = wav(channels, &samples);
            let len = u64::try_from(file.len()).unwrap();
            let mut decoder = Decoder::open(Media::new(Cursor::new(file), len)).unwrap();
            assert_eq!(decoder.info().format, Format { rate: 44_100, channels });
            let (mut all, mut block) = (Vec::new(), Vec::new());
            while decoder.next(&mut block).unwrap() > 0 {
                all.append(&mut block);
            }
            let clamped: Vec<f32> = samples.iter().map(|s| s.min(1.0 - 1.0 / 8_388_608.0)).collect();
            assert_eq!(all, clamped);
        }
    }

    #[test]
    fn sizes_count_the_padding() {
        let file = wav(1, &[0.5]);
        assert_eq!(file.len(), 44 + 4);
        assert_eq!(file[4..8], 40_u32.to_le_bytes());
        assert_eq!(file[40..], *b"\x03\0\0\0\0\0\x40\0");
        let six = wav(6, &[0.5; 6]);
        assert_eq!((six.len(), six[20..22].to_vec()), (HEADER as usize + 18, vec![0xfe, 0xff]));
    }

    #[test]
    fn nothing_is_a_file_too() {
        let mut file = Cursor::new(Vec::new());
        WavSink::new(&mut file).finish().unwrap();
        assert_eq!(file.into_inner().len(), 44);
    }
}
