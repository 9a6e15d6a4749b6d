//! What a node keeps: blobs (audio, covers) and the index of records, behind two traits.
//!
//! The traits assume no shared file system and no single process: everything is async, ranged and batched, so
//! that a shared database with an object store can stand where [`embedded`] stands now.
//!
//! Rules every implementation keeps:
//! - A blob is found by the CID of any layout it was stored with; its primary name is its unixfs-v1-2025 CID.
//! - Bytes are hashed against the layout's leaves when first read in this process; what does not match is never
//!   returned ([`StoreError::Corrupt`]).
//! - `commit` and `put` return after the data is durable; before that nothing of it is visible.

pub mod blob;
pub mod custody;
pub mod embedded;
pub mod error;
pub mod providers;
pub mod record;
pub mod social;

pub use blob::{BlobMeta, BlobStore, BlobWriter, ScrubReport};
pub use custody::{Custody, Followed, Guest, GuestTotals};
pub use embedded::DiscoveryStore;
pub use error::StoreError;
pub use record::{Block, ContentStanding, Counts, Page, Put, Query, RecordIndex, StoredRecord, Withdrawn};
pub use social::{Social, TrustLevel, TrustRanks, Trusted};
