//! `/osp/records/0.1.0`: asking a peer for records (spec section 13.5).
//!
//! One stream, one request, one answer. Both are frames:
//!
//! ```text
//!  +------------------+-------------------------------+
//!  | length (varint)  | JSON of that many bytes       |     request at most 4 KiB, answer at most 256 KiB
//!  +------------------+-------------------------------+
//! ```
//!
//! ```json
//! {"key":"osp/0.1/genre/drone","limit":20}                       records under a key
//! {"key":"osp/0.1/genre/drone","only":"ids","after":"c42"}       their ids alone, from where the last page ended
//! {"ids":["osp:track:bafk…","osp:track:bafk…"]}                  these records
//! {"feed":true,"after":"1731"}                                   what the peer has learned since
//!
//! {"records":[{"type":"osp:Track",…},…],"next":"c42"}            a page; `next` only when there is more
//! {"ids":["osp:track:bafk…",…]}                                  a page of ids
//! {"records":[],"refused":"busy"}                                not now
//! ```
//!
//! - A record stands in an answer as JSON, in any spelling; whoever asked verifies each (section 4) and that it is
//!   what was asked for. One that fails says nothing about the others of the page.
//! - In the place of a record that is superseded or withdrawn, an answer to `key` carries the record that supersedes it
//!   or the retraction.
//! - `limit` is a wish; a page has at most [`PAGE`] items and ends early where the frame would grow too long.
//! - Cursors (`after`, `next`) are the answerer's own, of at most [`MAX_CURSOR_BYTES`]; another peer's mean nothing.
//!   In a feed `next` is always there: it is where to go on asking later.
//! - Unknown members are passed over; doubled ones are an error.
//! - Ids save both sides bandwidth: of ten peers with the same hundred records nine need to name them only.

mod answer;
mod bounded;
mod frame;
mod request;

pub use answer::{Answer, AnswerBuilder, RefusalReason};
pub use frame::{Decoder, FrameError, encode};
pub use request::{Query, Request};

/// Name of the protocol as streams negotiate it.
pub const PROTOCOL: &str = "/osp/records/0.1.0";
/// Longest request, without its length.
pub const MAX_REQUEST_BYTES: usize = 4 * 1024;
/// Longest answer, without its length.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// Longest record inside an answer, as sent.
pub const MAX_RECORD_BYTES: usize = osp_core::record::MAX_RECORD_BYTES;
/// Most records or ids of one answer.
pub const PAGE: usize = 100;
/// Most ids of one request: as many as surely fit.
pub const MAX_IDS: usize = 40;
/// Longest id. (Those of today are at most 74 characters.)
pub const MAX_ID_BYTES: usize = 96;
/// Longest cursor.
pub const MAX_CURSOR_BYTES: usize = 128;

/// Why a message is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// Longer than its kind may be.
    #[error(
        "the message is {0} bytes long; a request has at most {MAX_REQUEST_BYTES}, an answer {MAX_ANSWER_BYTES}"
    )]
    TooLong(usize),
    /// Not JSON, or a member has the wrong type or is doubled.
    #[error("the message is not as the records protocol has it: {0}")]
    Json(String),
    /// None, or several, of `key`, `ids` and `feed`.
    #[error("a request has one of key, ids and feed")]
    NoQuery,
    /// The key is none.
    #[error("the request's key: {0}")]
    Key(#[from] crate::key::KeyError),
    /// A list, an id, a cursor or a record over its limit.
    #[error("{0} is over its limit")]
    OverLimit(&'static str),
}
