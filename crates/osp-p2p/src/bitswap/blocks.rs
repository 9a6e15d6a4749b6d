//! Where the blocks that peers ask for come from.

use async_trait::async_trait;
use bytes::Bytes;
use osp_core::Cid;

/// The blocks this program gives away. Whoever implements it leaves out what may not be served (a block list);
/// it is asked about any CID a stranger thinks of, with any hash.
#[async_trait]
pub trait Blocks: Send + Sync + 'static {
    /// The block, or `None` if it is not here or not to be served. The bytes must be those of the CID: they are
    /// not hashed again before they are sent.
    async fn get(&self, cid: &Cid) -> Option<Bytes>;

    /// Its length in bytes, without reading it if that is possible.
    async fn has(&self, cid: &Cid) -> Option<u64> {
        self.get(cid).await.map(|block| block.len() as u64)
    }
}

/// No blocks: for a program that only asks.
#[async_trait]
impl Blocks for () {
    async fn get(&self, _: &Cid) -> Option<Bytes> {
        None
    }
}
