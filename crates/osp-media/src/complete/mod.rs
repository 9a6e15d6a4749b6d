//! Whether a file still has its end. Each container shows it differently:
//!
//! | format | sign that the end is there |
//! |---|---|
//! | Ogg | the last page ends at the end of the file and carries the end-of-stream flag |
//! | FLAC | the last frame's CRC-16 fits, and it ends at STREAMINFO's sample count |
//! | MP3 | at least the bytes that the Xing/Info header counted; without one nothing shows it |
//! | MP4 | every top-level box fits, and there are `moov` and `mdat` (or fragments) |
//! | WAV | the `data` chunk is as long as it says |

mod flac;
mod mp4;
mod mpeg;
mod ogg;
mod wav;

use std::io::{Read, Seek, SeekFrom};

use crate::info::AudioFormat;

/// What a check found missing.
#[derive(Debug)]
pub(crate) enum Incomplete {
    /// Bytes are missing at the end.
    Truncated(String),
    /// The structure makes no sense.
    Malformed(&'static str),
    /// The file could not be read.
    Io(std::io::Error),
}

impl From<std::io::Error> for Incomplete {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Truncated("it ends within its headers".into()),
            _ => Self::Io(error),
        }
    }
}

/// Checks `reader`, whose own structure begins at `start` and which holds `size` bytes.
pub(crate) fn check<R: Read + Seek>(
    reader: &mut R,
    format: AudioFormat,
    start: u64,
    size: u64,
) -> Result<(), Incomplete> {
    let end = end_of_audio(reader, size)?;
    reader.seek(SeekFrom::Start(start))?;
    match format {
        AudioFormat::Opus | AudioFormat::Vorbis => ogg::check(reader, start, end),
        AudioFormat::Flac => flac::check(reader, start, end),
        AudioFormat::Mp3 => mpeg::check(reader, start, end),
        AudioFormat::Mp4 => mp4::check(reader, size),
        AudioFormat::Wav => wav::check(reader, size),
        AudioFormat::Sealed => Ok(()),
    }
}

/// Where an ID3v1 tag at the end begins, or the end of the file.
fn end_of_audio<R: Read + Seek>(reader: &mut R, size: u64) -> std::io::Result<u64> {
    let Some(at) = size.checked_sub(128) else { return Ok(size) };
    let mut mark = [0; 3];
    reader.seek(SeekFrom::Start(at))?;
    reader.read_exact(&mut mark)?;
    Ok(if mark == *b"TAG" { at } else { size })
}

/// The last `limit` bytes before `end`, but none before `start`.
fn tail<R: Read + Seek>(reader: &mut R, start: u64, end: u64, limit: u64) -> std::io::Result<Vec<u8>> {
    let from = end.saturating_sub(limit).max(start);
    let mut bytes = Vec::new();
    reader.seek(SeekFrom::Start(from))?;
    reader.take(end.saturating_sub(from)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
