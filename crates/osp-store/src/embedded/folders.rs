//! Where things are, and making renames durable.
//!
//! ```text
//!  <home>/store/index.sqlite3        the index (and SQLite's -wal and -shm beside it)
//!  <home>/store/blobs/ab/<cid>       one file per blob; ab: the two characters before the last one of the CID
//!  <home>/store/tmp/<name>.part      a blob being written, locked by its writer
//!  <home>/store/tmp/<cid>~<name>.doubt   the blob's file may be there without a row: being committed or removed; locked likewise
//! ```

use super::{fail::io_error, key::ContentKey};
use crate::StoreError;
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Clone, Debug)]
pub(super) struct Folders {
    root: PathBuf,
}

impl Folders {
    /// The folders of the store in `home`; nothing is made yet.
    pub(super) fn of(home: &Path) -> Self {
        Self { root: home.join("store") }
    }

    pub(super) fn create(&self) -> Result<(), StoreError> {
        for folder in [self.root(), &self.blobs(), &self.tmp()] {
            create_private(folder)?;
        }
        Ok(())
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn index(&self) -> PathBuf {
        self.root.join("index.sqlite3")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(super) fn tmp(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// The file of a blob.
    pub(super) fn blob(&self, cid: ContentKey) -> PathBuf {
        let name = cid.cid().to_string();
        let shard = name.get(name.len().saturating_sub(3)..name.len() - 1).unwrap_or("__").to_owned();
        self.blobs().join(shard).join(name)
    }

    /// Moves a finished file to its blob's name; durable when this returns.
    pub(super) fn place(&self, from: &Path, cid: ContentKey) -> Result<(), StoreError> {
        let to = self.blob(cid);
        let folder = to.parent().unwrap_or(&self.root);
        if !folder.is_dir() {
            create_private(folder)?;
            sync_folder(&self.blobs())?;
        }
        fs::rename(from, &to).map_err(io_error("cannot move a finished file to", &to))?;
        sync_folder(folder)
    }
}

fn create_private(folder: &Path) -> Result<(), StoreError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(io_error("cannot make the folder", folder))
}

/// Makes renames in a folder durable. Windows needs and offers nothing of the kind.
pub(super) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        fs::File::open(folder).and_then(|f| f.sync_all()).map_err(io_error("cannot sync", folder))?;
    }
    Ok(())
}
