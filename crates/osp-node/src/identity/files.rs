//! Files of the identities folder: written whole or not at all, readable by their owner only.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use super::IdentityError;

/// Makes the folder, 0700 where the system has modes.
pub(super) fn make_folder(path: &Path) -> Result<(), IdentityError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(IdentityError::io("make", path))
}

/// Waits for the lock that every change to the folder is made under; it ends with the returned file.
pub(super) fn lock(folder: &Path) -> Result<File, IdentityError> {
    let path = folder.join(".lock");
    let failed = |e| IdentityError::io("lock", &path)(e);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// The whole file, or `None` when there is none; never more than `limit` bytes.
pub(super) fn read(path: &Path, limit: usize) -> Result<Option<Vec<u8>>, IdentityError> {
    let file = match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(IdentityError::io("read", path))?,
    };
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(IdentityError::io("read", path))?;
    if bytes.len() > limit {
        return Err(IdentityError::Damaged { path: path.to_owned(), reason: "it is far too large".into() });
    }
    Ok(Some(bytes))
}

/// What [`write()`] does when the file is there already.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Leave it and answer `false`.
    Keep,
    /// Put the new one in its place.
    Replace,
}

/// Writes a file aside, makes it durable, and moves it into place; the mode is 0600. Whether it was written.
pub(super) fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<bool, IdentityError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = || IdentityError::io("write", path);
    // tempfile makes files that only their owner can read
    let mut temp = tempfile::NamedTempFile::new_in(folder).map_err(failed())?;
    temp.write_all(bytes).map_err(failed())?;
    temp.as_file().sync_all().map_err(failed())?;
    let moved = match existing {
        Existing::Keep => temp.persist_noclobber(path),
        Existing::Replace => temp.persist(path),
    };
    match moved {
        Ok(_) => {}
        Err(e) if existing == Existing::Keep && e.error.kind() == ErrorKind::AlreadyExists => {
            return Ok(false);
        }
        Err(e) => return Err(failed()(e.error)),
    }
    sync_folder(folder)?;
    Ok(true)
}

/// Makes renames and removals in the folder durable.
pub(super) fn sync_folder(folder: &Path) -> Result<(), IdentityError> {
    #[cfg(unix)]
    File::open(folder).and_then(|f| f.sync_all()).map_err(IdentityError::io("write", folder))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
