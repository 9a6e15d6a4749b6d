//! One delivery in progress: the assembly, the sink, and who has contributed what.

use crate::{Assembly, Fault, SinkError, Want, assembly::Pending};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{Digest, digest_of, same_block},
    unixfs::{Layout, MAX_BLOCK_BYTES},
};
use std::collections::VecDeque;

/// Leaves that are kept because a CAR may leave out a block that comes again (silence does).
const RECENT_LEAVES: usize = 4;

/// Receives one file, in order.
#[async_trait]
pub trait VerifiedSink: Send {
    /// How many bytes the file has. Called when that is known, perhaps again after [`VerifiedSink::restart`].
    fn size(&mut self, bytes: u64) {
        let _ = bytes;
    }

    /// The next bytes, verified.
    async fn write(&mut self, bytes: Bytes) -> Result<(), SinkError>;

    /// The next bytes, **not yet verified**: to be kept, but let out to nobody before
    /// [`Delivery::fetch`](crate::Delivery::fetch) has returned well. Comes only at the start of the file or
    /// after other spooled bytes.
    async fn spool(&mut self, bytes: Bytes) -> Result<(), SinkError>;

    /// Forgets everything: the next bytes are the first of the file.
    async fn restart(&mut self) -> Result<(), SinkError>;
}

/// What a [`Source`](crate::Source) works on.
pub struct Job<'a> {
    want: &'a Want,
    sink: &'a mut dyn VerifiedSink,
    assembly: Assembly,
    recent: VecDeque<(Digest, Bytes)>,
    /// Bytes that the sink has, verified or spooled.
    written: u64,
    told_size: Option<u64>,
    /// The layout, when the file was verified as a whole.
    adopted: Option<Layout>,
}

impl<'a> Job<'a> {
    pub(crate) fn new(want: &'a Want, sink: &'a mut dyn VerifiedSink) -> Self {
        Self {
            want,
            sink,
            assembly: Assembly::new(want.cid, want.max_size),
            recent: VecDeque::new(),
            written: 0,
            told_size: None,
            adopted: None,
        }
    }

    /// What is wanted.
    #[must_use]
    pub fn want(&self) -> &'a Want {
        self.want
    }

    /// Whether the file is complete and verified.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.adopted.is_some() || self.assembly.next().is_none()
    }

    /// The block that must come next.
    #[must_use]
    pub fn next(&self) -> Option<Pending> {
        if self.adopted.is_some() { None } else { self.assembly.next().copied() }
    }

    /// Bytes of file that are verified and in the sink.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.assembly.offset()
    }

    /// Bytes of the file, once the root is there.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.assembly.size()
    }

    /// Bytes in the sink.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Whether a block stood in this file before.
    #[must_use]
    pub fn was_seen(&self, cid: &Cid) -> bool {
        self.assembly.was_seen(cid)
    }

    /// Whether every block still to come is small enough to be a leaf whose CID is known: then plain file bytes
    /// can be verified as they come.
    #[must_use]
    pub fn knows_its_leaves(&self) -> bool {
        self.assembly.pending().iter().all(|block| {
            block
                .size
                .map_or(block.cid.codec() == osp_core::content::RAW, |size| size <= MAX_BLOCK_BYTES as u64)
        })
    }

    /// Takes the next block, and then those that are known already because they stood in the DAG before.
    ///
    /// # Errors
    /// [`Fault`]
    pub async fn accept(&mut self, block: Bytes) -> Result<(), Fault> {
        self.take(block).await?;
        while let Some(known) =
            self.next().and_then(|next| self.assembly.known_node(&next.cid).map(Bytes::copy_from_slice))
        {
            self.take(known).await?;
        }
        Ok(())
    }

    /// Takes the next block from memory, if it is a leaf that came a moment ago.
    ///
    /// # Errors
    /// [`Fault`]
    pub async fn accept_recent(&mut self) -> Result<bool, Fault> {
        let Some(next) = self.next() else { return Ok(false) };
        let digest = digest_of(&next.cid);
        let Some((_, block)) = self.recent.iter().find(|(d, _)| Some(*d) == digest) else { return Ok(false) };
        let block = block.clone();
        self.accept(block).await?;
        Ok(true)
    }

    async fn take(&mut self, block: Bytes) -> Result<(), Fault> {
        // Repeats come from memory, thousands in a row if somebody wants that: let others run in between.
        tokio::task::consume_budget().await;
        let digest = self.next().and_then(|next| digest_of(&next.cid));
        let data = self.assembly.accept(&block)?;
        if let Some(size) = self.assembly.size()
            && self.told_size != Some(size)
        {
            self.told_size = Some(size);
            self.sink.size(size);
        }
        let (Some(data), Some(digest)) = (data, digest) else { return Ok(()) };
        if self.recent.len() == RECENT_LEAVES {
            self.recent.pop_front();
        }
        self.recent.push_back((digest, block));
        self.written += data.len() as u64;
        self.sink.write(data).await.map_err(Fault::Sink)
    }

    /// Starts over for a source whose bytes can be verified only as a whole.
    ///
    /// # Errors
    /// [`Fault::Sink`]
    pub async fn restart(&mut self) -> Result<(), Fault> {
        if self.written > 0 {
            self.sink.restart().await.map_err(Fault::Sink)?;
        }
        self.written = 0;
        self.told_size = None;
        self.recent.clear();
        self.assembly = Assembly::new(self.want.cid, self.want.max_size);
        Ok(())
    }

    /// Takes bytes that cannot be verified yet. Before it: [`Job::restart`]. After it: [`Job::adopt`], or
    /// [`Job::restart`] again.
    ///
    /// # Errors
    /// [`Fault::Sink`]
    pub async fn spool(&mut self, bytes: Bytes) -> Result<(), Fault> {
        self.written += bytes.len() as u64;
        self.sink.spool(bytes).await.map_err(Fault::Sink)
    }

    /// Ends the job with everything that was spooled, if `layout`, made from those bytes, is of the content that
    /// is wanted. `false` if it is not.
    pub fn adopt(&mut self, layout: Layout) -> bool {
        let holds = same_block(&layout.root, &self.want.cid) && layout.size == self.written;
        if holds {
            self.adopted = Some(Layout { root: self.want.cid, ..layout });
        }
        holds
    }

    pub(crate) fn into_layout(self) -> Option<Layout> {
        self.adopted.or_else(|| self.assembly.into_layout())
    }
}
