//! Sealed releases for JavaScript: the crate `smsg` behind a thin face.
//!
//! | JavaScript | does |
//! |---|---|
//! | `Prefix.parse(bytes)` | container and header from the beginning of a file, binary or base64 text |
//! | `.header()`, `.warnings(size)` | what the file says in the clear, as JSON in the wire's spelling |
//! | `.unwrap(...)`, `unwrapKeys(...)`, `Cek` | from a licence to the content key of a v3 file |
//! | `.chunks(size)`, `Head`, `openChunk(...)` | chunked files, chunk by chunk |
//! | `openFile(file, ...)`, `decodeFile(file, ...)` | whole files, in pieces in and out |
//! | `seal(...)` | writes every format, but not zstd |
//! | `checkKey`, `newKey` | the texts of licence keys |
//! | `ReleaseFront`, `Release`, `OpenRelease` | version 3.0: front, ways to open it, chunks |
//! | `Abr` | adaptive manifests and the bandwidth estimate |
//! | `extractEmbedded` | a file inside HTML or JSON |
//!
//! **What fails throws** an `Error` with a member `problem`, the error's class. After an error the module works on: nothing
//! here panics, and what JavaScript hands over is measured before memory is asked for (a failed allocation would abort).
//!
//! Structured values cross as JSON text: it is less code than building objects member by member, on both sides.

#[cfg(feature = "sealed")]
mod abr;
mod bytes;
#[cfg(feature = "sealed")]
mod chunks;
#[cfg(feature = "sealed")]
mod credential;
#[cfg(feature = "sealed")]
mod embed;
mod error;
#[cfg(feature = "sealed")]
mod file;
mod licence_key;
#[cfg(feature = "sealed")]
mod open;
#[cfg(feature = "sealed")]
mod prefix;
mod random;
#[cfg(feature = "release")]
mod release;
#[cfg(feature = "sealed")]
mod seal;

#[cfg(feature = "sealed")]
pub use abr::Abr;
#[cfg(feature = "sealed")]
pub use chunks::{Chunks, Head, open_chunk};
#[cfg(feature = "sealed")]
pub use credential::{Cek, Key, unwrap_keys};
#[cfg(feature = "sealed")]
pub use embed::extract_embedded;
#[cfg(feature = "sealed")]
pub use file::{JsFile, JsOut, JsSink};
pub use licence_key::{check_key, new_key};
#[cfg(feature = "sealed")]
pub use open::{decode_file, open_file};
#[cfg(feature = "sealed")]
pub use prefix::Prefix;
#[cfg(feature = "release")]
pub use release::{
    KeyLookup, OpenRelease, Release, ReleaseFront, TableBeside, artist_document, licence_of_link,
    trust_artist,
};
#[cfg(feature = "sealed")]
pub use seal::seal;
