//! What waits to be sent to each WebSocket, within a budget for all of them.

use super::limits::{MAX_WAITING, MAX_WAITING_BYTES};
use osp_tracker::{registry::WsConn, ws::Reply};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// A message and its part of the budget.
pub(super) struct Waiting {
    pub(super) text: String,
    _bytes: OwnedSemaphorePermit,
}

/// The ways to all connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Outboxes {
    open: Arc<Mutex<HashMap<WsConn, mpsc::Sender<Waiting>>>>,
    bytes: Arc<Semaphore>,
}

/// One connection's end. Dropping it closes the way.
pub(super) struct Outbox {
    conn: WsConn,
    all: Arc<Mutex<HashMap<WsConn, mpsc::Sender<Waiting>>>>,
    pub(super) waiting: mpsc::Receiver<Waiting>,
}

impl Default for Outboxes {
    fn default() -> Self {
        Self { open: Arc::default(), bytes: Arc::new(Semaphore::new(MAX_WAITING_BYTES)) }
    }
}

impl Outboxes {
    pub(super) fn open(&self, conn: WsConn) -> Outbox {
        let (sender, waiting) = mpsc::channel(MAX_WAITING);
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(conn, sender);
        Outbox { conn, all: Arc::clone(&self.open), waiting }
    }

    /// Puts a message into a connection's box. It is lost when the connection is gone, or a budget is used up.
    pub(super) fn send(&self, conn: WsConn, message: &Reply) {
        let way = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&conn).cloned();
        let Some(way) = way else { return };
        let text = message.to_json();
        let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
        if let Ok(bytes) = Arc::clone(&self.bytes).try_acquire_many_owned(len) {
            let _ = way.try_send(Waiting { text, _bytes: bytes });
        }
    }
}

impl Drop for Outbox {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.conn);
    }
}
