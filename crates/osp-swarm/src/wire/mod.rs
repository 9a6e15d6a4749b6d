//! The peer wire protocol as bytes, both ways: enough to write another implementation from.
//!
//! | module | subject |
//! |---|---|
//! | [`handshake`] | the first 68 bytes (BEP 3, reserved bits of BEP 6 and 10) |
//! | [`message`] | messages and their frames (BEP 3, 5, 6, 10) |
//! | [`decode`] | a byte stream cut into messages |
//! | [`extension`] | the payloads of extended messages (BEP 9, 10, 11, 21) |
//! | `mse` | what a connection may be wrapped in (feature `mse`) |
//!
//! Two peers share a reliable stream of bytes: a TCP or uTP connection, or the messages of an ordered WebRTC data
//! channel one after the other (their borders mean nothing). All numbers are big-endian. The stream may be wrapped in `mse`; nothing else here is
//! encrypted.
//!
//! # Handshake
//!
//! Each side sends this first; who was called may wait for the caller's, to learn which torrent is meant. Another
//! protocol or another infohash than the one meant ends the connection.
//!
//! ```text
//!   0    1                     20                  28               48              68
//!  +----+---------------------+-------------------+----------------+---------------+
//!  | 13 | BitTorrent protocol |  reserved (8)     | infohash (20)  | peer id (20)  |
//!  +----+---------------------+-------------------+----------------+---------------+
//!  = 19, the length                  byte 5  0x10  extension protocol (BEP 10)
//!    of the name                     byte 7  0x04  Fast extension (BEP 6)
//!                                    byte 7  0x01  DHT (BEP 5); we don't set it
//! ```
//!
//! An extension is in use when both sides set its bit. Bits that we don't know are passed over.
//!
//! # Messages
//!
//! ```text
//!   0            4      5
//!  +------------+------+----------------------+
//!  | length (4) | type |  body (length - 1)   |        length 0: keep-alive, without type and body
//!  +------------+------+----------------------+
//! ```
//!
//! | type | name | body | says |
//! |---|---|---|---|
//! | 0 | choke | | your requests are not answered; without Fast those open are forgotten |
//! | 1 | unchoke | | you may ask |
//! | 2 | interested | | you have what I want |
//! | 3 | not interested | | you don't |
//! | 4 | have | piece (4) | I have this piece now |
//! | 5 | bitfield | one bit a piece, the first in the highest bit of the first byte; spare bits 0 | what I have |
//! | 6 | request | piece (4), begin (4), length (4) | give me these bytes of the piece |
//! | 7 | piece | piece (4), begin (4), data | here they are |
//! | 8 | cancel | as in 6 | I don't need them any more |
//! | 9 | port | port (2) | where my DHT node listens (BEP 5) |
//! | 13 | suggest | piece (4) | this piece is cheap for me (Fast) |
//! | 14 | have all | | instead of a bitfield (Fast) |
//! | 15 | have none | | instead of a bitfield (Fast) |
//! | 16 | reject | as in 6 | this request gets no answer (Fast) |
//! | 17 | allowed fast | piece (4) | you may ask for this one although choked (Fast) |
//! | 20 | extended | id (1), payload | see below |
//!
//! - Both sides start choked and not interested.
//! - A bitfield may only be the first message, extended ones aside. With Fast exactly one of 5, 14 and 15 must be it;
//!   without Fast a side that has nothing may leave it out.
//! - A request asks for a block, 16 KiB ([`crate::ids::BLOCK_BYTES`]), the last of a piece may be shorter. Up to
//!   [`crate::ids::MAX_REQUEST_BYTES`] are answered.
//! - With Fast every request gets exactly one answer, 7 or 16, also after a choke and a cancel. Without it a request is
//!   forgotten in silence.
//! - A type that is not in the table is passed over. A body of another length than the table says ends the connection,
//!   and so does a frame beyond these bounds, which is refused before it has come:
//!
//! | frame | at most |
//! |---|---|
//! | bitfield | [`decode::MAX_BITFIELD_BYTES`]: as many pieces as a torrent may have |
//! | piece | 8 + [`crate::ids::MAX_REQUEST_BYTES`] |
//! | extended | 1 + [`decode::MAX_EXTENDED_BYTES`] |
//! | unknown types | [`decode::MAX_FRAME_BYTES`], of which nothing is kept |
//!
//! # Extended messages (BEP 10)
//!
//! ```text
//!   0            4    5    6
//!  +------------+----+----+--------------------------------+
//!  | length (4) | 14 | id |  bencoded dictionary ( bytes ) |
//!  +------------+----+----+--------------------------------+
//!    = 2 + payload  =20
//! ```
//!
//! Id 0 is the extended handshake. It is sent right after the handshake, and may come again when something changes:
//!
//! ```text
//!  d 1:m   d 11:ut_metadata i<id>e  6:ut_pex i<id>e e     the ids under which the SENDER wants them; 0: not at all
//!    13:metadata_size i<bytes of the info dictionary>e
//!    1:p   i<TCP port>e          4:reqq i<requests that may wait>e
//!    11:upload_only i1e          (BEP 21)
//!    1:v   <program>             6:yourip <4 or 16 bytes: your address as I see it> e
//! ```
//!
//! Every member may be absent. All other messages carry the id that their *receiver* gave them.
//!
//! **ut_metadata** (BEP 9) moves the info dictionary to who has only the infohash, in parts of 16 KiB, the last one
//! shorter. The data stands after the dictionary, outside of it. The whole is believed when its SHA-1 is the infohash.
//!
//! ```text
//!  d 8:msg_type i0e 5:piece i<part>e e                                          request
//!  d 8:msg_type i1e 5:piece i<part>e 10:total_size i<bytes>e e <the part>       data
//!  d 8:msg_type i2e 5:piece i<part>e e                                          reject
//! ```
//!
//! **ut_pex** (BEP 11) tells of peers met and lost since the last such message, at most one message a minute
//! (webtorrent closes the connection on a second one within 60 seconds). An address is 4 or 16 bytes of IP and 2 of
//! port; `.f` lists hold a byte of flags for each. What nobody else can call (loopback, unspecified, multicast,
//! broadcast, port 0) is neither sent nor believed.
//!
//! ```text
//!  d 5:added <6 bytes each> 7:added.f <1 each> 6:added6 <18 each> 8:added6.f <1 each>
//!    7:dropped <6 each> 8:dropped6 <18 each> e
//! ```
//!
//! # A connection, in order
//!
//! ```text
//!   caller                                               called
//!   handshake ------------------------------------------>
//!             <------------------------------------------ handshake
//!   extended handshake ------>     <--------------------- extended handshake
//!   have none --------------->     <--------------------- bitfield
//!   ut_metadata request 0 --->     <--------------------- ut_metadata data 0        (who has no info yet)
//!   interested -------------->     <--------------------- unchoke
//!   request, request, ... --->     <--------------------- piece, piece, ...
//!   have -------------------->
//! ```
//!
//! webtorrent never asks for anything when `unchoke` reaches it before it has sent its own first ordinary message, so
//! after the handshakes we send only extended messages until the other side has said one.

pub mod decode;
pub mod extension;
pub mod handshake;
pub mod message;
#[cfg(feature = "mse")]
pub mod mse;

pub use decode::{Decoder, WireError};
pub use handshake::Handshake;
pub use message::Message;
