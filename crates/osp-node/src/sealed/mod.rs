//! Sealed releases on disk: files into an SMSG file, an SMSG file into files, and what one says without a key.
//!
//! The format is the crate `smsg`; here are the files around it: which media type an attachment has, under which name it
//! comes out again, and that nothing appears before all of it was found sound.
//!
//! ```text
//!  seal     files ── media types ── smsg::seal ── .osp-XXXX ── fsync ── rename ── X.smsg
//!  unseal   X.smsg ── smsg::open ──► message: names made safe, existing files refused
//!                                ──► contents ── .osp-XXXX each ── all sound? ── rename all
//! ```
//!
//! No home is opened: whoever gets a file can open it, on any machine. (An artist who seals a release of version 3.0 signs it, and
//! brings the key.)
//!
//! [`release`] is version 3.0, which `osp seal` writes; the modules beside it are the older formats. [`AnyFile`] finds out which.

mod any;
mod error;
mod extract;
mod file;
mod input;
pub mod inspect;
mod media_type;
pub mod release;
mod seal;
pub mod signing;
pub mod web;

pub use any::AnyFile;
pub use error::{InspectError, SealFileError, UnsealError};
pub use extract::{Placed, Unsealed};
pub use file::{SealedFile, UnsealOptions};
pub use inspect::Inspection;
pub(crate) use seal::cid as content_id;
pub use seal::{SealRequest, Sealed, seal_file, seal_to};

/// Whoever waits for a long operation.
pub trait Watch {
    /// `done` of `total` bytes are through.
    fn progress(&self, done: u64, total: u64);
    /// Whether to stop now and leave nothing.
    fn stopped(&self) -> bool;
}

/// Nobody waits.
impl Watch for () {
    fn progress(&self, _: u64, _: u64) {}
    fn stopped(&self) -> bool {
        false
    }
}

/// The system's random numbers, for keys and nonces.
#[must_use]
pub fn rng() -> impl getrandom::rand_core::CryptoRng {
    getrandom::rand_core::UnwrapErr(getrandom::SysRng)
}

/// What an interrupted operation's reader or sink answers.
fn interrupted() -> std::io::Error {
    std::io::Error::other("stopped")
}
