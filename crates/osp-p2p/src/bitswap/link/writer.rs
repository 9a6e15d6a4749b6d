//! Writes a connection's messages, one after the other, on one stream that is opened when needed.

use super::{Events, LinkEvent, LinkId, SendError, Shared, VersionedStream, handler::StreamRequest};
use crate::bitswap::{
    Uploads,
    wire::{Message, write_message},
};
use futures_util::AsyncWriteExt as _;
use libp2p::PeerId;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

/// An idle stream is closed after this: Helia resets one that brings nothing for 10 s, and a message written into
/// the reset would be lost.
const IDLE: Duration = Duration::from_secs(3);

/// What is due for blocks before they are written.
pub(super) struct Toll {
    pub(super) uploads: Arc<dyn Uploads>,
    pub(super) shared: Arc<Shared>,
}

impl Toll {
    /// Waits until the blocks of a message may be sent; the connection is kept meanwhile.
    async fn pay(&self, message: &Message) {
        self.shared.set_held_back(!message.blocks.is_empty());
        for block in &message.blocks {
            self.uploads.take(&block.cid, block.data.len()).await;
        }
        self.shared.set_held_back(false);
    }

    async fn sent(&self, message: &Message) {
        for block in &message.blocks {
            self.uploads.sent(&block.cid, block.data.len()).await;
        }
    }
}

/// Writes until the service or the connection goes.
pub(super) async fn write(
    peer: PeerId,
    link: LinkId,
    mut messages: mpsc::Receiver<Message>,
    ask: mpsc::Sender<StreamRequest>,
    events: Events,
    toll: Toll,
) {
    let mut open: Option<VersionedStream> = None;
    loop {
        let next = match open.as_mut() {
            None => messages.recv().await,
            Some((stream, _)) => match timeout(IDLE, messages.recv()).await {
                Ok(next) => next,
                Err(_) => {
                    let _ = timeout(IDLE, stream.close()).await;
                    open = None;
                    continue;
                }
            },
        };
        let Some(message) = next else { return };
        toll.pay(&message).await;
        let result = send(&message, &mut open, &ask).await;
        if result.is_ok() {
            toll.sent(&message).await;
        }
        if events.traffic.send(LinkEvent::Sent { peer, link, result }).await.is_err() {
            return;
        }
    }
}

/// Writes one message; on a stream that was open before, a failure is tried again on a new one.
async fn send(
    message: &Message,
    open: &mut Option<VersionedStream>,
    ask: &mpsc::Sender<StreamRequest>,
) -> Result<(), SendError> {
    loop {
        let fresh = open.is_none();
        let (stream, version) = match open {
            Some(open) => open,
            None => open.insert(request(ask).await?),
        };
        match write_message(stream, message, *version).await {
            Ok(()) => return Ok(()),
            Err(_) => *open = None,
        }
        if fresh {
            return Err(SendError::Broken);
        }
    }
}

async fn request(ask: &mpsc::Sender<StreamRequest>) -> Result<VersionedStream, SendError> {
    let (answer, answered) = oneshot::channel();
    ask.send(answer).await.map_err(|_| SendError::Broken)?;
    // The open stream also keeps the connection while something is being served.
    answered.await.map_err(|_| SendError::Broken)?
}
