//! Why audio is not decoded.

use std::io;
use symphonia::core::errors::Error as Symphonia;

/// Why a file was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The reader failed.
    #[error("cannot read the audio: {0}")]
    Source(#[source] io::Error),
    /// No format that is known.
    #[error("this is not audio in a known format; Opus, Vorbis, MP3, FLAC, AAC, ALAC and WAV can be played")]
    NotAudio,
    /// A known format with something in it that cannot be decoded.
    #[error("this audio cannot be decoded: {0}; Opus, Vorbis, MP3, FLAC, AAC, ALAC and WAV can be played")]
    Unsupported(String),
    /// The file is broken before its first sound.
    #[error("this audio is damaged: {0}; get it again")]
    Malformed(String),
}

/// Why decoding stopped before the end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The reader failed.
    #[error("cannot read on: {0}")]
    Source(#[source] io::Error),
    /// The file ends in the middle.
    #[error("the file ends in the middle; get it again")]
    Truncated,
    /// The file is broken here.
    #[error("the audio is damaged: {0}; get it again")]
    Malformed(String),
    /// The file goes on with another rate or other channels.
    #[error("the audio changes its sample rate or channels in the middle, which cannot be played")]
    FormatChanged,
}

/// Why a place was not reached; the place is then the one it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SeekError {
    /// The reader failed.
    #[error("cannot read on: {0}")]
    Source(#[source] io::Error),
    /// This file cannot be sought in.
    #[error("this file cannot be sought in: {0}")]
    Unseekable(String),
}

impl From<Symphonia> for OpenError {
    fn from(error: Symphonia) -> Self {
        match error {
            Symphonia::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Malformed("it ends before the first sound".to_owned())
            }
            Symphonia::IoError(e) => Self::Source(e),
            Symphonia::Unsupported(what) => Self::Unsupported(what.to_owned()),
            Symphonia::DecodeError(what) | Symphonia::LimitError(what) => Self::Malformed(what.to_owned()),
            other => Self::Malformed(other.to_string()),
        }
    }
}

impl From<DecodeError> for OpenError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Source(e) => Self::Source(e),
            DecodeError::Truncated => Self::Malformed("it ends before the first sound".to_owned()),
            DecodeError::Malformed(what) => Self::Malformed(what),
            DecodeError::FormatChanged => Self::Unsupported(error.to_string()),
        }
    }
}

impl From<Symphonia> for DecodeError {
    fn from(error: Symphonia) -> Self {
        match error {
            Symphonia::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => Self::Truncated,
            Symphonia::IoError(e) => Self::Source(e),
            Symphonia::DecodeError(what) | Symphonia::LimitError(what) | Symphonia::Unsupported(what) => {
                Self::Malformed(what.to_owned())
            }
            other => Self::Malformed(other.to_string()),
        }
    }
}

impl From<Symphonia> for SeekError {
    fn from(error: Symphonia) -> Self {
        match error {
            Symphonia::IoError(e) => Self::Source(e),
            other => Self::Unseekable(other.to_string()),
        }
    }
}
