//! Reaching peers: byte streams to them of any kind, and the ways to learn where they are.
//!
//! ```text
//!  who?   tracker (HTTP, UDP, WebSocket) · local discovery (BEP 14) · mainline DHT (BEP 5) · peer exchange (engine)
//!           |  addresses                      |  offers and answers (WebSocket trackers)
//!           v                                 v
//!  how?   tcp · utp                        webrtc
//!     (perhaps in MSE)                 |
//!           \__________  PeerStream  ________/        an ordered byte stream, whatever carries it
//! ```
//!
//! Addresses that strangers gave are judged by [`osp_fetch::Policy`] before they are called, like every other
//! outgoing connection. No address is ever logged.

pub mod local;
#[cfg(feature = "mainline")]
pub mod mainline;
pub mod mse;
pub mod stream;
pub mod tcp;
pub mod tracker;
#[cfg(feature = "utp")]
pub mod utp;
#[cfg(feature = "webrtc")]
pub mod webrtc;

pub use stream::{PeerStream, ReadHalf, WriteHalf};
