//! Layer 0 of the OpenSound Protocol (spec/OSP-v0.1.md): who made a track, which bytes it is, and proof of both.
//!
//! Bytes and time go in, values and decisions come out: this crate does no I/O, reads no clock and keeps no
//! globals, so the same code runs in the node and, as WebAssembly, in the listener's browser.
//!
//! | module | subject | spec |
//! |---|---|---|
//! | [`did`] | `did:key`, `did:web`, DID documents | section 2 |
//! | [`key`] | Ed25519 keys and strict verification | section 2 |
//! | [`bencode`] | the encoding of torrents and peer messages | section 5 |
//! | [`content`] | CIDs and their parsing | section 3 |
//! | [`unixfs`] | files as Merkle DAGs | section 3 |
//! | [`torrent`] | the infohash that is a function of the bytes, magnets | section 5 |
//! | [`json`] | strict JSON and RFC 8785 canonical bytes | section 4 |
//! | [`record`] | Track Records, retractions, profiles, follows: parse, verify, sign | section 4 |
//! | [`text`] | normalised text for lookups | section 6 |
//! | [`reference`](mod@reference) | what a person types to name a track: REF | section 7 |
//! | [`media`] | media types and what HTTP serves for them | section 8 |

pub mod bencode;
pub mod content;
pub mod context;
pub mod did;
pub mod json;
pub mod key;
pub mod media;
pub mod record;
pub mod reference;
pub mod text;
pub mod torrent;
pub mod unixfs;

pub use content::Cid;
