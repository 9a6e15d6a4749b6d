//! The peer wire protocol as bytes, both ways.
//!
//! | module | subject |
//! |---|---|
//! | [`handshake`] | the first 68 bytes (BEP 3, reserved bits of BEP 6 and 10) |
//! | [`message`] | messages and their frames (BEP 3, 6) |
//! | [`decode`] | a byte stream cut into messages |
//! | [`extension`] | the payloads of extended messages (BEP 9, 10, 11) |

pub mod decode;
pub mod extension;
pub mod handshake;
pub mod message;

pub use decode::{Decoder, WireError};
pub use handshake::Handshake;
pub use message::Message;
