//! What a person names: REFs, files, and playlist files that hold more of both.
//!
//! Playlists are M3U (a line each, `#` for remarks) and XSPF (the `location` of each `track`). A line is a REF or a file,
//! relative to the playlist. Playlists in playlists are not followed.

use super::PlayError;
use osp_core::reference::Reference;
use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};
use xml::reader::{EventReader, XmlEvent};

/// Largest playlist file, bytes.
pub const MAX_PLAYLIST_BYTES: u64 = 4 << 20;
/// Most tracks of one playlist.
pub const MAX_ENTRIES: usize = 10_000;

/// One thing that was named.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// Music by its REF.
    Reference(Reference),
    /// A file: audio, or sealed.
    File(PathBuf),
}

/// What a text names: a file that is there, else a REF. A playlist file is what its lines name.
///
/// # Errors
/// [`PlayError::Reference`], [`PlayError::File`], [`PlayError::Playlist`].
pub fn wanted(text: &str) -> Result<Vec<Wanted>, PlayError> {
    let path = Path::new(text);
    if !path.is_file() {
        // A missing file is the likelier error where somebody typed a path.
        let looks_like_path = text.contains(['/', '\\']) && !text.contains(':');
        return match Reference::parse(text) {
            Ok(reference) => Ok(vec![Wanted::Reference(reference)]),
            Err(_)
                if looks_like_path
                    || path.extension().is_some_and(|e| !e.is_empty() && !text.contains(':')) =>
            {
                let source =
                    std::fs::metadata(path).err().unwrap_or_else(|| io::ErrorKind::IsADirectory.into());
                Err(PlayError::File { path: path.to_owned(), source })
            }
            Err(e) => Err(e.into()),
        };
    }
    let is = |extension: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(extension));
    if is("m3u") || is("m3u8") {
        m3u(path, &read(path)?)
    } else if is("xspf") {
        xspf(path, &read(path)?)
    } else {
        Ok(vec![Wanted::File(path.to_owned())])
    }
}

fn read(path: &Path) -> Result<Vec<u8>, PlayError> {
    let fail = |source| PlayError::File { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_PLAYLIST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(fail)?;
    if bytes.len() as u64 > MAX_PLAYLIST_BYTES {
        return Err(refused(path, "it is longer than 4 MiB"));
    }
    Ok(bytes)
}

fn refused(path: &Path, reason: impl Into<String>) -> PlayError {
    PlayError::Playlist { path: path.to_owned(), reason: reason.into() }
}

fn m3u(path: &Path, bytes: &[u8]) -> Result<Vec<Wanted>, PlayError> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    collect(
        path,
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| entry(path, line)),
    )
}

fn xspf(path: &Path, bytes: &[u8]) -> Result<Vec<Wanted>, PlayError> {
    let mut open: Vec<String> = Vec::new();
    let mut locations = Vec::new();
    let mut location = None::<String>;
    for event in EventReader::new(bytes) {
        match event.map_err(|e| refused(path, e.to_string()))? {
            XmlEvent::StartElement { name, .. } => {
                open.push(name.local_name);
                let inside = open.iter().map(String::as_str);
                if inside.eq(["playlist", "trackList", "track", "location"]) {
                    location = Some(String::new());
                }
            }
            XmlEvent::Characters(text) | XmlEvent::CData(text) => {
                if let Some(location) = &mut location {
                    location.push_str(&text);
                }
            }
            XmlEvent::EndElement { .. } => {
                open.pop();
                locations.extend(location.take());
            }
            _ => {}
        }
    }
    collect(path, locations.iter().map(|location| entry(path, location.trim())))
}

fn collect(path: &Path, entries: impl Iterator<Item = Wanted>) -> Result<Vec<Wanted>, PlayError> {
    let entries: Vec<_> = entries.take(MAX_ENTRIES + 1).collect();
    match entries.len() {
        0 => Err(refused(path, "it names nothing")),
        n if n > MAX_ENTRIES => Err(refused(path, "it names more than 10,000 tracks")),
        _ => Ok(entries),
    }
}

/// A line: a REF, else a file beside the playlist. File URLs have their escapes undone.
fn entry(playlist: &Path, line: &str) -> Wanted {
    if let Ok(reference) = Reference::parse(line) {
        return Wanted::Reference(reference);
    }
    let beside = playlist.parent().unwrap_or(Path::new(""));
    let local = line.strip_prefix("file://").unwrap_or(line);
    let plain = beside.join(local);
    if plain.is_file() {
        return Wanted::File(plain);
    }
    let unescaped = percent_encoding::percent_decode_str(local).decode_utf8_lossy().into_owned();
    let unescaped = beside.join(unescaped);
    Wanted::File(if unescaped.is_file() { unescaped } else { plain })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{PlayError, Wanted, wanted};
    use std::{fs, path::Path};

    const TRACK: &str = "osp:track:bafkreihvpyjk44jmr6g52v2f7c5mz5whgux5w2uapohul34uxmrxd64qfm";

    fn list(folder: &Path, name: &str, text: &str) -> Result<Vec<String>, PlayError> {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        let found = wanted(path.to_str().unwrap())?;
        Ok(found
            .iter()
            .map(|wanted| match wanted {
                Wanted::Reference(reference) => {
                    format!("{reference:?}").split('(').next().unwrap_or_default().to_owned()
                }
                Wanted::File(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
            })
            .collect())
    }

    #[test]
    fn playlists_name_references_and_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a song.opus"), "").unwrap();
        let m3u = format!(
            "\u{feff}#EXTM3U\r\n#EXTINF:1,A\r\na song.opus\r\n\r\n{TRACK}\nhttp://n.example/x\nmissing.mp3\n"
        );
        let wanted = ["a song.opus", "Record", "Url", "missing.mp3"];
        assert_eq!(list(folder.path(), "l.m3u8", &m3u).unwrap(), wanted);
        let xspf = format!(
            "<?xml version='1.0'?><playlist version='1' xmlns='http://xspf.org/ns/0/'><location>no</location><trackList>\
             <track><location>a%20song.opus</location><title>T</title></track><track><location> {TRACK} </location></track>\
             <track><location>http://n.example/?a&amp;b</location></track></trackList></playlist>"
        );
        assert_eq!(list(folder.path(), "l.XSPF", &xspf).unwrap(), ["a song.opus", "Record", "Url"]);
    }

    #[test]
    fn what_is_no_playlist_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let many = "x\n".repeat(super::MAX_ENTRIES + 1);
        let bomb =
            "<!DOCTYPE a [<!ENTITY x 'xxxxxxxxxx'><!ENTITY y '&x;&x;&x;&x;'>]><playlist>&y;</playlist>";
        for (name, text) in [
            ("a.m3u", "# nothing\n"),
            ("b.xspf", "<playlist>"),
            ("c.xspf", "hello"),
            ("d.m3u", &many),
            ("e.xspf", bomb),
        ] {
            assert!(matches!(list(folder.path(), name, text), Err(PlayError::Playlist { .. })), "{name}");
        }
    }

    #[test]
    fn neither_file_nor_reference_says_which_it_looks_like() {
        assert!(matches!(wanted("missing/song.opus"), Err(PlayError::File { .. })));
        assert!(matches!(wanted("song.opus"), Err(PlayError::File { .. })));
        assert!(matches!(wanted("nonsense"), Err(PlayError::Reference(_))));
        assert!(matches!(wanted("osp:track:"), Err(PlayError::Reference(_))));
    }
}
