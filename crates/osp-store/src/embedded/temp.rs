//! Files that are being written, and what killed processes left of them.
//!
//! A live writer holds a lock on its file; the system drops it when the process ends, however it ends. So a file
//! whose lock can be had is a leftover.

use super::{fail::io_error, folders::Folders, key::ContentKey, pool::Pool};
use crate::StoreError;
use osp_core::content::parse_cid;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// A file in `tmp`, locked, and removed when dropped.
#[derive(Debug)]
pub(super) struct TempFile {
    path: PathBuf,
    file: File,
}

impl TempFile {
    /// A new, empty `.part`.
    pub(super) fn part(folders: &Folders) -> Result<Self, StoreError> {
        Self::named(folders, "", ".part")
    }

    /// Says that until this is dropped the file of `cid` may be there without a row: should this process be killed
    /// meanwhile, the next one to open the store looks and removes it.
    pub(super) fn in_doubt(folders: &Folders, cid: ContentKey) -> Result<Self, StoreError> {
        Self::named(folders, &format!("{}~", cid.cid()), ".doubt")
    }

    fn named(folders: &Folders, head: &str, tail: &str) -> Result<Self, StoreError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        loop {
            let n = COUNT.fetch_add(1, Ordering::Relaxed);
            let time = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |t| t.as_nanos());
            let path = folders.tmp().join(format!("{head}{}-{time:x}-{n}{tail}", std::process::id()));
            let mut options = File::options();
            options.read(true).write(true).create_new(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = match options.open(&path) {
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => continue,
                other => other.map_err(io_error("cannot make", &path))?,
            };
            // Another process that is just opening the store may have taken it for a leftover.
            let locked = match file.try_lock() {
                Ok(()) => path.exists(),
                Err(TryLockError::WouldBlock) => false,
                // A file system without locks: nothing is cleaned there either.
                Err(TryLockError::Error(_)) => true,
            };
            if locked {
                return Ok(Self { path, file });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // Moved to its place or not: after this nothing of it is in tmp.
        let _ = fs::remove_file(&self.path);
    }
}

/// Removes what killed processes left, and files of blobs that the index does not, or no longer, know.
pub(super) fn clean(folders: &Folders, pool: &Pool) -> Result<(), StoreError> {
    let tmp = folders.tmp();
    for entry in fs::read_dir(&tmp).map_err(io_error("cannot list", &tmp))? {
        let path = entry.map_err(io_error("cannot list", &tmp))?.path();
        let Ok(file) = File::options().read(true).write(true).open(&path) else { continue };
        if file.try_lock().is_err() {
            continue;
        }
        tracing::debug!(file = %path.display(), "removing a leftover of a process that was killed");
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(cid) =
            name.strip_suffix(".doubt").and_then(|name| parse_cid(name.split_once('~')?.0).ok())
        {
            reclaim(folders, pool, ContentKey::of(&cid))?;
        }
        let _ = fs::remove_file(&path);
    }
    Ok(())
}

/// Removes the file of `cid` unless the index knows it. Files are moved to their place only under the same write
/// lock, so what is unknown while it is held belongs to nobody.
pub(super) fn reclaim(folders: &Folders, pool: &Pool, cid: ContentKey) -> Result<(), StoreError> {
    pool.write_here(|tx| {
        let known: bool =
            tx.query_row("SELECT EXISTS (SELECT 1 FROM blobs WHERE cid = ?)", [cid], |row| row.get(0))?;
        let path = folders.blob(cid);
        if !known && path.exists() {
            fs::remove_file(&path).map_err(io_error("cannot remove", &path))?;
        }
        Ok(())
    })
}
