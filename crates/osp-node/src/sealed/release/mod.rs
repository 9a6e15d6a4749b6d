//! SMSG 3.0 on disk: what `osp seal` writes and what a listener opens. The format is [`smsg::v3`]; here are media files, names,
//! clocks, and where licences lie.
//!
//! ```text
//!  seal     files ── media type, time line ── parts, segments, cuts ── signed header ── table ── .osp-XXXX ── fsync ── rename
//!  open     first 64 KiB ── header, table head ── a page, a passphrase, a licence beside the file, or what is open to all
//!  unseal   open ── every chunk verified ── parts, and what the licence opens of others ── rename all
//!  play     open ── a part or a cut as one virtual file ── chunk by chunk, as it is read
//! ```
//!
//! | module | subject |
//! |---|---|
//! | [`ranges`] | stretches as people write them |
//! | [`about`] | what the header says of a release |
//! | [`draft`] | from files and stretches to parts, segments, sets of chunks |
//! | [`seal`] | the file |
//! | [`mint`] | keys made in advance |
//! | [`open`] | from what a listener has to what it opens |
//! | [`pieces`] | what of a part opens: all of it, or a cut |
//! | [`unseal`] | files again |
//! | [`first_use`] | since when a period counts |
//! | [`tables_seen`] | the newest table of each file |
//! | [`inspect`] | what it says |
//! | [`reader`] | bytes as a player wants them |

pub mod about;
pub mod draft;
mod error;
mod first_use;
pub mod inspect;
pub mod mint;
pub mod open;
mod pieces;
pub mod ranges;
pub mod reader;
pub mod seal;
mod tables_seen;
pub mod unseal;

pub use error::{DraftError, ReleaseError};
pub use open::{Keyring, Opened};
pub use seal::{ReleaseRequest, SealedRelease, seal_release, seal_release_to};
pub use unseal::ReleaseFile;

/// A file's id as it stands in JSON: base64url without padding.
#[must_use]
pub fn id_text(id: smsg::v3::FileId) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&id.0)
}
