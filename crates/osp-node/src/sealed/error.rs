//! What can go wrong around sealed files.

use std::{io, path::PathBuf};

/// Sealing files failed; nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealFileError {
    /// A file to be sealed.
    #[error("cannot read {}: {source}", .path.display())]
    Input {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The sealed file.
    #[error("cannot write {}: {source}", .path.display())]
    Output {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something has that name.
    #[error("{} is there already; name another file, or say --force", .0.display())]
    Exists(PathBuf),
    /// It cannot be sealed so.
    #[error(transparent)]
    Seal(#[from] smsg::SealError),
    /// These files cannot become a release.
    #[error(transparent)]
    Draft(#[from] super::release::DraftError),
    /// The release cannot be sealed so.
    #[error(transparent)]
    Release(#[from] smsg::v3::SealError),
    /// What opens everything could not be kept for the artist.
    #[error("{0}")]
    Custody(String),
    /// Whoever waited did not want it any more.
    #[error("stopped; nothing was written")]
    Stopped,
}

/// Opening a sealed file failed; no attachment has a name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnsealError {
    /// The sealed file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Input {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// An attachment, or the folder for it.
    #[error("cannot write {}: {source}", .path.display())]
    Output {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something has an attachment's name.
    #[error("{} is there already; choose another folder with --out, or say --force", .0.display())]
    Exists(PathBuf),
    /// It was judged.
    #[error(transparent)]
    Open(smsg::OpenError),
    /// A release of version 3.0 was not opened.
    #[error(transparent)]
    Release(#[from] super::release::ReleaseError),
    /// Whoever waited did not want it any more.
    #[error("stopped; nothing was written")]
    Stopped,
}

impl From<smsg::OpenError> for UnsealError {
    fn from(error: smsg::OpenError) -> Self {
        Self::Open(error)
    }
}

/// A file could not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Input {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no sealed file that this program understands.
    #[error(transparent)]
    Open(smsg::OpenError),
    /// A release of version 3.0 that is none.
    #[error(transparent)]
    Release(#[from] super::release::ReleaseError),
    /// It begins as an ABR manifest and is none.
    #[error(transparent)]
    Abr(#[from] smsg::abr::AbrError),
}
