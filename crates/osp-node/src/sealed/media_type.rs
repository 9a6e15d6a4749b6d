//! The media type of an attachment: by its content, else by its name.

use osp_media::AudioFormat;
use std::{
    io::{self, Read as _, Seek as _},
    path::Path,
};

/// Bytes that are looked at.
const HEAD: u64 = 8192;

/// What nothing else is known of.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The media type of `file`, which stands at its beginning and will again; `name` has the extension.
///
/// # Errors
/// The file's.
pub(super) fn of(file: &mut std::fs::File, len: u64, name: &str) -> io::Result<String> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    let audio = osp_media::recognise(file, len)?;
    file.rewind()?;
    Ok(decide(&head, audio, name))
}

fn decide(head: &[u8], audio: Option<AudioFormat>, name: &str) -> String {
    let magic = infer::get(head).map(|kind| kind.mime_type());
    let extension = extension(name);
    let by_content = match (audio, magic) {
        // Scripts and markup are guessed from words in them; their names say more.
        (None, Some(text)) if text.starts_with("text/") => None,
        (Some(AudioFormat::Mp4), magic) => Some(mp4(magic, &extension)),
        // RFC 7845, section 9: Opus in a file is audio/ogg; audio/opus is for streams.
        (Some(AudioFormat::Opus), _) => Some("audio/ogg"),
        (Some(AudioFormat::Mp3), Some(other)) if !other.starts_with("audio/") => Some(other),
        (Some(format), _) => Some(format.media_type()),
        (None, Some("video/webm" | "video/x-matroska")) if extension == "weba" => Some("audio/webm"),
        (None, magic) => magic,
    };
    let mime = match by_content {
        Some(mime) => mime,
        // A name cannot make music of what is none.
        None => mime_guess::from_ext(&extension)
            .first_raw()
            .filter(|mime| head.is_empty() || !mime.starts_with("audio/") || audio.is_some())
            .unwrap_or(UNKNOWN),
    };
    mime.to_owned()
}

/// MP4 holds music or films; the brand says so, or else the name.
fn mp4(magic: Option<&'static str>, extension: &str) -> &'static str {
    match magic {
        Some("audio/m4a") => "audio/mp4",
        _ if matches!(extension, "m4a" | "m4b" | "m4p" | "aac") => "audio/mp4",
        Some(video) if video.starts_with("video/") || video.starts_with("image/") => video,
        _ => "video/mp4",
    }
}

fn extension(name: &str) -> String {
    Path::new(name).extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::of;
    use std::io::{Seek as _, Write as _};

    fn of_bytes(bytes: &[u8], name: &str) -> String {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        let found = of(&mut file, bytes.len() as u64, name).unwrap();
        assert_eq!(file.stream_position().unwrap(), 0);
        found
    }

    #[test]
    fn content_goes_before_names() {
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../osp-media/tests/fixtures");
        for (fixture, mime) in [
            ("tagged.opus", "audio/ogg"),
            ("tagged.ogg", "audio/ogg"),
            ("tagged.mp3", "audio/mpeg"),
            ("tagged.flac", "audio/flac"),
            ("tagged.wav", "audio/wav"),
            ("tagged.m4a", "audio/mp4"),
        ] {
            let bytes = std::fs::read(fixtures.join(fixture)).unwrap();
            assert_eq!(of_bytes(&bytes, "wrong.txt"), mime, "{fixture}");
        }
        for (bytes, mime) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0\0\0\0\0", "application/zip"),
            (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2mp41", "video/mp4"),
            (b"SMSG\x02\0\0\0\x02{}", "application/vnd.smsg"),
        ] {
            assert_eq!(of_bytes(bytes, "wrong.txt"), mime);
        }
    }

    #[test]
    fn names_say_what_content_does_not() {
        for (bytes, name, mime) in [
            (&b"words of a song"[..], "lyrics.txt", "text/plain"),
            (b"# Notes", "notes.MD", "text/markdown"),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "logo.svg", "image/svg+xml"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "song.m4a", "audio/mp4"),
            (b"", "empty.txt", "text/plain"),
            (b"no music", "song.mp3", "application/octet-stream"),
            (b"words", "none", "application/octet-stream"),
        ] {
            assert_eq!(of_bytes(bytes, name), mime, "{name}");
        }
    }
}
