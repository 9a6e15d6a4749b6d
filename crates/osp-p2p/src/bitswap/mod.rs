//! Bitswap: blocks asked of peers and given to them (`/ipfs/bitswap/1.2.0`, and the older 1.1.0 and 1.0.0).
//!
//! # Protocol
//!
//! A peer opens a stream and writes messages on it, each after its length as an unsigned varint. Nothing is
//! written in the other direction of a stream: the answer comes on a stream that the other side opens. A message
//! is protocol buffers (proto3):
//!
//! ```text
//!  Message          1 wantlist        Wantlist
//!                   2 blocks          bytes, repeated         1.0.0 only: data, the CID is a CIDv0 of it
//!                   3 payload         Block, repeated         1.1.0 on
//!                   4 blockPresences  BlockPresence, repeated 1.2.0 on
//!                   5 pendingBytes    int32                   what the sender still has queued for the receiver
//!  Wantlist         1 entries         Entry, repeated
//!                   2 full            bool                    the list replaces what was wanted before
//!  Entry            1 block           bytes                   a binary CID
//!                   2 priority        int32
//!                   3 cancel          bool                    no longer wanted
//!                   4 wantType        0 Block, 1 Have         1.2.0 on
//!                   5 sendDontHave    bool                    1.2.0 on: answer even if it is not here
//!  Block            1 prefix          bytes                   CID version, codec, hash code, hash length (varints)
//!                   2 data            bytes
//!  BlockPresence    1 cid             bytes
//!                   2 type            0 Have, 1 DontHave
//! ```
//!
//! A want of type Have is answered by a presence, one of type Block by the block. Who does not have it says so if
//! asked to, else is silent and may send it later. The block carries no CID but the prefix from which the receiver
//! computes it: a false block shows as one that nobody asked for.
//!
//! # Bounds
//!
//! [`limits`] has all of them. Beyond the specification: a message is at most 4 MiB, since Helia refuses larger
//! ones, and ours stay under 2 MiB; a peer that was asked for nothing may send 512 KiB, enough for any wantlist.
//!
//! # Parts
//!
//! | module | subject |
//! |---|---|
//! | `wire` | bytes of a message, framing on a stream |
//! | `server` | who wants what of us, whose turn it is (pure) |
//! | `client` | what we want of whom, who gets another try (pure), and [`Session`] |
//! | `link` | libp2p's handler and the tasks that read and write the streams of one connection |
//! | `service` | the task that joins them |

pub mod limits;
pub mod wire;

#[cfg(feature = "host")]
mod blocks;
#[cfg(feature = "host")]
pub(crate) mod client;
#[cfg(feature = "host")]
mod link;
#[cfg(feature = "host")]
mod server;
#[cfg(feature = "host")]
mod service;
#[cfg(feature = "host")]
mod uploads;

#[cfg(feature = "host")]
pub use self::{
    blocks::Blocks,
    client::{BlockError, Fetched, Session},
    uploads::Uploads,
};
#[cfg(feature = "host")]
pub(crate) use self::{
    link::behaviour::Behaviour,
    service::{Command, Service},
};

/// What tells blocks apart: the hash alone. Peers write one block's CID in either version.
#[cfg(feature = "host")]
pub(crate) type Key = cid::multihash::Multihash<64>;
