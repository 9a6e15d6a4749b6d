//! When this device first used a licence whose period counts from then. A request like all about time: who removes the note begins
//! anew, and other devices know nothing of it.
//!
//! ```text
//! <home>/first-use/<SHA-256 of file id, sale, issued; base32>      Unix seconds, in decimal
//! ```

use osp_core::content::sha256;
use smsg::v3::{FileId, terms::Terms};
use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

/// Folder of the notes.
const FOLDER: &str = "first-use";

/// When a licence was first used, Unix seconds; `now` is noted if it never was. `home` is the folder that keeps it.
///
/// # Errors
/// The system's.
pub(super) fn first_use(home: &Path, file: FileId, terms: &Terms, now: u64) -> io::Result<u64> {
    let folder = home.join(FOLDER);
    let path = folder.join(name(file, terms));
    if let Some(known) = known(&path)? {
        return Ok(known);
    }
    fs::create_dir_all(&folder)?;
    let mut note = tempfile::NamedTempFile::new_in(&folder)?;
    write!(note, "{now}")?;
    match note.persist_noclobber(&path) {
        Ok(_) => Ok(now),
        // Another program was first.
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(known(&path)?.unwrap_or(now)),
        Err(e) => Err(e.error),
    }
}

/// A damaged note is none.
fn known(path: &Path) -> io::Result<Option<u64>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Keys of a table share their terms; licences have a sale's number each.
fn name(file: FileId, terms: &Terms) -> String {
    let mut said = file.0.to_vec();
    said.extend(terms.sale.as_deref().unwrap_or_default().as_bytes());
    said.push(0);
    said.extend(terms.issued.unwrap_or(0).to_be_bytes());
    data_encoding::BASE32_NOPAD.encode(&sha256(&said)).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::first_use;
    use smsg::v3::{
        FileId,
        ranges::Ranges,
        terms::{Kind, Terms},
    };

    #[test]
    fn the_first_one_counts() {
        let home = tempfile::tempdir().unwrap();
        let sold =
            |number: &str| Terms { sale: Some(number.into()), ..Terms::new(Kind::Rental, Ranges::all(3)) };
        let of =
            |file: u8, number, now| first_use(home.path(), FileId([file; 32]), &sold(number), now).unwrap();
        assert_eq!((of(1, "1", 100), of(1, "1", 900)), (100, 100));
        assert_eq!((of(1, "2", 200), of(2, "1", 300), of(1, "1", 5)), (200, 300, 100));
    }
}
