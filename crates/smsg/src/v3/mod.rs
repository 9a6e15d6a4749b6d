//! SMSG version 3.0: one ciphertext, any number of keys to all or parts of it (`spec/SMSG.md` section 19). Not to be taken
//! for the older format `v3` with rolling keys, which the rest of this crate reads.
//!
//! ```text
//!            0               4  "SMSG"
//!            4               1  03
//!            5               4  N
//!            9               N  header, signed                        H = SHA-256(everything to here): the file's id
//!          9+N               4  M, 0: no table
//!                            M  table head, signed
//!                         64 p  directory: first id, SHA-256(page)
//!                         88 e  entries, 128 to a page, sorted by id
//!                           64  signature of the seal      \
//!               32 ceil(n/256)  digests of groups           >  if header.digest is "blake3"
//!                         32 n  digests of chunks          /
//!                            P  chunks
//!
//!  chunk   com 32 || ciphertext, at most 64 KiB || tag 16
//! ```
//!
//! ```text
//!  FRK -- root -- node ... node -- leaf_i -- com_i, ek_i -- chunk_i          a binary tree: a cut is a few nodes
//!  key text -- PRK -+- id: finds the entry or the licence
//!                   +- wrap -- entry: GK -- grant: nodes                      sold before publishing
//!                   +- wrap -- licence: nodes                                 sold after
//! ```
//!
//! **Nothing is released before it is authenticated**: a chunk is the unit. A chunk is bound to its file, its place and its being
//! the last by its key; a key to one chunk by the commitment `com`; the chunk to the artist by signed digests.
//!
//! Sans I/O: what reads says which bytes it [needs](open::Asks) and is given them; randomness, signatures and whoever
//! resolves a DID are brought by the caller.
//!
//! | module | subject |
//! |---|---|
//! | [`header`] | what the file is, in the clear and signed; where every chunk lies |
//! | [`ranges`], [`tree`] | sets of chunks; the keys to them |
//! | [`chunk`] | one chunk |
//! | [`digests`] | what the artist signed of the chunks |
//! | [`key_text`], [`passphrase`] | what people have in hands |
//! | [`terms`], [`grant`] | what was sold, and the nodes for it |
//! | [`table`] | keys inside the file, or beside it |
//! | [`licence`] | a key that was sold later |
//! | [`open`], [`seal`] | whole files |
//! | [`kept`] | the root, as its owner keeps it |
//! | [`signing`] | what the caller brings |

mod batch;
mod boxes;
pub mod chunk;
pub mod digests;
pub mod error;
pub mod grant;
pub mod header;
mod json;
mod kdf;
pub mod kept;
pub mod key_text;
pub mod licence;
pub mod limits;
pub mod open;
pub mod passphrase;
pub mod ranges;
pub mod seal;
pub mod signing;
pub mod table;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod tree;

pub use error::{Refused, SealError};
pub use header::Header;

/// What a file is called: SHA-256 over everything up to the end of its header. All its keys depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub [u8; 32]);
