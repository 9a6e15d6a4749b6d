//! What can go wrong with what a seller keeps.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why a release could not be kept, found or unlocked, or its ledger not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CustodyError {
    /// The disk, or a file on it.
    #[error("cannot {action} {}: {source}; check the permissions and free space of the home folder", .path.display())]
    Io {
        /// What was being done, as in "cannot write".
        action: &'static str,
        /// To which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in the releases folder cannot be understood.
    #[error("{} is damaged ({reason}); put it back from a backup", .path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This home did not seal it.
    #[error(
        "the keys of {0} are not in this home; use the home in which it was sealed, or put the folder releases back \
         from a backup"
    )]
    NotKept(String),
    /// Not a file of version 3.0.
    #[error("{} is no sealed release: {reason}; name a file that «osp seal» wrote", .path.display())]
    NotARelease {
        /// Which file.
        path: PathBuf,
        /// What it is not.
        reason: String,
    },
    /// Another artist sealed it.
    #[error("this release is of {artist}, and the identity is {found}; choose the identity that sealed it")]
    WrongIdentity {
        /// Whose it is.
        artist: String,
        /// Who tried.
        found: String,
    },
    /// Keys to a part of a file.
    #[error("only the keys to a whole file can be kept; seal it again")]
    NotWhole,
    /// There is another root for this very file.
    #[error("{} already keeps another key to this file; move that folder elsewhere", .0.display())]
    KeptOtherwise(PathBuf),
}

impl CustodyError {
    /// An [`Io`](Self::Io), for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// A [`Damaged`](Self::Damaged).
    pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }
}
