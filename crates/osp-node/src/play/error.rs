//! Why something is not played.

use crate::resolve::ResolveError;
use osp_core::reference::ReferenceError;
use osp_delivery::DeliveryError;
use std::{io, path::PathBuf, sync::Arc};

/// Why something is not played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// What was typed names neither music nor a file.
    #[error("{0}; and there is no file of that name")]
    Reference(#[from] ReferenceError),
    /// It names music that was not found, or may not be played.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// The audio was not fetched.
    #[error("the audio of «{title}» could not be fetched: {source}")]
    Fetch {
        /// Of which track.
        title: String,
        /// How it failed, and who was tried.
        source: Arc<DeliveryError>,
    },
    /// A file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A sealed file at an address cannot be read.
    #[error("cannot read {url}: {source}")]
    Web {
        /// Where.
        url: String,
        /// What the network said.
        source: io::Error,
    },
    /// A playlist that cannot be understood.
    #[error("{} is no playlist that can be read: {reason}; write M3U or XSPF", .path.display())]
    Playlist {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A filter that leaves nothing.
    #[error("none of these tracks is on an album «{0}»; see what there is with «osp search --artist DID»")]
    NoSuchAlbum(String),
    /// A sealed file that does not open.
    #[error(transparent)]
    Sealed(#[from] smsg::OpenError),
    /// A release of SMSG 3.0 that does not open.
    #[error(transparent)]
    Release(#[from] crate::sealed::release::ReleaseError),
    /// A sealed file without music.
    #[error("there is no music in {0}; «osp unseal» shows what there is")]
    NoMusic(String),
    /// Playing was ended while this was waited for.
    #[error("stopped")]
    Stopped,
}
