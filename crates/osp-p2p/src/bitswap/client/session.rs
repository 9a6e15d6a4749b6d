//! A session: blocks asked of certain peers.

use super::{engine::SessionId, error::BlockError};
use crate::bitswap::{Command, limits::SESSION_WINDOW};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use libp2p::PeerId;
use osp_core::{Cid, content::digest_of};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// A block and who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The bytes, which hash to the CID asked for.
    pub data: Bytes,
    /// The sender.
    pub from: PeerId,
}

/// What a waiting caller gets.
pub(crate) type Answer = Result<Fetched, BlockError>;

/// What sessions ask of the service.
#[derive(Debug)]
pub(crate) enum SessionCommand {
    Open {
        session: SessionId,
        peers: Vec<PeerId>,
    },
    AddPeer {
        session: SessionId,
        peer: PeerId,
    },
    Want {
        session: SessionId,
        cid: Cid,
        answer: oneshot::Sender<Answer>,
    },
    /// A waiting caller went away.
    Unwant {
        session: SessionId,
        cid: Cid,
    },
    Close {
        session: SessionId,
    },
}

/// Blocks asked of certain peers, while it lives. Cheap to clone; the last clone ends it.
///
/// Every block is verified by its hash. A peer that does not have it, stalls or leaves is followed by the next one;
/// one that sends a false block is dropped.
#[derive(Clone, Debug)]
pub struct Session {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    id: SessionId,
    commands: mpsc::UnboundedSender<Command>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let _ = self.commands.send(SessionCommand::Close { session: self.id }.into());
    }
}

impl Session {
    pub(crate) fn open(id: SessionId, peers: Vec<PeerId>, commands: mpsc::UnboundedSender<Command>) -> Self {
        let _ = commands.send(SessionCommand::Open { session: id, peers }.into());
        Self { inner: Arc::new(Inner { id, commands }) }
    }

    /// From now on this peer, which must be connected, is asked too.
    pub fn add_peer(&self, peer: PeerId) {
        let _ = self.inner.commands.send(SessionCommand::AddPeer { session: self.inner.id, peer }.into());
    }

    /// One block. Dropping the future takes the want back.
    ///
    /// # Errors
    /// [`BlockError`].
    pub async fn block(&self, cid: Cid) -> Result<Bytes, BlockError> {
        self.fetch(cid).await.map(|fetched| fetched.data)
    }

    /// One block, and who sent it. Dropping the future takes the want back.
    ///
    /// # Errors
    /// [`BlockError`].
    pub async fn fetch(&self, cid: Cid) -> Result<Fetched, BlockError> {
        if digest_of(&cid).is_none() {
            return Err(BlockError::Unsupported(cid));
        }
        let (answer, answered) = oneshot::channel();
        let mut waiting = Waiting { session: self, cid, answered, done: false };
        let want = SessionCommand::Want { session: self.inner.id, cid, answer };
        self.inner.commands.send(want.into()).map_err(|_| BlockError::Shutdown)?;
        let result = (&mut waiting.answered).await;
        waiting.done = true;
        result.map_err(|_| BlockError::Shutdown)?
    }

    /// Many blocks, as they come, each under its CID: in no order, each once for each time it is in `cids`. A
    /// window of them is asked for at a time, and no more while the stream is not read: memory stays bounded.
    pub fn blocks(
        &self,
        cids: Vec<Cid>,
    ) -> impl Stream<Item = (Cid, Result<Fetched, BlockError>)> + Send + use<> {
        let session = self.clone();
        stream::iter(cids)
            .map(move |cid| {
                let session = session.clone();
                async move { (cid, session.fetch(cid).await) }
            })
            .buffer_unordered(SESSION_WINDOW)
    }
}

/// Takes the want back when the caller goes away.
struct Waiting<'a> {
    session: &'a Session,
    cid: Cid,
    answered: oneshot::Receiver<Answer>,
    done: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.answered.close();
            let inner = &self.session.inner;
            let _ = inner.commands.send(SessionCommand::Unwant { session: inner.id, cid: self.cid }.into());
        }
    }
}
