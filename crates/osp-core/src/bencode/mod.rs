//! Bencode (BEP 3): the encoding of `.torrent` files, of tracker answers and of extended peer messages.
//!
//! ```text
//!  value   = integer / string / list / dict
//!  integer = "i" ["-"] digits "e"        canonical: no leading zero, no "-0"; 64 bits with a sign
//!  string  = digits ":" bytes            canonical: no leading zero; any bytes
//!  list    = "l" *value "e"
//!  dict    = "d" *(string value) "e"     keys ascending as bytes, each once
//! ```
//!
//! Reading takes no memory: one pass checks a whole value, nesting included, and a [`Value`] then is a view into
//! those bytes. Numbers and lengths are read strictly, so that a value has one spelling and what is hashed is what
//! was read; whether the keys have to be in order says [`KeyOrder`], because the messages of real peers sometimes
//! have them unsorted.
//!
//! ```
//! use osp_core::bencode::{self, KeyOrder};
//!
//! let message = b"d8:msg_typei1e5:piecei0ee...the part itself";
//! let (value, rest) = bencode::read_first(message, KeyOrder::Any)?;
//! assert_eq!(value.dict().and_then(|dict| dict.integer(b"piece")), Some(0));
//! assert_eq!(rest, b"...the part itself");
//! # Ok::<(), bencode::BencodeError>(())
//! ```

mod read;
mod value;
mod write;

pub use read::{BencodeError, KeyOrder, MAX_DEPTH, read, read_first};
pub use value::{Dict, List, Value};
pub use write::{DictWriter, ListWriter, dict, list};
