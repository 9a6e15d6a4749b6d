//! Writing a blob.
//!
//! ```text
//!  write   bytes to tmp/<name>.part, one megabyte at a time on a thread, the next one arriving meanwhile
//!  commit  1  fsync of the file
//!          2  a .doubt marker in tmp
//!          3  under the index's write lock: move the file to its place, fsync of the folder, rows, COMMIT
//!          4  the marker goes
//! ```
//!
//! Killed before 3 has committed, the blob was never visible: the part, or by the marker the moved file, is removed
//! when the store is next opened. Rows exist only after their file is durable.

use super::{
    EmbeddedStore, blobs,
    fail::{io_error, joined},
    key::ContentKey,
    temp::{TempFile, reclaim},
};
use crate::{BlobMeta, BlobWriter, StoreError};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    torrent::TorrentInfo,
    unixfs::{Layout, LeafKind, Profile},
};
use std::{io::Write as _, sync::Arc};
use tokio::task::JoinHandle;

/// Bytes collected before they are handed to a thread.
const BATCH: usize = 1 << 20;
/// Bytes after which the system is told to begin writing to the medium, so that the final fsync finds little left.
const SYNC_EVERY: u64 = 64 << 20;

pub(super) struct FileWriter {
    store: EmbeddedStore,
    temp: Arc<TempFile>,
    collected: Vec<Bytes>,
    collected_len: usize,
    /// Bytes received.
    len: u64,
    synced_to: u64,
    writing: Option<JoinHandle<Result<(), StoreError>>>,
    syncing: Option<JoinHandle<Result<(), StoreError>>>,
}

impl FileWriter {
    pub(super) async fn new(store: EmbeddedStore) -> Result<Self, StoreError> {
        let folders = store.inner.folders.clone();
        let temp = joined(tokio::task::spawn_blocking(move || TempFile::part(&folders))).await??;
        Ok(Self {
            store,
            temp: Arc::new(temp),
            collected: Vec::new(),
            collected_len: 0,
            len: 0,
            synced_to: 0,
            writing: None,
            syncing: None,
        })
    }

    /// Hands what was collected to a thread, after the batch before it has been written.
    async fn flush(&mut self) -> Result<(), StoreError> {
        settle(&mut self.writing).await?;
        if self.len - self.synced_to >= SYNC_EVERY {
            settle(&mut self.syncing).await?;
            self.synced_to = self.len;
            let temp = Arc::clone(&self.temp);
            self.syncing = Some(tokio::task::spawn_blocking(move || {
                temp.file().sync_data().map_err(io_error("cannot write", temp.path()))
            }));
        }
        let batch = std::mem::take(&mut self.collected);
        self.collected_len = 0;
        let temp = Arc::clone(&self.temp);
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let mut file = temp.file();
            batch
                .iter()
                .try_for_each(|bytes| file.write_all(bytes))
                .map_err(io_error("cannot write", temp.path()))
        }));
        Ok(())
    }
}

/// Waits for a thread's work; cancelled and called again it waits again.
async fn settle(task: &mut Option<JoinHandle<Result<(), StoreError>>>) -> Result<(), StoreError> {
    if let Some(running) = task {
        let result = joined_mut(running).await;
        *task = None;
        result?;
    }
    Ok(())
}

async fn joined_mut(task: &mut JoinHandle<Result<(), StoreError>>) -> Result<(), StoreError> {
    match task.await {
        Ok(result) => result,
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        Err(_) => Err(StoreError::Database("the program is shutting down".into())),
    }
}

#[async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.len += bytes.len() as u64;
        self.collected_len += bytes.len();
        self.collected.push(bytes);
        if self.collected_len >= BATCH { self.flush().await } else { Ok(()) }
    }

    async fn commit(
        mut self: Box<Self>,
        layouts: Vec<Layout>,
        torrent: TorrentInfo,
    ) -> Result<Arc<BlobMeta>, StoreError> {
        check(self.len, &layouts, &torrent)?;
        self.flush().await?;
        settle(&mut self.writing).await?;
        settle(&mut self.syncing).await?;
        let cid = ContentKey::of(&layouts[0].root);
        let temp = Arc::clone(&self.temp);
        let folders = self.store.inner.folders.clone();
        let marker = joined(tokio::task::spawn_blocking(move || {
            temp.file().sync_all().map_err(io_error("cannot write", temp.path()))?;
            TempFile::in_doubt(&folders, cid)
        }))
        .await??;
        let temp = Arc::clone(&self.temp);
        let inner = Arc::clone(&self.store.inner);
        joined(tokio::task::spawn_blocking(move || {
            let written = inner.pool.write_here(|tx| {
                inner.folders.place(temp.path(), cid)?;
                blobs::insert(tx, &layouts, &torrent)
            });
            if written.is_err() {
                // Moved, perhaps, and not known: the marker stays until that is undone.
                let _ = reclaim(&inner.folders, &inner.pool, cid);
            }
            drop(marker);
            inner.blob_changed(cid);
            written.map(Arc::new)
        }))
        .await?
    }
}

/// What is cheap to check of a commit; reading checks the digests.
fn check(len: u64, layouts: &[Layout], torrent: &TorrentInfo) -> Result<(), StoreError> {
    let refuse = |what: &str| Err(StoreError::Invalid(format!("cannot store these bytes: {what}")));
    let Some(primary) = layouts.first() else { return refuse("there is no layout") };
    for layout in layouts {
        let mut at = 0;
        let contiguous =
            layout.leaves.iter().all(|leaf| std::mem::replace(&mut at, leaf.end()) == leaf.offset);
        if !contiguous || at != len || layout.size != len {
            return refuse(&format!("layout {} is for {} bytes, there are {len}", layout.root, layout.size));
        }
    }
    let chunk = Profile::V1_2025.chunk_size() as u64;
    let mut leaves = primary.leaves.iter();
    let ours =
        leaves.all(|leaf| leaf.kind == LeafKind::Raw && u64::from(leaf.len) == chunk.min(len - leaf.offset));
    if !ours || (primary.leaves.len() as u64) != len.div_ceil(chunk).max(1) {
        return refuse(&format!("the first layout ({}) is not of profile unixfs-v1-2025", primary.root));
    }
    if torrent.length != len {
        return refuse(&format!("the torrent is for {} bytes, there are {len}", torrent.length));
    }
    Ok(())
}
