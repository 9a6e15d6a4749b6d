//! From the files that people publish to what browsers can join: Media Source Extensions take neither Ogg nor bare FLAC nor
//! WAV, and only bytes given to them can be put behind one another to the sample.
//!
//! | module | of | becomes |
//! |---|---|---|
//! | `opus` | Opus in Ogg (RFC 7845) | `audio/mp4; codecs="opus"` |
//! | `flac` | FLAC (RFC 9639) | `audio/mp4; codecs="flac"` |
//! | `wav` | PCM in RIFF/WAVE, made FLAC by `flac_write` | the same |
//! | `aac` | AAC in ADTS | `audio/mp4; codecs="mp4a.40.…"` |
//! | `mp4` | AAC, FLAC, Opus in MP4 without fragments | the same, by its codec |
//! | `any` | any of them, of which nobody says what it is | as above |
//! | `mp3` | MPEG layer III | `audio/mpeg`: its frames without tags and notes (Chromium does not take it in MP4) |
//!
//! Nothing is decoded, and nothing is read or written here: bytes come by [`Remux::push`], as many at a time as one likes, always
//! from [`Remux::position`] on; what it gives can be appended at once. `position` jumps over what is not wanted (pictures), and to
//! where a moment is after [`Remux::seek`]. Memory is bounded: a few frames, and of MP4 its tables.
//!
//! # Time
//! All times are samples, [`Stream::scale`] a second, counted as a decoder gives them: what encoders add before the sound is
//! counted ([`Stream::start`]), so is what they add behind it (up to [`Remux::end`]). A player that wants a track's sound to begin
//! at `t` sets the offset of its timestamps to `t - start / scale`, cuts off what would play before `t`, and what would play from
//! `t + (end - start) / scale` on: where the next track begins.

mod aac;
mod any;
mod flac;
mod flac_write;
mod fmp4;
mod frames;
mod hunt;
mod input;
mod mp3;
mod mp4;
mod opus;
mod wav;

use frames::Frames;
use input::Input;

/// Bytes that wait for the rest of a frame or a table, at most.
const MAX_PENDING: usize = 32 << 20;

/// What a player has to know before the first frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// What the bytes are, with their codec: for `addSourceBuffer`.
    pub mime: String,
    /// The initialisation segment; empty for formats that need none.
    pub init: Vec<u8>,
    /// Samples in a second, at least 1.
    pub scale: u32,
    /// Samples before the sound: encoders' delay.
    pub start: u64,
    /// Whether the bytes carry no times (`audio/mpeg`): then they play one behind another, the first at [`Remux::first`].
    pub bare: bool,
}

/// Why a file cannot be joined to others. It may play alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemuxError {
    /// A codec or a structure that is not known here.
    #[error("{0} cannot be played without gaps; play the file as it is")]
    Unsupported(&'static str),
    /// The bytes are not what the media type says, or damaged.
    #[error("{what} (at byte {at}); play the file as it is")]
    Damaged {
        /// Where.
        at: u64,
        /// What the parser met.
        what: &'static str,
    },
}

/// A format that is read.
trait Format {
    /// Reads what is whole.
    fn read(&mut self, input: &mut Input, out: &mut Frames) -> Result<(), RemuxError>;
    /// What is known of the stream once its beginning has been read.
    fn stream(&self) -> Option<&Stream>;
    /// When the sound ends, once that is known.
    fn end(&self) -> Option<u64>;
    /// Goes to where the frame that plays at a moment begins, or before it; only called once there is a stream.
    fn seek(&mut self, moment: u64, input: &mut Input);
    /// Samples before a moment with which a decoder should begin.
    fn warm_up(&self) -> u64 {
        0
    }
}

/// One file on its way.
pub struct Remux {
    input: Input,
    frames: Frames,
    format: Box<dyn Format + Send>,
    stopped: Option<RemuxError>,
}

