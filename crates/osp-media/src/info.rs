//! The answer of [`probe`](crate::probe()).

use crate::image::Cover;

/// The formats a record can name (specification, "Media types").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AudioFormat {
    /// Opus in Ogg (RFC 7845).
    Opus,
    /// Vorbis in Ogg.
    Vorbis,
    /// MPEG-1/2 audio layer III.
    Mp3,
    /// FLAC in its own container (RFC 9639).
    Flac,
    /// AAC, ALAC or Opus in MP4 (M4A).
    Mp4,
    /// PCM in RIFF/WAVE.
    Wav,
    /// A sealed release (SMSG). What is inside needs a key.
    Sealed,
}

impl AudioFormat {
    /// The media type as a record's `format` has it.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Opus => "audio/opus",
            Self::Vorbis => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::Flac => "audio/flac",
            Self::Mp4 => "audio/mp4",
            Self::Wav => "audio/wav",
            Self::Sealed => "application/vnd.smsg",
        }
    }

    /// What people call it, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Opus => "Opus",
            Self::Vorbis => "Ogg Vorbis",
            Self::Mp3 => "MP3",
            Self::Flac => "FLAC",
            Self::Mp4 => "M4A",
            Self::Wav => "WAV",
            Self::Sealed => "SMSG",
        }
    }
}

/// What an audio file says about itself. Texts are trimmed, free of control characters, and never empty.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AudioInfo {
    /// The format, found by content.
    pub format: AudioFormat,
    /// Track title.
    pub title: Option<String>,
    /// Track artist; several are joined with ", ". The album's artist when the track names none.
    pub artist_name: Option<String>,
    /// Album title.
    pub album: Option<String>,
    /// Genres in the file's order, each once.
    pub genres: Vec<String>,
    /// Release date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub released: Option<String>,
    /// Position on its disc, from 1.
    pub track_number: Option<u32>,
    /// Disc of the album, from 1.
    pub disc_number: Option<u32>,
    /// Seconds to the millisecond; `None` when the container does not say (sealed files, fragmented MP4).
    pub duration_seconds: Option<f64>,
    /// An SPDX identifier, or the URL of a licence that has none.
    pub license: Option<String>,
    /// The embedded front cover, or the best other picture.
    pub cover: Option<Cover>,
}

impl AudioInfo {
    /// Nothing known but the format.
    pub(crate) fn bare(format: AudioFormat) -> Self {
        Self {
            format,
            title: None,
            artist_name: None,
            album: None,
            genres: Vec::new(),
            released: None,
            track_number: None,
            disc_number: None,
            duration_seconds: None,
            license: None,
            cover: None,
        }
    }
}
