//! The newest table beside each file that this home has seen: an older one in its place is refused (`spec/SMSG.md` 19.7). Who removes
//! the note begins anew.
//!
//! ```text
//! <home>/tables-seen/<file id, base32>      its number, in decimal
//! ```

use smsg::v3::FileId;
use std::{fs, io::Write as _, path::Path};

/// Folder of the notes.
const FOLDER: &str = "tables-seen";

/// The highest number that was noted; 0 where none was, or it cannot be read.
pub(super) fn seen(home: &Path, file: FileId) -> u64 {
    let note = fs::read_to_string(home.join(FOLDER).join(crate::sales::id_in_base32(file)));
    note.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Notes a number that is higher. Where that cannot be, the next one begins anew.
pub(super) fn note(home: &Path, file: FileId, number: u64) {
    if number <= seen(home, file) {
        return;
    }
    let folder = home.join(FOLDER);
    let written = fs::create_dir_all(&folder).and_then(|()| {
        let mut note = tempfile::NamedTempFile::new_in(&folder)?;
        write!(note, "{number}")?;
        note.persist(folder.join(crate::sales::id_in_base32(file))).map_err(|e| e.error)
    });
    if let Err(e) = written {
        tracing::debug!("the table is not noted: {e}");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{note, seen};
    use smsg::v3::FileId;

    #[test]
    fn the_highest_of_each_file_is_remembered() {
        let home = tempfile::tempdir().unwrap();
        let [one, two] = [1, 2].map(|byte| FileId([byte; 32]));
        note(home.path(), one, 3);
        note(home.path(), one, 2);
        assert_eq!((seen(home.path(), one), seen(home.path(), two)), (3, 0));
        // A damaged note is none.
        std::fs::write(home.path().join("tables-seen").join(crate::sales::id_in_base32(one)), "x").unwrap();
        assert_eq!(seen(home.path(), one), 0);
        note(home.path(), one, 1);
        assert_eq!(seen(home.path(), one), 1);
    }
}