impl Remux {
    /// Of a file of this media type (parameters are not looked at) and so many bytes. `None` for media types not known here; what
    /// servers say of files that they do not know themselves stands for each of them.
    #[must_use]
    pub fn new(media_type: &str, size: u64) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let format: Box<dyn Format + Send> = match essence.as_str() {
            "audio/mpeg" | "audio/mp3" => Box::new(mp3::Mp3::default()),
            "audio/aac" | "audio/aacp" | "audio/x-aac" => Box::new(aac::Aac::default()),
            "audio/wav" | "audio/x-wav" | "audio/wave" | "audio/vnd.wave" => Box::new(wav::Wav::default()),
            "audio/flac" | "audio/x-flac" => Box::new(flac::Flac::default()),
            "audio/ogg" | "audio/opus" | "application/ogg" => Box::new(opus::Opus::default()),
            "audio/mp4" | "audio/m4a" | "audio/x-m4a" => Box::new(mp4::Mp4::default()),
            "" | "application/octet-stream" | "binary/octet-stream" | "text/plain" => {
                Box::new(any::Any::default())
            }
            _ => return None,
        };
        Some(Self { input: Input::new(size), frames: Frames::new(), format, stopped: None })
    }

    /// Takes what the file has from [`Self::position`] on, and gives what can be appended: perhaps nothing. The first bytes given
    /// follow [`Stream::init`], which is not among them.
    ///
    /// # Errors
    /// [`RemuxError`], and the same ever after.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<u8>, RemuxError> {
        if let Some(error) = &self.stopped {
            return Err(error.clone());
        }
        self.input.push(bytes);
        let mut read = self.format.read(&mut self.input, &mut self.frames);
        if read.is_ok() && self.input.bytes().len() > MAX_PENDING {
            read = damaged(self.input.at(), "nothing that could be played in many bytes");
        }
        if read.is_ok() && self.input.is_last() && self.format.stream().is_none() {
            read = damaged(self.input.at(), "an end before the sound");
        }
        self.stopped = read.clone().err();
        read?;
        if self.format.stream().is_some_and(|stream| stream.bare) {
            self.frames.bare();
        }
        Ok(self.frames.take())
    }

    /// From which byte of the file the next bytes are to be; the length of the file when there is nothing more to read.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.input.position()
    }

    /// What is known once the beginning of the file has been read.
    #[must_use]
    pub fn stream(&self) -> Option<&Stream> {
        self.format.stream()
    }

    /// When the first frame since the beginning, or the last [`Self::seek`], plays.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.frames.first()
    }

    /// When the sound ends, samples: known at the latest with the last bytes, and then exact.
    #[must_use]
    pub fn end(&self) -> Option<u64> {
        self.format.end()
    }

    /// Goes to a moment of the sound, seconds from its beginning: what [`Self::push`] gives then begins with the frame that plays
    /// there, or a few before it. `false` as long as there is no [`Self::stream`].
    pub fn seek(&mut self, seconds: f64) -> bool {
        let Some(stream) = self.format.stream() else { return false };
        let (scale, start) = (f64::from(stream.scale), stream.start);
        let samples = if seconds > 0.0 { (seconds * scale) as u64 } else { 0 };
        let moment = samples.saturating_add(start);
        // The sound's beginning is that of the file.
        let moment = if samples == 0 { 0 } else { moment.saturating_sub(self.format.warm_up()) };
        self.stopped = None;
        self.frames.restart(moment);
        self.format.seek(moment, &mut self.input);
        true
    }
}

/// The bytes are not what the media type says.
fn damaged<T>(at: u64, what: &'static str) -> Result<T, RemuxError> {
    Err(RemuxError::Damaged { at, what })
}

/// Goes behind what tags there are at this place: how many bytes are to be skipped; `None` if there is no tag, or more bytes are
/// needed to say so.
fn tag_length(bytes: &[u8]) -> Option<u64> {
    crate::detect::skip_length(bytes.get(..32)?)
}
