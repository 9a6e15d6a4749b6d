//! Backup and restore of a home: index, blobs and identities (key files as they are, encrypted).

use crate::{Home, Node, home::HomeError};
use osp_store::{StoreError, embedded::EmbeddedStore};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a backup or a restore did not finish.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The target holds something.
    #[error("{0} is not empty; name a new folder, nothing was changed")]
    NotEmpty(PathBuf),
    /// The source is no backup.
    #[error("{0} is not a backup that «osp backup» made")]
    NotABackup(PathBuf),
    /// A file.
    #[error("cannot copy {path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The home.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies everything of `node` that cannot be made again into the new or empty folder `target`, while others read
/// and write. Settings come along; the API token does not: a restored home makes a new one.
///
/// # Errors
/// [`KeepError`].
pub async fn backup(node: &Node, target: &Path) -> Result<(), KeepError> {
    must_be_empty(target)?;
    Home::open(target)?;
    node.store().backup(target).await?;
    copy_small(node.home().root(), target)
}

/// Makes a home in the new or empty folder `home` from a backup, checking every byte on the way.
///
/// # Errors
/// [`KeepError`].
pub async fn restore(source: &Path, home: &Path) -> Result<(), KeepError> {
    if !source.join("store").is_dir() {
        return Err(KeepError::NotABackup(source.to_owned()));
    }
    must_be_empty(home)?;
    Home::open(home)?;
    EmbeddedStore::restore(source, home).await?;
    copy_small(source, home)
}

fn must_be_empty(folder: &Path) -> Result<(), KeepError> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(KeepError::NotEmpty(folder.to_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(KeepError::Io { path: folder.to_owned(), source }),
    }
}

/// Identities and settings.
fn copy_small(from: &Path, to: &Path) -> Result<(), KeepError> {
    let copy = |from: &Path, to: &Path| -> Result<(), KeepError> {
        // Copies permissions too, so that key files stay 0600.
        std::fs::copy(from, to).map(|_| ()).map_err(|source| KeepError::Io { path: from.to_owned(), source })
    };
    let config = from.join("config.toml");
    if config.is_file() {
        copy(&config, &to.join("config.toml"))?;
    }
    let identities = from.join("identities");
    if identities.is_dir() {
        let io = |source| KeepError::Io { path: identities.clone(), source };
        let target = Home::open(&to.join("identities"))?;
        for entry in std::fs::read_dir(&identities).map_err(io)? {
            let entry = entry.map_err(io)?;
            if entry.path().is_file() {
                copy(&entry.path(), &target.root().join(entry.file_name()))?;
            }
        }
    }
    Ok(())
}
