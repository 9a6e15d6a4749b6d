//! Messages of Kademlia as libp2p speaks it, here under the name `/osp/kad/0.1.0` (specification:
//! <https://github.com/libp2p/specs/blob/master/kad-dht/README.md>).
//!
//! # Protocol
//!
//! Who asks opens a stream and writes messages, each after its length as an unsigned varint; each but ADD_PROVIDER is
//! answered on the same stream. A message is protocol buffers:
//!
//! ```text
//!  Message   1  type           0 PUT_VALUE  1 GET_VALUE  2 ADD_PROVIDER  3 GET_PROVIDERS  4 FIND_NODE  5 PING
//!            2  key            bytes; peers near SHA-256(key) are meant
//!            3  record         Record                     values: not kept by us
//!            8  closerPeers    Peer, repeated             in answers
//!            9  providerPeers  Peer, repeated             in answers to GET_PROVIDERS, and in ADD_PROVIDER
//!           10  clusterLevel   not used
//!  Peer      1  id             bytes of the peer id
//!            2  addrs          bytes, repeated            binary multiaddrs
//!            3  connection     0 none  1 connected  2 can connect  3 cannot
//! ```
//!
//! A key of ours is the 34 bytes `12 20` and SHA-256 of an index key's text, so that its multihash form says what it is.
//!
//! # Bounds
//!
//! A message has at most [`MAX_MESSAGE`] bytes. What is beyond [`MAX_PEERS`] in a list or [`MAX_ADDRESSES`] of a peer is
//! passed over: an empty peer is two bytes on the wire and a hundred in memory.

mod wire;

pub use wire::{Connection, Kind, Message, Peer, WireError};

/// Largest message, in bytes without its length, as in other implementations.
pub const MAX_MESSAGE: usize = 16 * 1024;

/// Peers read of one list. Answers have 20.
pub const MAX_PEERS: usize = 64;

/// Addresses read of one peer.
pub const MAX_ADDRESSES: usize = 16;

/// Longest key that is read: a multihash of 64 bytes, a peer id, or a little more.
pub const MAX_KEY: usize = 128;

/// Name of the protocol as streams negotiate it.
pub const PROTOCOL_NAME: &str = "/osp/kad/0.1.0";
