//! Blobs in the index, and [`BlobStore`] over them.

use super::{
    EmbeddedStore, blocklist,
    fail::Failure,
    generation::blobs_changed,
    handles,
    key::ContentKey,
    layouts::{self, BlockPlace, BlockSource},
    scrub,
    standing::column,
    temp::{TempFile, reclaim},
    writer::FileWriter,
};
use crate::{BlobMeta, BlobStore, BlobWriter, ScrubReport, StoreError, blob::MAX_READ};
use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    Cid,
    content::{digest_of, sha256},
    torrent::{Sha1Digest, TorrentInfo},
    unixfs::Layout,
};
use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction};
use std::{ops::Range, sync::Arc};

/// Adds a blob, or new layouts to one that is there.
pub(super) fn insert(
    tx: &Transaction<'_>,
    layouts: &[Layout],
    torrent: &TorrentInfo,
) -> Result<BlobMeta, Failure> {
    let cid = ContentKey::of(&layouts[0].root);
    let size = i64::try_from(layouts[0].size).unwrap_or(i64::MAX);
    let mut added = tx
        .prepare_cached(
            "INSERT INTO blobs (cid, size, infohash, piece_length, pieces) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (cid) DO NOTHING",
        )?
        .execute((cid, size, torrent.infohash(), torrent.piece_length, torrent.pieces.concat()))?
        > 0;
    let row: i64 =
        tx.prepare_cached("SELECT id FROM blobs WHERE cid = ?")?.query_row([cid], |row| row.get(0))?;
    for layout in layouts {
        added |= layouts::insert(tx, row, layout)?;
    }
    let meta = meta(tx, "id", row)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    if added {
        let roots: Vec<ContentKey> = meta.roots.iter().map(ContentKey::of).collect();
        blocklist::spread_to(tx, &roots)?;
    }
    // Nothing added, the file is another one all the same: other processes have to look at it anew.
    blobs_changed(tx)?;
    Ok(meta)
}

