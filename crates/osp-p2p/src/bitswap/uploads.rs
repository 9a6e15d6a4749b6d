//! What the rest of the program has to say about giving: caps and accounts that other protocols share.

use async_trait::async_trait;
use osp_core::Cid;

/// The rules for sending blocks. Whether one is given at all is for [`Blocks`](super::Blocks) to say.
#[async_trait]
pub trait Uploads: Send + Sync + 'static {
    /// Waits until so many bytes of this block may be sent. It is asked for each block of a message before the message
    /// is written; meanwhile the peer waits, and nobody else.
    async fn take(&self, cid: &Cid, bytes: usize);

    /// A block was sent.
    async fn sent(&self, cid: &Cid, bytes: usize);
}

/// No caps, no accounts.
#[async_trait]
impl Uploads for () {
    async fn take(&self, _: &Cid, _: usize) {}

    async fn sent(&self, _: &Cid, _: usize) {}
}
