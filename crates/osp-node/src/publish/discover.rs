//! From the paths a person named to the tracks they mean, in album order.

use super::PublishError;
use osp_media::AudioInfo;
use std::path::{Path, PathBuf};

/// Deepest folder below the one named that is looked into (an album with a folder per disc needs one).
const MAX_DEPTH: usize = 4;
/// Most tracks one call publishes.
const MAX_TRACKS: usize = 10_000;

/// What a file in a folder must end in to be looked at. A file that is named itself is judged by its content.
const AUDIO_EXTENSIONS: [&str; 11] =
    ["opus", "ogg", "oga", "mp3", "flac", "m4a", "m4b", "mp4", "wav", "wave", "smsg"];

/// One file to publish.
#[derive(Clone, Debug)]
pub struct Found {
    /// Where it is.
    pub path: PathBuf,
    /// What its tags, or its name, say.
    pub info: AudioInfo,
    /// Whether it carries a picture. The picture itself is not kept in `info`: ten thousand tracks would bring ten
    /// thousand of them into memory.
    pub has_cover: bool,
    /// The folder that was named, when it was found in one: its name is the album's when no tag says so, and its
    /// cover the tracks' when they carry none.
    pub folder: Option<PathBuf>,
}

/// Looks at every input: files as they are, folders for the audio in them, each folder in track order.
///
/// # Errors
/// [`PublishError`] for a path that is not there, a file that cannot be read as audio, a folder with none.
/// Nothing has been published when one is returned.
pub fn discover(inputs: &[PathBuf]) -> Result<Vec<Found>, PublishError> {
    let mut tracks = Vec::new();
    for input in inputs {
        let meta = std::fs::metadata(input)
            .map_err(|source| PublishError::Unreadable { path: input.clone(), source })?;
        if meta.is_dir() {
            let mut files = Vec::new();
            collect(input, 0, &mut files)?;
            let mut album = Vec::new();
            for path in files {
                album.push(probe(path, Some(input))?);
            }
            if album.is_empty() {
                return Err(PublishError::NothingPlayable(input.clone()));
            }
            in_track_order(&mut album);
            tracks.extend(album);
        } else {
            tracks.push(probe(input.clone(), None)?);
        }
        if tracks.len() > MAX_TRACKS {
            return Err(PublishError::TooMany(MAX_TRACKS));
        }
    }
    Ok(tracks)
}

fn probe(path: PathBuf, folder: Option<&Path>) -> Result<Found, PublishError> {
    let mut info = osp_media::probe(&path)?;
    let guess = osp_media::guess_from_name(&path);
    if info.title.is_none() {
        info.title = guess.title;
    }
    if info.track_number.is_none() {
        info.track_number = guess.track_number;
    }
    let has_cover = info.cover.take().is_some();
    Ok(Found { path, info, has_cover, folder: folder.map(Path::to_owned) })
}

/// Audio files below `folder`: by extension, so that a broken one is reported instead of passed over.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), PublishError> {
    let unreadable = |source| PublishError::Unreadable { path: folder.to_owned(), source };
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(unreadable)?
        .map(|e| e.map(|e| e.path()))
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    entries.sort();
    for path in entries {
        let hidden = path.file_name().is_none_or(|n| n.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        // Links to folders are not followed: they can lead round in circles.
        let is_link = path.symlink_metadata().is_ok_and(|m| m.file_type().is_symlink());
        if path.is_dir() {
            if depth < MAX_DEPTH && !is_link {
                collect(&path, depth + 1, files)?;
            }
        } else if has_audio_extension(&path) {
            files.push(path);
        }
        if files.len() > MAX_TRACKS {
            return Err(PublishError::TooMany(MAX_TRACKS));
        }
    }
    Ok(())
}

fn has_audio_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    AUDIO_EXTENSIONS.contains(&extension.as_str())
}

/// Disc, then track number, then name; when no track has a number, the names' order gives them.
fn in_track_order(album: &mut [Found]) {
    album.sort_by(|a, b| {
        let key = |t: &Found| (t.info.disc_number.unwrap_or(1), t.info.track_number.unwrap_or(u32::MAX));
        key(a).cmp(&key(b)).then_with(|| a.path.cmp(&b.path))
    });
    if album.iter().all(|t| t.info.track_number.is_none()) && album.len() > 1 {
        for (number, track) in (1..).zip(album.iter_mut()) {
            track.info.track_number = Some(number);
        }
    }
}
