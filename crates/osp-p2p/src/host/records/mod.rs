//! The stream of `/osp/records/0.1.0`: one request, one answer, each after its length as an unsigned varint. What they
//! say is `osp-discovery`'s; here are their bounds.
//!
//! | bound | |
//! |---|---|
//! | request, answer | [`MAX_REQUEST`], [`MAX_ANSWER`] |
//! | to read a request, to write an answer | [`MESSAGE_TIME`] each |
//! | to make an answer | [`ANSWER_TIME`] |
//! | answers being made or written, of one peer and of all | [`MAX_OF_PEER`], [`MAX_AT_ONCE`] |
//!
//! A request beyond the last bound is answered with [`RecordsServer::busy`], or its stream is reset if there is no such
//! answer.

mod client;
mod server;

pub use client::RecordsError;
pub(super) use client::ask;
pub(super) use server::serve;

use async_trait::async_trait;
use bytes::Bytes;
use libp2p::{PeerId, StreamProtocol};
use std::time::Duration;

/// The protocol's name.
pub(super) const PROTOCOL: StreamProtocol = StreamProtocol::new("/osp/records/0.1.0");

/// Longest request, without its length.
pub const MAX_REQUEST: usize = 4 * 1024;

/// Longest answer, without its length.
pub const MAX_ANSWER: usize = 256 * 1024;

/// A message has this long from its first byte to its last.
pub const MESSAGE_TIME: Duration = Duration::from_secs(10);

/// An answer has this long to be made.
pub const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Answers being made or written for one peer.
pub const MAX_OF_PEER: usize = 4;

/// Answers being made or written in all: 16 MiB of them.
pub const MAX_AT_ONCE: usize = 64;

/// Who answers requests for records.
#[async_trait]
pub trait RecordsServer: Send + Sync {
    /// The answer to a request, of at most [`MAX_ANSWER`] bytes. `None` resets the stream.
    async fn answer(&self, peer: PeerId, request: Bytes) -> Option<Bytes>;

    /// What is said when too much is being asked at this moment.
    fn busy(&self) -> Option<Bytes> {
        None
    }
}
