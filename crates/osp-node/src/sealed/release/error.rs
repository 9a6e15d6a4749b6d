//! What can go wrong with releases of version 3.0, besides the disk.

use super::{about::BadSale, ranges::BadStretch};
use osp_fetch::DidWebError;
use smsg::{
    UnixTime,
    v3::{Refused, key_text::KeyTextError},
};
use std::io;

/// These files cannot become such a release.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DraftError {
    /// A file without a byte.
    #[error("{0} is empty, and this format holds no empty files; leave it away")]
    Empty(String),
    /// A stretch of nothing.
    #[error(
        "{0:?} takes nothing out of these files; times can be cut in MP3, Ogg, FLAC, WAV, AAC and fragmented MP4, and only before \
         their end"
    )]
    Nothing(String),
    /// A track that is not there.
    #[error("there is no track {0}; these files have {1}")]
    NoSuchTrack(usize, usize),
    /// Neither a cut nor a tier.
    #[error("there is no cut and no tier {0:?}; name one that --cut or --tier makes")]
    NoSuchName(String),
    /// A name for two things.
    #[error("the name {0:?} is there twice; give each cut and tier its own")]
    NameTwice(String),
    /// Not a stretch.
    #[error(transparent)]
    Stretch(#[from] BadStretch),
    /// Not a licence type.
    #[error(transparent)]
    Sale(#[from] BadSale),
    /// Every reader would refuse it.
    #[error("this cannot be sealed, because readers would refuse it: {0}")]
    Refused(smsg::v3::Refused),
}

/// A release was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReleaseError {
    /// It was judged.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Reading it failed.
    #[error("reading the file failed: {0}")]
    Read(#[source] io::Error),
    /// The key opens nothing, and looks mistyped.
    #[error("the key does not open the file, and it looks mistyped: {0}")]
    Mistyped(#[source] KeyTextError),
    /// Nothing is open to all, and there is no key.
    #[error("a licence key is needed; give the key you were given")]
    KeyRequired,
    /// The artist asks to wait.
    #[error("the licence begins at {0}; that is a request of the artist, written in the licence, not a lock")]
    NotYet(UnixTime),
    /// The artist asks to stop.
    #[error("the licence ended at {0}; that is a request of the artist, written in the licence, not a lock")]
    Over(UnixTime),
    /// The artist's keys cannot be looked up.
    #[error("the artist's signature cannot be checked: {0}")]
    Artist(#[from] DidWebError),
}

impl ReleaseError {
    /// A short stable word for programs.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.class(),
            Self::Read(_) => "io",
            Self::Mistyped(_) => "no_valid_key",
            Self::KeyRequired => "password_required",
            Self::NotYet(_) => "not_yet_valid",
            Self::Over(_) => "expired",
            Self::Artist(DidWebError::Unreachable { .. }) => "unreachable",
            Self::Artist(_) => "bad_signature",
        }
    }
}
