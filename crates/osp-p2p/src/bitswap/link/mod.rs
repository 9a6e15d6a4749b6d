//! One connection as Bitswap sees it.
//!
//! ```text
//!   libp2p connection task            tokio tasks of this connection          service
//!  ┌──────────────────────┐  stream  ┌───────────────────────────────┐ LinkEvent
//!  │ Handler   inbound ───┼─────────▶│ reader (one for each stream)  ├──────────────▶
//!  │           outbound ──┼─────────▶│ writer (one)                  │◀──────────────
//!  └──────────────────────┘◀─ask ────┴───────────────────────────────┘   Message
//! ```
//!
//! Reading, hashing and writing happen in tasks of their own, so that libp2p's task is left with encryption and
//! multiplexing. All of them end with the connection.

pub(crate) mod behaviour;
mod handler;
mod reader;
mod upgrade;
mod writer;

use super::{
    limits::{MAX_MESSAGE, MAX_UNASKED_MESSAGE},
    wire::{Allowance, Message, Version},
};
use libp2p::{PeerId, Stream};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Tells the connections of one peer apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LinkId(pub(crate) u64);

/// What happens on connections.
#[derive(Debug)]
pub(crate) enum LinkEvent {
    /// A connection is there.
    Opened { peer: PeerId, link: Link },
    /// It is gone; no more events come of it but those already under way.
    Closed { peer: PeerId, link: LinkId },
    /// A message came. The permit stands for its memory.
    Received { peer: PeerId, message: Message, _room: OwnedSemaphorePermit },
    /// One message, in the order they were handed over, was written, or could not be.
    Sent { peer: PeerId, link: LinkId, result: Result<(), SendError> },
    /// The peer broke the protocol.
    Fault { peer: PeerId, reason: String },
}

/// Why a message was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendError {
    /// The peer does not speak Bitswap.
    Unsupported,
    /// The stream or the connection broke, or the peer does not read.
    Broken,
}

/// An open stream with the version negotiated for it.
type VersionedStream = (Stream, Version);

/// The service's end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) id: LinkId,
    /// Messages to write. Each is answered by [`LinkEvent::Sent`].
    pub(crate) outgoing: mpsc::Sender<Message>,
    pub(crate) shared: Arc<Shared>,
}

/// What both ends of a connection know.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Something was asked of the peer since the connection was opened: it may send blocks.
    asked: AtomicBool,
    /// A session counts on the peer: the connection stays when nothing moves.
    needed: AtomicBool,
    /// A message waits for the upload cap.
    held_back: AtomicBool,
    /// Memory of messages of a peer that was asked, and of one that was not.
    room: Arc<Semaphore>,
    unasked_room: Arc<Semaphore>,
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asked: AtomicBool::new(false),
            needed: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
            room: Arc::new(Semaphore::new(MAX_MESSAGE)),
            unasked_room: Arc::new(Semaphore::new(MAX_UNASKED_MESSAGE)),
        })
    }

    pub(crate) fn set_asked(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    pub(crate) fn set_needed(&self, needed: bool) {
        self.needed.store(needed, Ordering::Relaxed);
    }

    fn needed(&self) -> bool {
        self.needed.load(Ordering::Relaxed)
    }

    fn set_held_back(&self, held_back: bool) {
        self.held_back.store(held_back, Ordering::Relaxed);
    }

    fn held_back(&self) -> bool {
        self.held_back.load(Ordering::Relaxed)
    }

    fn allowance(&self) -> Allowance {
        if self.asked.load(Ordering::Relaxed) {
            Allowance { max: MAX_MESSAGE, room: self.room.clone() }
        } else {
            Allowance { max: MAX_UNASKED_MESSAGE, room: self.unasked_room.clone() }
        }
    }
}

/// Where a connection's events go: those of its life at once, those of its traffic as the service keeps up.
#[derive(Clone)]
pub(crate) struct Events {
    /// Opened, closed, faults: few, and bounded by the host's connection limits.
    pub(crate) life: mpsc::UnboundedSender<LinkEvent>,
    /// The rest; who writes here waits.
    pub(crate) traffic: mpsc::Sender<LinkEvent>,
}
