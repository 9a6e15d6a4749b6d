//! [`RecordIndex`] over the database.

use super::{EmbeddedStore, blocklist, generation::Generation, records, search};
use crate::{Block, ContentStanding, Counts, Page, Put, Query, RecordIndex, StoreError, StoredRecord};
use async_trait::async_trait;
use osp_core::{
    Cid,
    record::{Record, Verified},
};
use std::sync::{Arc, PoisonError};

/// The last answer of [`RecordIndex::counts`] and when it held.
pub(super) type KeptCounts = Option<(Generation, Counts)>;

#[async_trait]
impl RecordIndex for EmbeddedStore {
    async fn put(&self, records: &[Verified<Record>]) -> Result<Vec<Put>, StoreError> {
        let records = records.to_vec();
        let results = self.inner.pool.write(move |tx| records::put(tx, &records)).await;
        self.inner.watch.changed();
        results
    }

    async fn get(&self, id_or_cid: &str) -> Result<Option<StoredRecord>, StoreError> {
        let text = id_or_cid.to_owned();
        self.inner.pool.read(move |db| records::get(db, &text)).await
    }

    async fn search(&self, query: &Query) -> Result<Page, StoreError> {
        let (inner, query) = (Arc::clone(&self.inner), query.clone());
        self.inner.pool.read(move |db| search::search(db, &inner.vocabulary, &query)).await
    }

    async fn using_content(&self, roots: &[Cid]) -> Result<Vec<StoredRecord>, StoreError> {
        let roots = roots.to_vec();
        self.inner.pool.read(move |db| records::using_content(db, &roots)).await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, StoredRecord)>, StoreError> {
        self.inner.pool.read(move |db| records::feed(db, after, limit)).await
    }

    async fn counts(&self) -> Result<Counts, StoreError> {
        let now = self.inner.watch.now()?;
        let kept = *self.inner.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, counts)) = kept.filter(|(at, _)| *at == now) {
            return Ok(counts);
        }
        let counts = self.inner.pool.read(records::counts).await?;
        *self.inner.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, counts));
        Ok(counts)
    }

    async fn block(&self, what: &Block, reason: Option<&str>) -> Result<bool, StoreError> {
        let (what, reason) = (what.clone(), reason.map(str::to_owned));
        let added = self.inner.pool.write(move |tx| blocklist::add(tx, &what, reason.as_deref())).await;
        self.inner.watch.changed();
        added
    }

    async fn unblock(&self, what: &Block) -> Result<bool, StoreError> {
        let what = what.clone();
        let removed = self.inner.pool.write(move |tx| blocklist::remove(tx, &what)).await;
        self.inner.watch.changed();
        removed
    }

    async fn blocks(&self) -> Result<Vec<(Block, Option<String>)>, StoreError> {
        self.inner.pool.read(blocklist::list).await
    }

    async fn is_blocked(&self, record: &Record) -> Result<bool, StoreError> {
        let record = record.clone();
        self.inner.pool.read(move |db| blocklist::covers_record(db, &record)).await
    }

    async fn content_standing(&self, roots: &[Cid]) -> Result<ContentStanding, StoreError> {
        let roots = roots.to_vec();
        self.inner.pool.read(move |db| blocklist::content_standing(db, &roots)).await
    }

    async fn generation(&self) -> Result<u64, StoreError> {
        Ok(self.inner.watch.now()?.records)
    }
}
