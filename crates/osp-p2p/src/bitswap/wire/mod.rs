//! The bytes of Bitswap: protocol buffers, messages, and their framing on a stream.

#[cfg(feature = "host")]
mod framing;
mod message;

#[cfg(all(test, feature = "host"))]
mod tests;

pub use crate::protobuf::ProtobufError;
#[cfg(feature = "host")]
pub(crate) use framing::{Allowance, read_message_bytes, write_message};
pub use message::{Block, Entry, Message, Presence, Version, WantType, WireError};
