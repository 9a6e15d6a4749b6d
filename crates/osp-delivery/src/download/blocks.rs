//! Blocks by CID from peers, as downloads use them: what speaks Bitswap implements this.

use super::{dag::GivesBlocks, leaves::Leaf};
use crate::{Fault, Job, Outcome, Source, SourceKind};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use osp_core::{
    Cid,
    unixfs::{Node, UnixFsError, verify_block},
};
use osp_fetch::Target;
use std::sync::{Arc, Mutex, PoisonError};

/// One peer that may give blocks.
#[async_trait]
pub trait BlockSource: Send + Sync + 'static {
    /// How it is called in logs and errors: by its peer id, never by its address.
    fn name(&self) -> String;

    /// One block. It is verified by the caller as well; a peer that is known to have sent something else has lied.
    ///
    /// # Errors
    /// [`Outcome`].
    async fn block(&self, cid: &Cid) -> Result<Bytes, Outcome>;
}

/// Asks who has blocks.
#[async_trait]
pub trait BlockFinder: Send + Sync + 'static {
    /// The peers that `router`, a node or a delegated router, names for `cid`. None when it names none or cannot be
    /// asked: that is no failure of a source.
    async fn find(&self, router: &Target, cid: &Cid) -> Vec<Arc<dyn BlockSource>>;

    /// Peers that have `cid` as a public directory knows them. Asked once, and only when nobody else is left: it shows
    /// strangers what is wanted. By default there is no such directory.
    async fn find_publicly(&self, _: &Cid) -> Vec<Arc<dyn BlockSource>> {
        Vec::new()
    }
}

/// A network that knows who has blocks, and says so as it learns it.
pub trait BlockSearch: Send + Sync + 'static {
    /// Starts looking for peers that have `cid`. Dropping the stream ends it; it ends by itself too.
    fn search(&self, cid: &Cid) -> BoxStream<'static, Arc<dyn BlockSource>>;
}

/// A peer with the last block of the walk from the root: a file of one leaf is not fetched twice.
pub(crate) struct PeerBlocks {
    source: Arc<dyn BlockSource>,
    last: Mutex<Option<(Cid, Bytes)>>,
}

impl PeerBlocks {
    pub(crate) fn new(source: Arc<dyn BlockSource>) -> Self {
        Self { source, last: Mutex::default() }
    }

    pub(crate) fn name(&self) -> String {
        self.source.name()
    }

    /// The data of a leaf.
    ///
    /// # Errors
    /// [`Outcome`]: a lie when the block is another one.
    pub(crate) async fn leaf(&self, leaf: Leaf) -> Result<Bytes, Outcome> {
        let block = match self.take_last(&leaf.cid) {
            Some(block) => block,
            None => self.source.block(&leaf.cid).await?,
        };
        match verify_block(&leaf.cid, &block) {
            Ok(Node::Leaf { data, .. }) if data.len() == leaf.len as usize => Ok(block.slice(data)),
            Ok(_) => Err(Outcome::Failed("the block is not the leaf that was looked for".to_owned())),
            Err(error @ UnixFsError::WrongHash(_)) => Err(Outcome::Lied(error.to_string())),
            Err(error) => Err(Outcome::Failed(error.to_string())),
        }
    }

    fn take_last(&self, cid: &Cid) -> Option<Bytes> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.take_if(|(known, _)| known == cid).map(|(_, block)| block)
    }
}

impl GivesBlocks for PeerBlocks {
    async fn give(&self, cid: &Cid) -> Result<Option<Bytes>, Fault> {
        let block = self.source.block(cid).await.map_err(Fault::Source)?;
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((*cid, block.clone()));
        Ok(Some(block))
    }
}

/// The other way: block after block, in order.
pub(crate) struct InOrder(pub(crate) Arc<PeerBlocks>);

#[async_trait]
impl Source for InOrder {
    fn name(&self) -> String {
        self.0.name()
    }

    fn kind(&self) -> SourceKind {
        SourceKind::Ipfs
    }

    async fn deliver(&self, job: &mut Job<'_>) -> Result<(), Fault> {
        while let Some(next) = job.next() {
            let block = self.0.source.block(&next.cid).await.map_err(Fault::Source)?;
            job.accept(block).await?;
        }
        Ok(())
    }
}
