//! The table of keys: thousands of keys in the file, found by a look-up, never by trial; or beside it, later.
//!
//! ```text
//!      4  M
//!      M  head: grants, passphrase slots, SHA-256(directory); signed
//!   64 p  directory, for each page: id of its first entry 32 || SHA-256(page) 32
//!   88 e  entries in pages of 128: id 32 || AEAD(wrap, nonce 0, u16 grant || u16 0 || u32 serial || GK 32)
//! ```
//!
//! With the file's beginning at hand, one page is all that must be fetched; whoever watches sees one of 128 keys. A table beside
//! the file (`.smsgk`) is "SMSK" 03 and the same.

mod head;
mod lookup;
mod write;

pub use head::Head;
pub use lookup::Lookup;
pub(in crate::v3) use write::is_for;
pub use write::{GrantDraft, TableDraft};

/// Magic and version of a table that stands alone.
pub const MAGIC: [u8; 5] = *b"SMSK\x03";

/// Bytes of an entry.
pub const ENTRY: usize = 88;

/// Entries of a page.
pub const PAGE: usize = 128;

/// Bytes of the directory for one page.
pub const PLACE: usize = 64;

const TABLE: &str = "the key table";

/// Bytes of directory and entries, if there are so many.
fn behind_head(entries: u64) -> u64 {
    entries.div_ceil(PAGE as u64) * PLACE as u64 + entries * ENTRY as u64
}
