//! Every bound of Bitswap.

use std::time::Duration;

/// Largest message that is read, in bytes. js-ipfs refuses larger ones too.
pub const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// Largest message of a peer that was asked for nothing, in bytes: room for 10,000 wants.
pub const MAX_UNASKED_MESSAGE: usize = 512 * 1024;

/// Largest block, in bytes of data.
pub const MAX_BLOCK: usize = osp_core::unixfs::MAX_BLOCK_BYTES;

/// A message of ours is closed before its blocks pass this many bytes, unless it holds a single block.
pub const SEND_TARGET: usize = 1024 * 1024;

/// Most wants, presences or blocks of one message. What is legal and larger does not fit [`MAX_MESSAGE`] by much,
/// and an empty entry of two bytes must not become a hundred in memory.
pub const MAX_ITEMS: usize = 16 * 1024;

/// Wants kept for one peer; later ones are not heard until it is shorter.
pub const MAX_WANTS: usize = 1024;

/// Blocks being loaded or sent for one peer, in bytes.
pub const PEER_BUDGET: usize = 8 * 1024 * 1024;

/// Blocks being loaded or sent for all peers, in bytes.
pub const TOTAL_BUDGET: usize = 64 * 1024 * 1024;

/// Answers without data (presences) queued for one peer; beyond, its wants wait.
pub const MAX_PRESENCES: usize = 4096;

/// A message has this long from its first byte to its last, either way.
pub const MESSAGE_TIME: Duration = Duration::from_secs(10);

/// Streams a peer may have open towards us on one connection.
pub const MAX_INBOUND_STREAMS: usize = 128;

/// Blocks in flight in one session.
pub const SESSION_WINDOW: usize = 32;

/// Blocks in flight from one peer.
pub const PEER_WINDOW: usize = 16;

/// Peers asked whether they have a block that is being asked of another.
pub const PROBES: usize = 3;

/// Wants waiting in one session; more are an error of the caller.
pub const MAX_SESSION_QUEUE: usize = 1 << 20;

/// A peer from which something is due and nothing came for this long has stalled.
pub const STALL: Duration = Duration::from_secs(10);

/// Stalls after which a peer is asked only when nobody else is left.
pub const MAX_STALLS: u32 = 2;
