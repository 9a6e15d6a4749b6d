//! Reads one stream of a peer: messages until it ends.

use super::{Events, LinkEvent, Shared};
use crate::bitswap::wire::{Message, read_message_bytes};
use futures_util::AsyncRead;
use libp2p::PeerId;
use std::{io::ErrorKind, sync::Arc};

/// Reads messages until the stream ends, breaks, or the peer breaks the protocol.
pub(super) async fn read<S: AsyncRead + Unpin>(
    peer: PeerId,
    mut stream: S,
    shared: Arc<Shared>,
    events: Events,
) {
    let fault = |reason: String| {
        let _ = events.life.send(LinkEvent::Fault { peer, reason });
    };
    loop {
        let (bytes, room) = match read_message_bytes(&mut stream, || shared.allowance()).await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(error) if error.kind() == ErrorKind::InvalidData => return fault(error.to_string()),
            // A broken or slow stream costs the peer its message, no more.
            Err(_) => return,
        };
        let message = match Message::decode(bytes) {
            Ok(message) => message,
            Err(error) => return fault(format!("it sent what is no Bitswap message: {error}")),
        };
        if events.traffic.send(LinkEvent::Received { peer, message, _room: room }).await.is_err() {
            return;
        }
    }
}
