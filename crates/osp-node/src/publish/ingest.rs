//! One file into the store: hashed and written in a single pass.

use super::{
    PublishError, PublishEvent,
    hashing::{Hashed, hash_stream, pieces_for},
};
use bytes::Bytes;
use osp_core::{torrent::TorrentInfo, unixfs::Profile};
use osp_store::{BlobStore, BlobWriter};
use std::{fs::File, io, path::Path, sync::Arc};

/// Reads `path` once: hashes it under `profiles` (the first is unixfs-v1-2025) and, unless `dry_run`, stores it.
pub(super) async fn ingest_file(
    blobs: &Arc<dyn BlobStore>,
    path: &Path,
    profiles: &[Profile],
    dry_run: bool,
    progress: &(dyn Fn(PublishEvent<'_>) + Send + Sync),
) -> Result<Hashed, PublishError> {
    let mut writer = if dry_run { None } else { Some(blobs.writer().await?) };
    // The pass is blocking code on this worker's place (other tasks move to other workers); the borrowed progress
    // call-back could not go to a thread of its own.
    let (hashed, store_error) =
        tokio::task::block_in_place(|| read_and_write(path, profiles, &mut writer, progress));
    if let Some(error) = store_error {
        return Err(error.into());
    }
    let hashed = hashed.map_err(|source| PublishError::Unreadable { path: path.to_owned(), source })?;
    if let Some(writer) = writer {
        writer.commit(hashed.layouts.clone(), torrent_of(&hashed)).await?;
    }
    Ok(hashed)
}

fn read_and_write(
    path: &Path,
    profiles: &[Profile],
    writer: &mut Option<Box<dyn BlobWriter>>,
    progress: &(dyn Fn(PublishEvent<'_>) + Send + Sync),
) -> (io::Result<Hashed>, Option<osp_store::StoreError>) {
    let mut store_error = None;
    let hashed = (|| {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let runtime = tokio::runtime::Handle::current();
        let mut done = 0u64;
        let hashed = hash_stream(file, profiles, pieces_for(size), |block: Bytes| {
            done += block.len() as u64;
            if let Some(writer) = writer.as_mut()
                && let Err(e) = runtime.block_on(writer.write(block))
            {
                store_error = Some(e);
                return Err(io::Error::other("the store refused the bytes"));
            }
            progress(PublishEvent::Hashing { path, done, total: size });
            Ok(())
        })?;
        if hashed.layouts.iter().any(|l| l.size != size) {
            return Err(io::Error::other(
                "the file changed while it was read; publish it when it is finished",
            ));
        }
        Ok(hashed)
    })();
    (hashed, store_error)
}

/// Stores bytes that are already in memory (a cover); gives the primary CID.
pub(super) async fn ingest_bytes(
    blobs: &Arc<dyn BlobStore>,
    bytes: &Bytes,
    dry_run: bool,
) -> Result<osp_core::Cid, PublishError> {
    let hashed = hash_stream(&bytes[..], &[Profile::V1_2025], pieces_for(bytes.len() as u64), |_| Ok(()))
        .map_err(|source| PublishError::Unreadable { path: "the cover".into(), source })?;
    let cid = hashed.layouts[0].root;
    if !dry_run && blobs.find(&cid).await?.is_none() {
        let mut writer = blobs.writer().await?;
        writer.write(bytes.clone()).await?;
        writer.commit(hashed.layouts.clone(), torrent_of(&hashed)).await?;
    }
    Ok(cid)
}

fn torrent_of(hashed: &Hashed) -> TorrentInfo {
    hashed.torrent.clone().expect("a piece length was given, so there is a torrent")
}
