//! Reading blocks for a peer: a few at a time, so that not every 16 KiB ask the store.

use crate::torrent::Content;
use bytes::Bytes;
use osp_swarm::{Block, Geometry};
use std::{io, ops::Range, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that are read at once for a peer that asks for one block after another.
pub(crate) const READ_AHEAD: u64 = 256 * 1024;

/// Blocks of one peer.
pub(super) struct Uploads {
    content: Arc<dyn Content>,
    /// Bytes of read-ahead that all connections together may hold.
    budget: Arc<Semaphore>,
    ahead: Option<Ahead>,
}

/// What was read ahead.
struct Ahead {
    start: u64,
    bytes: Bytes,
    _permit: OwnedSemaphorePermit,
}

impl Uploads {
    pub(super) fn new(content: Arc<dyn Content>, budget: Arc<Semaphore>) -> Self {
        Self { content, budget, ahead: None }
    }

    /// The bytes of a block, which lies in a piece that is there.
    pub(super) async fn read(&mut self, geometry: &Geometry, block: Block) -> io::Result<Bytes> {
        let missing = || io::Error::new(io::ErrorKind::InvalidInput, "the torrent has no such block");
        let wanted = geometry.block_range(block).ok_or_else(missing)?;
        let bytes = match self.held(&wanted) {
            Some(bytes) => bytes,
            None => self.fill(wanted.clone(), geometry.range(block.piece).end).await?,
        };
        // Nobody needs what was read ahead once its last block is on its way.
        if self.ahead.as_ref().is_some_and(|ahead| wanted.end >= ahead.start + ahead.bytes.len() as u64) {
            self.ahead = None;
        }
        Ok(bytes)
    }

    /// Lets go of what was read ahead.
    pub(super) fn rest(&mut self) {
        self.ahead = None;
    }

    fn held(&self, wanted: &Range<u64>) -> Option<Bytes> {
        let ahead = self.ahead.as_ref()?;
        let start = usize::try_from(wanted.start.checked_sub(ahead.start)?).ok()?;
        let end = start + usize::try_from(wanted.end - wanted.start).ok()?;
        (end <= ahead.bytes.len()).then(|| ahead.bytes.slice(start..end))
    }

    /// Reads from the block on, to the end of its piece at most: the next one may not be there.
    async fn fill(&mut self, wanted: Range<u64>, piece_end: u64) -> io::Result<Bytes> {
        self.ahead = None;
        let len = (wanted.end - wanted.start) as usize;
        let end = piece_end.min(wanted.start + READ_AHEAD).max(wanted.end);
        let permit = u32::try_from(end - wanted.start)
            .ok()
            .and_then(|bytes| Arc::clone(&self.budget).try_acquire_many_owned(bytes).ok());
        let end = if permit.is_some() { end } else { wanted.end };
        let bytes = self.content.read(wanted.start..end).await?;
        if bytes.len() as u64 != end - wanted.start {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the store gave fewer bytes"));
        }
        let block = bytes.slice(..len);
        self.ahead = permit.map(|permit| Ahead { start: wanted.start, bytes, _permit: permit });
        Ok(block)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::torrent::Content;
    use async_trait::async_trait;
    use osp_swarm::{PieceIndex, Verdict};
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Gives the low byte of each position, and counts how often it is asked.
    struct Counting(AtomicUsize);

    #[async_trait]
    impl Content for Counting {
        async fn read(&self, range: Range<u64>) -> io::Result<Bytes> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(range.map(|i| (i / 1024) as u8).collect())
        }
        async fn put(&self, _: PieceIndex, _: Vec<Bytes>) -> Verdict {
            Verdict::Lost
        }
    }

    async fn reads(budget: usize) -> usize {
        let content = Arc::new(Counting(AtomicUsize::new(0)));
        let budget = Arc::new(Semaphore::new(budget));
        let mut uploads = Uploads::new(content.clone(), Arc::clone(&budget));
        let geometry = Geometry::new(3_000_000, 1_048_576).unwrap();
        for block in geometry.blocks(PieceIndex(0)).chain(geometry.blocks(PieceIndex(2))) {
            let start = geometry.block_range(block).unwrap().start;
            let bytes = uploads.read(&geometry, block).await.unwrap();
            assert_eq!(bytes.len(), block.len as usize);
            assert_eq!(bytes[0], (start / 1024) as u8);
        }
        let free = budget.available_permits();
        drop(uploads);
        assert_eq!(budget.available_permits(), free, "nothing is held after the last block of a piece");
        content.0.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn blocks_in_a_row_ask_the_store_once_each_quarter_mebibyte() {
        // 1 MiB, and the last piece of 902,848 bytes.
        assert_eq!(reads(READ_AHEAD as usize).await, 4 + 4);
    }

    #[tokio::test]
    async fn without_memory_to_spare_every_block_is_read_alone() {
        assert_eq!(reads(0).await, 64 + 56);
    }
}
