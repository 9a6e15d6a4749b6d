//! SMSG: the encrypted release file whose password is the licence.
//!
//! A sealed release is one file: a header in the clear (what it is, who made it, on which terms) and a payload that only
//! the licence key opens: a message and its attachments. This crate reads and writes every form of it that exists,
//! byte for byte as the files of the original implementation are (`spec/SMSG.md`):
//!
//! ```text
//!     0  "SMSG"
//!     4  u8      2
//!     5  u32 BE  header length N, at most 16 MiB
//!     9  header  JSON, in the clear, not authenticated
//!   9+N  payload, to the end of the file
//! ```
//!
//! | format | payload | memory to open |
//! |---|---|---|
//! | v1 | one box: JSON with base64 attachments | about twice the file |
//! | v2 | one box: JSON, then the attachments; usually compressed | the file, plus the compression window |
//! | v3 | two boxes: compressed JSON; attachments. The key is wrapped for two periods | the file |
//! | v3 chunked | a box per chunk, found by an index in the header | the index, and chunks of 24 MiB together |
//!
//! [`open::open_two_pass`] opens v2 and v3 in a few MiB, plus the compression window.
//!
//! **Nothing is released before it is authenticated.** A box is one unit of authentication, so a v1, v2 or v3 file is
//! held until its last byte has been checked; of a chunked file a chunk is. What the formats themselves do not authenticate
//! (the header, the order of chunks) is named in [`header::warnings`].
//!
//! The crate is pure: bytes and time go in, bytes and decisions come out. Where it says *reader* or *writer* it means
//! [`std::io::Read`] and [`std::io::Write`] that the caller brings; randomness is a [`rand_core::CryptoRng`] that the caller
//! brings; *now* is a [`UnixTime`] that the caller brings. It builds for wasm32, with `default-features = false`: of the
//! features, `zstd-encoder` is C and `threads` needs what wasm32 does not have. Without `zstd-encoder` and `gzip-encoder` every
//! file opens all the same, but they are not written: v2 refuses them, and the message of plain v3 is sealed as it is.
//!
//! | module | subject |
//! |---|---|
//! | [`text`] | binary or base64 text, and the double-encoded mistake |
//! | [`container`] | magic, version, header length; from a prefix of the file |
//! | [`header`] | the clear JSON: parsing, refusing, writing byte-compatibly, warning |
//! | [`manifest`], [`message`] | what a release says in the clear, and sealed |
//! | [`crypto`] | keys, the key stream, the sealed box |
//! | [`keys`] | from a licence to keys: passwords, LTHN, periods, wrapped keys; licence key texts |
//! | [`payload`] | the plaintext forms of v1, v2, v3 and their compression |
//! | [`open`], [`seal`] | whole files: reader to sink, sources to writer |
//! | [`chunked`] | v3 chunks by index, for players that fetch ranges |
//! | [`abr`] | manifests of several bit rates, choice of variant, bandwidth estimate |
//! | [`embed`] | a sealed file inside HTML or JSON |
//! | [`limits`] | every bound, named |
//! | [`v3`] | version 3.0: one ciphertext, any number of keys |

pub mod abr;
pub mod chunked;
pub mod container;
pub mod crypto;
pub mod embed;
pub mod error;
pub mod header;
pub mod keys;
pub mod limits;
pub mod manifest;
pub mod message;
pub mod open;
pub mod payload;
mod pipeline;
pub mod seal;
pub mod text;
#[cfg(feature = "threads")]
mod threads;
pub mod time;
pub mod v3;

pub use container::Prefix;
pub use error::{ContainerError, OpenError, SealError};
pub use header::{Format, Header};
pub use limits::Limits;
pub use manifest::Manifest;
pub use message::{Attachment, Message};
pub use time::UnixTime;
