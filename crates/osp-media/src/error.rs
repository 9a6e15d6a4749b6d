//! Why a file is not published.

use std::path::PathBuf;

/// Why [`probe`](crate::probe()) has no answer. Every message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MediaError {
    /// There is no such file.
    #[error("{} does not exist; check the name", .path.display())]
    NotFound {
        /// The file as it was named.
        path: PathBuf,
    },
    /// A folder, device or pipe where a file was expected.
    #[error("{} is not a regular file; name an audio file", .path.display())]
    NotAFile {
        /// The file as it was named.
        path: PathBuf,
    },
    /// The system refused to open or read it.
    #[error("cannot read {} ({source}); check its permissions and the disk", .path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Zero bytes.
    #[error("{} is empty; export or copy it again", .path.display())]
    Empty {
        /// The file as it was named.
        path: PathBuf,
    },
    /// No known audio format.
    #[error("{} is not audio in a known format; publish Opus, Ogg Vorbis, MP3, FLAC, M4A, WAV or SMSG", .path.display())]
    NotAudio {
        /// The file as it was named.
        path: PathBuf,
    },
    /// A known format that records have no media type for.
    #[error("{} is {kind}, which cannot be published; convert it to FLAC or Opus first", .path.display())]
    Unsupported {
        /// The file as it was named.
        path: PathBuf,
        /// The format's name.
        kind: &'static str,
    },
    /// The container's end is missing.
    #[error("{} is incomplete: {detail}; export or download it again", .path.display())]
    Truncated {
        /// The file as it was named.
        path: PathBuf,
        /// What shows it.
        detail: String,
    },
    /// The container's structure is broken.
    #[error("{} is a damaged {kind} file ({detail}); export or download it again", .path.display())]
    Malformed {
        /// The file as it was named.
        path: PathBuf,
        /// The format's name.
        kind: &'static str,
        /// What the parser met.
        detail: String,
    },
}
