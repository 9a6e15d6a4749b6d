//! Words to sing along: plain text or LRC, from a file that was named or one beside the audio.

use bytes::Bytes;
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Most bytes of lyrics; a thousand lines with times are half of it (spec section 4.15).
pub const MAX_LYRICS_BYTES: u64 = 128 * 1024;
/// Endings of lyrics beside the audio of the same name, the better first.
const EXTENSIONS: [&str; 2] = ["lrc", "txt"];

/// Why a file is not taken as lyrics.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LyricsError {
    /// It cannot be read.
    #[error("cannot read the lyrics {path}: {source}")]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Too long.
    #[error("the lyrics {0} are longer than 128 KiB; shorten them")]
    TooLong(PathBuf),
    /// Not text.
    #[error("the lyrics {0} are no UTF-8 text, or empty; save them as UTF-8")]
    NotText(PathBuf),
}

/// Reads lyrics: UTF-8, without byte order mark, not empty.
///
/// # Errors
/// [`LyricsError`].
pub fn read(path: &Path) -> Result<Bytes, LyricsError> {
    let unreadable = |source| LyricsError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(unreadable)?
        .take(MAX_LYRICS_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_LYRICS_BYTES {
        return Err(LyricsError::TooLong(path.to_owned()));
    }
    let text = std::str::from_utf8(&bytes).ok().map(|text| text.trim_start_matches('\u{feff}'));
    match text.filter(|text| !text.trim().is_empty() && !text.contains('\0')) {
        Some(text) => Ok(Bytes::copy_from_slice(text.as_bytes())),
        None => Err(LyricsError::NotText(path.to_owned())),
    }
}

/// The lyrics beside an audio file: `Song.lrc` or `Song.txt` beside `Song.opus`. What cannot be taken is passed over: nobody
/// named it.
pub(super) fn beside(audio: &Path) -> Option<Bytes> {
    EXTENSIONS.iter().map(|extension| audio.with_extension(extension)).find_map(|path| {
        if !path.is_file() {
            return None;
        }
        read(&path).inspect_err(|error| tracing::warn!(%error, "published without these lyrics")).ok()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lrc_goes_before_plain_text_and_what_is_no_text_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        let audio = folder.path().join("Song.opus");
        assert_eq!(beside(&audio), None);
        file("Song.txt", b"\xef\xbb\xbfla la\n");
        assert_eq!(beside(&audio).unwrap(), "la la\n");
        file("Song.lrc", b"[00:01.00]la la\n");
        assert_eq!(beside(&audio).unwrap(), "[00:01.00]la la\n");
        file("Song.lrc", b"\xff\xfe[\0");
        assert_eq!(beside(&audio).unwrap(), "la la\n");
    }

    #[test]
    fn named_lyrics_that_cannot_be_taken_say_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.txt");
        assert!(matches!(read(&path), Err(LyricsError::Unreadable { .. })));
        std::fs::write(&path, vec![b'a'; 128 * 1024 + 1]).unwrap();
        assert!(matches!(read(&path), Err(LyricsError::TooLong(_))));
        std::fs::write(&path, " \n").unwrap();
        assert!(matches!(read(&path), Err(LyricsError::NotText(_))));
    }
}
