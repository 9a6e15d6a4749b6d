//! From moments to bytes: where the frames of an audio file begin, and what a decoder needs before any of them.
//!
//! This is what the time index of a sealed file is made of (`spec/SMSG.md`, 19.9), so that "1:08" is one range of it,
//! and what a cut of it is played with: [`Timeline::init`], then the file's own bytes from a mark on.
//!
//! | module | marks | `init` |
//! |---|---|---|
//! | `mp3` | frames; the gap that LAME tells of is not counted | none needed |
//! | `adts` | frames | none needed |
//! | `wav` | samples | RIFF and `fmt `, of unknown length |
//! | `flac` | frames whose header fits its CRC-8 and the sample they must begin with | `fLaC`, STREAMINFO without its MD5 |
//! | `ogg` | pages that begin with a packet: Opus, Vorbis, FLAC | the header packets, without comments |
//! | `mp4` | fragments; else samples by the tables | of fragments: `ftyp` and `moov` without metadata |
//!
//! Files are read once, from the beginning to the end, in [`window`]s of fixed size.

pub(crate) mod adts;
mod flac;
mod marks;
pub(crate) mod mp3;
mod mp4;
pub(crate) mod ogg;
mod wav;
mod window;

use std::io::{Read, Seek, SeekFrom};

use crate::detect;
pub(crate) use flac::StreamInfo;
pub use marks::Mark;
use marks::Marks;
pub use ogg::page::{MAX_PAGE as MAX_OGG_PAGE, end_stream as end_ogg_stream};
pub use wav::sized as sized_wav;
use window::Window;

/// Longest [`Timeline::init`], bytes: what the header of a sealed file takes.
pub const MAX_INIT: usize = 8 << 10;

/// When the frames of a file play.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Ticks in a second, at least 1: the sample rate, 48,000 for Opus, for MP4 what its track says.
    pub scale: u64,
    /// Length, ticks, at least 1; what encoders add before and behind the sound is not counted if the file tells of it.
    pub duration: u64,
    /// What a decoder needs before any frame, at most [`MAX_INIT`] bytes and free of pictures, texts and checksums of the
    /// content. `None` where frames are enough, where it would be longer, and where a file cannot be played from its
    /// middle by any beginning (MP4 without fragments).
    pub init: Option<Vec<u8>>,
    /// Frames from which a decoder can begin, in order; of those that begin in the same 4 KiB the first, in very long files
    /// of a larger power of two.
    pub frames: Vec<Mark>,
}

/// Why there is no timeline of a file whose media type is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimelineError {
    /// The reader's.
    #[error("cannot read the audio ({0}); check the disk")]
    Io(#[from] std::io::Error),
    /// The bytes are not what the media type says, or damaged.
    #[error("{what} (at byte {at}); export or download the file again")]
    Damaged {
        /// Where.
        at: u64,
        /// What the parser met.
        what: &'static str,
    },
}

/// Reads the timeline of `reader`, whose media type is `media_type` (parameters of it are not looked at).
///
/// `None` for media types and codecs it does not know, and for Ogg files of several streams one behind the other.
/// Memory does not depend on the file; marks are at most 4 MiB.
///
/// # Errors
/// [`TimelineError`]. Bytes that are cut off at the end are none: the timeline then tells of what is there.
pub fn timeline<R: Read + Seek>(mut reader: R, media_type: &str) -> Result<Option<Timeline>, TimelineError> {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let read = match essence.as_str() {
        "audio/mpeg" | "audio/mp3" => mp3::read,
        "audio/aac" | "audio/aacp" | "audio/x-aac" => adts::read,
        "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => wav::read,
        "audio/flac" | "audio/x-flac" => flac::read,
        "audio/ogg" | "audio/opus" | "audio/vorbis" | "application/ogg" => ogg::read,
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => mp4::read,
        _ => return Ok(None),
    };
    let size = reader.seek(SeekFrom::End(0))?;
    let start = detect::skip_id3(&mut reader)?;
    let found = read(&mut Window::new(reader, size), start)?;
    Ok(found.filter(|timeline| timeline.duration > 0 && !timeline.frames.is_empty()))
}

/// What every format's module answers.
type Found = Result<Option<Timeline>, TimelineError>;

/// The bytes are not what the media type says.
fn damaged<T>(at: u64, what: &'static str) -> Result<T, TimelineError> {
    Err(TimelineError::Damaged { at, what })
}
