//! Asking: what is wanted of whom. [`engine`](Engine) decides without I/O; [`Session`] is what callers hold.
//!
//! A block is asked of one peer, the one with the least to do among those that have it or may; up to
//! [`PROBES`](super::limits::PROBES) others are asked whether they have it, so that the next is known when the first
//! says no, stalls or goes. When nobody is left, the want fails. A peer that sends a block it was not asked for,
//! which is how a false block shows, is dropped.

mod engine;
mod error;
mod peer;
mod session;

#[cfg(test)]
mod tests;

pub(crate) use engine::{Action, Engine, SessionId};
pub use error::BlockError;
pub(crate) use session::{Answer, SessionCommand};
pub use session::{Fetched, Session};