/// What is known of the blob whose `column` is `value`.
fn meta(db: &Connection, column: &str, value: impl ToSql) -> Result<Option<BlobMeta>, Failure> {
    let found = db
        .prepare_cached(&format!("SELECT id, cid, size, infohash FROM blobs WHERE {column} = ? LIMIT 1"))?
        .query_row([value], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, ContentKey>(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let Some((row, cid, size, infohash)) = found else { return Ok(None) };
    Ok(Some(BlobMeta { cid: cid.cid(), size, infohash, roots: layouts::roots(db, row)? }))
}

fn find(db: &Connection, root: ContentKey) -> Result<Option<BlobMeta>, Failure> {
    let blob: Option<i64> = db
        .prepare_cached("SELECT blob FROM layouts WHERE root = ?")?
        .query_row([root], |row| row.get(0))
        .optional()?;
    blob.map_or(Ok(None), |blob| meta(db, "id", blob))
}

fn torrent(db: &Connection, cid: ContentKey) -> Result<Option<TorrentInfo>, Failure> {
    let found: Option<(u64, u32, Vec<u8>)> = db
        .prepare_cached("SELECT size, piece_length, pieces FROM blobs WHERE cid = ?")?
        .query_row([cid], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(found.map(|(length, piece_length, pieces)| TorrentInfo {
        length,
        name: cid.cid().to_string(),
        piece_length,
        pieces: pieces.as_chunks::<20>().0.to_vec(),
    }))
}

pub(super) fn remove(tx: &Transaction<'_>, cid: ContentKey) -> Result<bool, Failure> {
    let row: Option<i64> =
        tx.query_row("SELECT id FROM blobs WHERE cid = ?", [cid], |row| row.get(0)).optional()?;
    let Some(row) = row else { return Ok(false) };
    layouts::remove(tx, row)?;
    tx.execute("DELETE FROM guests WHERE blob = ?", [row])?;
    tx.execute("DELETE FROM blobs WHERE id = ?", [row])?;
    blobs_changed(tx)?;
    Ok(true)
}

impl EmbeddedStore {
    /// One block, from one of the places where it is.
    async fn block_at(&self, cid: &Cid, place: BlockPlace) -> Result<Bytes, StoreError> {
        let corrupt = || StoreError::Corrupt { cid: *cid };
        let pool = &self.inner.pool;
        match place.from {
            BlockSource::Leaf { offset, len, .. } if place.primary => {
                handles::read(&self.inner, place.blob, place.blob_size, offset..offset + len).await
            }
            BlockSource::Leaf { kind, offset, len } => {
                let range = offset..offset + len;
                let data = handles::read_long(&self.inner, place.blob, place.blob_size, range).await?;
                let block = kind.block(&data);
                if digest_of(cid) == Some(sha256(&block)) { Ok(block.into()) } else { Err(corrupt()) }
            }
            BlockSource::Node { layout, ordinal } => {
                let node =
                    pool.read(move |db| layouts::node(db, layout, ordinal)).await?.ok_or_else(corrupt)?;
                if digest_of(cid) == Some(sha256(&node)) { Ok(node.into()) } else { Err(corrupt()) }
            }
        }
    }
}

#[async_trait]
impl BlobStore for EmbeddedStore {
    async fn writer(&self) -> Result<Box<dyn BlobWriter>, StoreError> {
        Ok(Box::new(FileWriter::new(self.clone()).await?))
    }

    async fn find(&self, root: &Cid) -> Result<Option<Arc<BlobMeta>>, StoreError> {
        let key = ContentKey::of(root);
        let generation = self.inner.watch.recent().blobs;
        if let Some(meta) = self.inner.cache.meta(key, generation) {
            return Ok(Some(meta));
        }
        let meta = self.inner.pool.read(move |db| find(db, key)).await?.map(Arc::new);
        if let Some(meta) = &meta {
            self.inner.cache.keep_meta(key, Arc::clone(meta), generation);
        }
        Ok(meta)
    }

    async fn find_by_infohash(&self, infohash: &Sha1Digest) -> Result<Option<Arc<BlobMeta>>, StoreError> {
        let infohash = *infohash;
        Ok(self.inner.pool.read(move |db| meta(db, "infohash", infohash)).await?.map(Arc::new))
    }

    async fn read(&self, blob: &BlobMeta, range: Range<u64>) -> Result<Bytes, StoreError> {
        let Range { start, end } = range;
        if start > end || end > blob.size {
            return Err(StoreError::Range { start, end, size: blob.size });
        }
        let end = end.min(start + MAX_READ);
        handles::read(&self.inner, ContentKey::of(&blob.cid), blob.size, start..end).await
    }

    async fn block(&self, cid: &Cid) -> Result<Option<Bytes>, StoreError> {
        let key = ContentKey::of(cid);
        let mut outcome = Ok(None);
        for place in self.inner.pool.read(move |db| layouts::places(db, key)).await? {
            match self.block_at(cid, place).await {
                Ok(block) => return Ok(Some(block)),
                Err(e) => outcome = Err(e),
            }
        }
        outcome
    }

    async fn blobs_with_block(&self, cid: &Cid) -> Result<Vec<Cid>, StoreError> {
        let key = ContentKey::of(cid);
        let places = self.inner.pool.read(move |db| layouts::places(db, key)).await?;
        let mut blobs: Vec<Cid> = Vec::new();
        for blob in places.into_iter().map(|place| place.blob.cid()) {
            if !blobs.contains(&blob) {
                blobs.push(blob);
            }
        }
        Ok(blobs)
    }

    async fn layout(&self, root: &Cid) -> Result<Option<Arc<Layout>>, StoreError> {
        let key = ContentKey::of(root);
        let generation = self.inner.watch.recent().blobs;
        if let Some(layout) = self.inner.cache.layout(key, generation) {
            return Ok(Some(layout));
        }
        let layout = self.inner.pool.read(move |db| layouts::load(db, key)).await?.map(Arc::new);
        if let Some(layout) = &layout {
            self.inner.cache.keep_layout(key, Arc::clone(layout), generation);
        }
        Ok(layout)
    }

    async fn torrent(&self, blob: &BlobMeta) -> Result<TorrentInfo, StoreError> {
        let key = ContentKey::of(&blob.cid);
        let found = self.inner.pool.read(move |db| torrent(db, key)).await?;
        found.ok_or(StoreError::NotStored { cid: blob.cid })
    }

    async fn remove(&self, blob: &BlobMeta) -> Result<bool, StoreError> {
        let key = ContentKey::of(&blob.cid);
        let inner = Arc::clone(&self.inner);
        super::fail::joined(tokio::task::spawn_blocking(move || {
            // First the rows are gone for good, then the file: a row always has its file.
            let _marker = TempFile::in_doubt(&inner.folders, key)?;
            let removed = inner.pool.write_here(|tx| remove(tx, key))?;
            inner.blob_changed(key);
            if removed {
                reclaim(&inner.folders, &inner.pool, key)?;
            }
            Ok(removed)
        }))
        .await?
    }

    async fn list(&self, after: Option<&Cid>, limit: usize) -> Result<Vec<Cid>, StoreError> {
        let after = after.map(|cid| ContentKey::of(cid).cid().to_bytes()).unwrap_or_default();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let keys: Vec<ContentKey> = (self.inner.pool)
            .read(move |db| {
                column(db, "SELECT cid FROM blobs WHERE cid > ? ORDER BY cid LIMIT ?", (after, limit))
            })
            .await?;
        Ok(keys.iter().map(ContentKey::cid).collect())
    }

    async fn scrub(&self, cid: &Cid) -> Result<ScrubReport, StoreError> {
        scrub::scrub(&self.inner, *cid).await
    }
}
