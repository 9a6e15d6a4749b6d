//! WebSocket trackers: one JSON object a message, which also carries WebRTC offers and answers (what
//! `bittorrent-tracker` 11 from npm speaks; there is no BEP).
//!
//! Browsers cannot be called; two of them meet by passing session descriptions through the tracker:
//!
//! ```text
//!  A (wants peers)                     tracker                         B (in the swarm)
//!  announce, offers [o1, o2, …]  ───▶
//!          ◀── announce: complete, incomplete, interval
//!                                      offer o1 from A, to one B ───▶
//!                                                        ◀── announce, answer to o1, to_peer_id A
//!          ◀── answer to o1 from B
//!  ~ WebRTC from A to B, without the tracker ~
//! ```
//!
//! Infohashes, peer ids and offer ids are 20 bytes each, as strings of the characters U+0000 to U+00FF. Members that
//! are not known here are ignored. [`request`] is what goes to a tracker, [`reply`] what comes from it.

pub mod reply;
pub mod request;

pub use reply::Reply;
pub use request::Request;

use serde::{Deserialize, Serialize};

/// Longest message, in bytes: `bittorrent-tracker` sends 5 offers an announce, older ones 10; an offer of a browser
/// with many interfaces has about 10 KiB, and JSON adds a tenth.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// Longest session description, in bytes.
pub const MAX_SDP_BYTES: usize = 16 * 1024;
/// Most offers in one announce.
pub const MAX_OFFERS: usize = 10;
/// Most infohashes in one scrape.
pub const MAX_SCRAPE: usize = 100;

/// What an offer is called by the one who made it; answers repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OfferId(pub [u8; 20]);

/// An offer of a WebRTC connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name.
    pub id: OfferId,
    /// The session description.
    pub sdp: String,
}

/// Why a message cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WsError {
    /// Longer than [`MAX_MESSAGE_BYTES`].
    #[error("the message has {0} bytes; at most {MAX_MESSAGE_BYTES} are read")]
    TooLong(usize),
    /// Not such an object.
    #[error("not a tracker message: {0}")]
    Malformed(String),
    /// An `action` that is neither `announce` nor `scrape`.
    #[error("invalid action: announce and scrape are known")]
    Action,
    /// A member that the message needs.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// More offers than [`MAX_OFFERS`], or infohashes than [`MAX_SCRAPE`].
    #[error("too many {0}")]
    TooMany(&'static str),
    /// A session description of another type, or one longer than [`MAX_SDP_BYTES`].
    #[error("not a session description of type {0} with at most {MAX_SDP_BYTES} bytes")]
    Description(&'static str),
}

/// `{"type": …, "sdp": …}`, as browsers write session descriptions.
#[derive(Serialize, Deserialize)]
struct Description {
    #[serde(rename = "type")]
    kind: String,
    sdp: String,
}

impl Description {
    fn new(kind: &'static str, sdp: &str) -> Self {
        Self { kind: kind.to_owned(), sdp: sdp.to_owned() }
    }

    fn sdp(self, kind: &'static str) -> Result<String, WsError> {
        if self.kind == kind && !self.sdp.is_empty() && self.sdp.len() <= MAX_SDP_BYTES {
            Ok(self.sdp)
        } else {
            Err(WsError::Description(kind))
        }
    }
}

/// The object of a message, within the bound.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, WsError> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(WsError::TooLong(text.len()));
    }
    serde_json::from_str(text).map_err(|e| WsError::Malformed(e.to_string()))
}

/// What is written is made of strings and numbers, which JSON can hold.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("strings and numbers are JSON")
}
