//! Covers: the bytes decide what they are, never a name or a tag.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest cover, in bytes. A bigger picture is left out (embedded) or refused (named by the user).
pub const MAX_COVER_BYTES: u64 = 16 * 1024 * 1024;

/// A picture a browser can show.
#[derive(Clone, PartialEq, Eq)]
pub struct Cover {
    /// `image/jpeg`, `image/png`, `image/webp`, `image/gif` or `image/avif`.
    pub mime: &'static str,
    /// The encoded picture, at most [`MAX_COVER_BYTES`].
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Cover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cover({}, {} bytes)", self.mime, self.bytes.len())
    }
}

impl Cover {
    /// A cover of these bytes, if they are a picture of a known kind within the limit.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let mime = image_type(&bytes).filter(|_| bytes.len() as u64 <= MAX_COVER_BYTES)?;
        Some(Self { mime, bytes })
    }
}

/// Why a picture file cannot be a cover.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoverError {
    /// It could not be read.
    #[error("cannot read the cover {} ({source}); check its name and permissions", .path.display())]
    Unreadable {
        /// The file as it was named.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Over [`MAX_COVER_BYTES`].
    #[error("the cover {} is larger than 16 MiB; save a smaller one", .path.display())]
    TooLarge {
        /// The file as it was named.
        path: PathBuf,
    },
    /// Another kind of file.
    #[error("the cover {} is not a JPEG, PNG, WebP, GIF or AVIF picture; save it as one of these", .path.display())]
    NotAnImage {
        /// The file as it was named.
        path: PathBuf,
    },
}

/// The media type of a picture by its first bytes. SVG is not among them: it can carry scripts.
#[must_use]
pub fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some("image/avif"),
        _ => None,
    }
}

/// Reads a picture file.
///
/// # Errors
/// [`CoverError`]: unreadable, over the limit, or no picture of a known kind.
pub fn read_cover(path: &Path) -> Result<Cover, CoverError> {
    let unreadable = |source| CoverError::Unreadable { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_COVER_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_COVER_BYTES {
        return Err(CoverError::TooLarge { path: path.to_owned() });
    }
    Cover::from_bytes(bytes).ok_or_else(|| CoverError::NotAnImage { path: path.to_owned() })
}

/// The picture that stands for an album's folder: `cover.*`, `folder.*`, `front.*`, `album.*` in this order,
/// else the only picture there is. Hidden files and files that are not pictures are passed over.
///
/// # Errors
/// What the system said when the folder cannot be listed.
pub fn find_cover(folder: &Path) -> std::io::Result<Option<PathBuf>> {
    let mut pictures = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().map(|n| n.to_string_lossy().to_ascii_lowercase()) else { continue };
        let extension = name.rsplit_once('.').map_or("", |(_, e)| e);
        let named_as_picture = matches!(extension, "jpg" | "jpeg" | "png" | "webp" | "gif" | "avif");
        if !name.starts_with('.') && named_as_picture && path.is_file() && starts_like_picture(&path) {
            pictures.push((name, path));
        }
    }
    pictures.sort();
    for wanted in ["cover", "folder", "front", "album"] {
        let stem_is = |name: &str| name.rsplit_once('.').is_some_and(|(stem, _)| stem == wanted);
        if let Some((_, path)) = pictures.iter().find(|(name, _)| stem_is(name)) {
            return Ok(Some(path.clone()));
        }
    }
    Ok(match pictures.as_slice() {
        [(_, only)] => Some(only.clone()),
        _ => None,
    })
}

fn starts_like_picture(path: &Path) -> bool {
    let mut head = Vec::new();
    File::open(path).is_ok_and(|f| f.take(16).read_to_end(&mut head).is_ok()) && image_type(&head).is_some()
}
