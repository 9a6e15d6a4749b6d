//! `osp-core` and `smsg` for the browser: the page checks records and bytes, and opens sealed releases, itself, with the code
//! the node runs.
//!
//! Only the outermost layer is here: JavaScript values in, JavaScript values out. What is decided is decided in
//! [`verdict`] and [`content`], which are plain Rust and are tested on the host.
//!
//! | JavaScript | does |
//! |---|---|
//! | `verifyRecord(bytes)` | judges one record as received |
//! | `new ContentHasher(cid)`, `.update(bytes)`, `.finish()` | the CID of fetched bytes, in the layout `cid` uses |
//! | `cidVersion(text)` | 0 or 1; `undefined` when the text is no CID |
//!
//! Text normalisation is left out: its Unicode tables would outweigh everything else, and lookups are the node's.
//!
//! Two modules are made of this crate: `records` and `release` (version 3.0) together, which share most of what they need, and
//! `sealed` (the older formats) alone, so that nobody loads what they do not need.
//!
//! These never throw, whatever they are given. [`smsg`] holds the face of sealed releases, whose functions throw.

#[cfg(feature = "records")]
pub mod content;
#[cfg(feature = "records")]
mod records;
#[cfg(any(feature = "sealed", feature = "release"))]
pub mod smsg;
#[cfg(feature = "records")]
pub mod verdict;

#[cfg(feature = "records")]
pub use records::{ContentHasher, JsVerdict, cid_version, verify_record};
