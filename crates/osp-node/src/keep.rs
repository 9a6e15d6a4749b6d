//! Backup and restore of a home: index, blobs, identities (key files as they are, encrypted), and the keys and sales of sealed
//! releases, which nobody can make again.
//!
//! While a folder is being filled it holds a file `unfinished`. Neither restore nor any other command uses a folder
//! with it, so that what was interrupted is never taken for the whole.

use crate::{
    Home, Node,
    home::{HomeError, UNFINISHED},
};
pub use osp_store::embedded::RestoreReport;
use osp_store::{StoreError, embedded::EmbeddedStore};
use std::{
    fs::File,
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
    #[error("{0} is not a backup; name a folder that «osp backup» made")]
    NotABackup(PathBuf),
    /// The target is no folder, or cannot become one.
    #[error("cannot make the folder {path}: {source}; name another one")]
    Target {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
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
/// and write. Settings come along, and the key that libp2p peers know the node by: others have written down addresses
/// with its name in them. The API token does not: a restored home makes a new one.
///
/// # Errors
/// [`KeepError`].
pub async fn backup(node: &Node, target: &Path) -> Result<(), KeepError> {
    let unfinished = Unfinished::begin(target)?;
    node.store().backup(target).await?;
    copy_small(node.home().root(), target)?;
    unfinished.end()
}

/// Makes a home in the new or empty folder `home` from a backup, checking every byte on the way. What is damaged in
/// the backup is left out and named in the report.
///
/// # Errors
/// [`KeepError`].
pub async fn restore(source: &Path, home: &Path) -> Result<RestoreReport, KeepError> {
    if !source.join("store").is_dir() {
        return Err(KeepError::NotABackup(source.to_owned()));
    }
    if source.join(UNFINISHED).exists() {
        return Err(HomeError::Unfinished(source.to_owned()).into());
    }
    let unfinished = Unfinished::begin(home)?;
    let restored = EmbeddedStore::restore(source, home).await.map_err(KeepError::from);
    let report = match restored.and_then(|report| copy_small(source, home).map(|()| report)) {
        Ok(report) => report,
        Err(e) => {
            // What is half there would stand in the way of the next try. Only what this call made is in it.
            let _ = std::fs::remove_dir_all(home);
            return Err(e);
        }
    };
    unfinished.end()?;
    Ok(report)
}

/// A folder that is being filled.
struct Unfinished {
    marker: PathBuf,
}

impl Unfinished {
    /// Makes the folder, which must not hold anything, and marks it.
    fn begin(folder: &Path) -> Result<Self, KeepError> {
        must_be_empty(folder)?;
        let target = |source| KeepError::Target { path: folder.to_owned(), source };
        match Home::open(folder) {
            Err(HomeError::Io { source, .. }) => return Err(target(source)),
            other => other?,
        };
        let marker = folder.join(UNFINISHED);
        File::create(&marker).and_then(|file| file.sync_all()).map_err(target)?;
        Ok(Self { marker })
    }

    /// Everything is there.
    fn end(self) -> Result<(), KeepError> {
        std::fs::remove_file(&self.marker).map_err(|source| KeepError::Io { path: self.marker, source })
    }
}

fn must_be_empty(folder: &Path) -> Result<(), KeepError> {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(KeepError::NotEmpty(folder.to_owned())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(KeepError::Target { path: folder.to_owned(), source }),
    }
}

/// Settings, and the node's own identity.
const SMALL: [&str; 2] = ["config.toml", "p2p-key"];

/// Identities, releases and settings.
fn copy_small(from: &Path, to: &Path) -> Result<(), KeepError> {
    for name in SMALL.iter().filter(|name| from.join(name).is_file()) {
        copy(&from.join(name), &to.join(name))?;
    }
    copy_folder(&from.join("identities"), &to.join("identities"))?;
    for folder in entries(&from.join("releases"))?.into_iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap_or_default();
        let releases = Home::open(&to.join("releases"))?;
        // A line of a ledger that is just being written may be torn in the copy; readers know.
        copy_folder(&folder, &releases.root().join(name))?;
        sync_folder(releases.root())?;
    }
    sync_folder(to)
}

/// The files of a folder, if it is there; the copy is for its owner only.
fn copy_folder(from: &Path, to: &Path) -> Result<(), KeepError> {
    if !from.is_dir() {
        return Ok(());
    }
    let target = Home::open(to)?;
    for path in entries(from)?.into_iter().filter(|path| path.is_file()) {
        copy(&path, &target.root().join(path.file_name().unwrap_or_default()))?;
    }
    sync_folder(target.root())
}

/// What is in a folder; nothing, if it is not there.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, KeepError> {
    let io = |source| KeepError::Io { path: folder.to_owned(), source };
    match std::fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed.map_err(io)?.map(|entry| entry.map(|entry| entry.path()).map_err(io)).collect(),
    }
}

/// Copies permissions too, so that key files stay 0600. Keys are what nobody can make again: they are on the medium before
/// success is told.
fn copy(from: &Path, to: &Path) -> Result<(), KeepError> {
    std::fs::copy(from, to)
        .and_then(|_| File::open(to)?.sync_all())
        .map_err(|source| KeepError::Io { path: from.to_owned(), source })
}

/// Makes the names in a folder durable.
fn sync_folder(folder: &Path) -> Result<(), KeepError> {
    #[cfg(unix)]
    File::open(folder)
        .and_then(|f| f.sync_all())
        .map_err(|source| KeepError::Io { path: folder.to_owned(), source })?;
    Ok(())
}
