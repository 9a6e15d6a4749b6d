//! What can go wrong in a store.

use osp_core::Cid;

/// A store operation that did not succeed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, or a file on it.
    #[error("{action} {path}: {source}")]
    Io {
        /// What was being done, as in "cannot write".
        action: &'static str,
        /// To which file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The disk is full.
    #[error(
        "the disk that holds {path} is full; free some space and run the command again, nothing was lost"
    )]
    Full {
        /// The file that could not grow.
        path: std::path::PathBuf,
    },
    /// The index database.
    #[error("the index database: {0}")]
    Database(String),
    /// Stored bytes no longer hash to their CID.
    #[error("stored bytes of {cid} are damaged; run «osp doctor --scrub» and fetch or publish it again")]
    Corrupt {
        /// The blob or block.
        cid: Cid,
    },
    /// The store was written by a newer version.
    #[error("this store has schema {found}, this program knows up to {known}; use a newer osp")]
    Newer {
        /// Schema on disk.
        found: u32,
        /// Newest known here.
        known: u32,
    },
    /// A range outside the blob.
    #[error("bytes {start}..{end} are outside a blob of {size} bytes")]
    Range {
        /// First byte asked for.
        start: u64,
        /// Byte after the last one asked for.
        end: u64,
        /// Bytes there are.
        size: u64,
    },
    /// The blob asked about is not in the store.
    #[error("{cid} is not in this store; fetch or publish it first")]
    NotStored {
        /// The blob.
        cid: Cid,
    },
    /// What the caller handed over contradicts itself, such as a layout of another length than the bytes.
    #[error("{0}")]
    Invalid(String),
    /// A cursor that no search of this index gave.
    #[error("«{0}» is not a cursor of this index; start again without one")]
    Cursor(String),
}
