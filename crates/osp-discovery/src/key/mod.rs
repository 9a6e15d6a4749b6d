//! Index keys: the words under which a record is found, and where each lies in the key space (spec section 13.1).
//!
//! ```text
//!  IndexKey   osp/0.1/title/hello, world                              UTF-8 text, at most 512 bytes
//!     │  SHA-256, as a multihash
//!     v
//!  DhtKey     +----+----+----------------------------+
//!             | 12 | 20 | SHA-256 of the text (32)   |                 what ADD_PROVIDER and GET_PROVIDERS carry
//!             +----+----+----------------------------+
//!     │  SHA-256 again, as Kademlia on libp2p does with every key
//!     v
//!  Point      32 bytes, a big-endian number: a place in the key space. A peer's point is SHA-256 of its peer id.
//! ```
//!
//! The distance of two points is their XOR. Points that share their first n bits are a [`Prefix`] of length n; the
//! *region* of a key is the longest prefix of its point that should hold at least twenty peers.

mod dht;
mod index;
mod point;
mod records;

pub use dht::{DhtKey, MAX_GROUND_BITS};
pub use index::{IndexKey, KeyError, KeyKind, MAX_KEY_BYTES};
pub use point::{Distance, Point, Prefix};
pub use records::{MAX_GENRES, keys_of};
