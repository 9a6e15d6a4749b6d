//! [`RecordIndex`] over the database.

use super::{
    EmbeddedStore, Inner, blocklist, fail::Failure, generation::Generation, nearness::Nearness, records,
    search,
};
use crate::{
    Block, ContentStanding, Counts, Page, Put, Query, RecordIndex, StoreError, StoredRecord, TrustRanks,
};
use async_trait::async_trait;
use osp_core::{
    Cid,
    did::Did,
    record::{Record, RecordId, Verified},
};
use rusqlite::Connection;
use std::{
    sync::{Arc, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// The last answer of [`RecordIndex::counts`] and when it held.
pub(super) type KeptCounts = Option<(Generation, Counts)>;

/// The last answer of [`RecordIndex::genres`], to how many were asked for, and when it held.
pub(super) type KeptGenres = Option<(Generation, usize, Vec<(String, u64)>)>;

/// The artists near to a user, and when and for which ranks they were looked up.
pub(super) type KeptNearness = Option<(u64, Arc<TrustRanks>, Arc<Nearness>)>;

impl Inner {
    /// The artists of `ranks`, as searches need them.
    fn nearness(&self, db: &Connection, ranks: &Arc<TrustRanks>) -> Result<Arc<Nearness>, Failure> {
        let now = self.watch.now()?.records;
        let kept = self.near.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, _, near)) = kept.filter(|(at, of, _)| *at == now && Arc::ptr_eq(of, ranks)) {
            return Ok(near);
        }
        let near = Arc::new(Nearness::of(db, ranks)?);
        let keep = Some((now, Arc::clone(ranks), Arc::clone(&near)));
        *self.near.lock().unwrap_or_else(PoisonError::into_inner) = keep;
        Ok(near)
    }
}

#[async_trait]
impl RecordIndex for EmbeddedStore {
    async fn put(&self, records: &[Verified<Record>]) -> Result<Vec<Put>, StoreError> {
        let records = records.to_vec();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let results = self.inner.pool.write(move |tx| records::put(tx, &records, now)).await;
        self.inner.watch.changed();
        results
    }

    async fn get(&self, id_or_cid: &str) -> Result<Option<StoredRecord>, StoreError> {
        let text = id_or_cid.to_owned();
        self.inner.pool.read(move |db| records::get(db, &text)).await
    }

    async fn search(&self, query: &Query) -> Result<Page, StoreError> {
        let (inner, query) = (Arc::clone(&self.inner), query.clone());
        let work = move |db: &Connection| {
            let near = match &query.trust {
                Some(ranks) => inner.nearness(db, ranks)?,
                None => Arc::default(),
            };
            search::search(db, &inner.vocabulary, &query, &near)
        };
        self.inner.pool.read(work).await
    }

    async fn using_content(&self, roots: &[Cid]) -> Result<Vec<StoredRecord>, StoreError> {
        let roots = roots.to_vec();
        self.inner.pool.read(move |db| records::using_content(db, &roots)).await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, StoredRecord)>, StoreError> {
        self.inner.pool.read(move |db| records::feed(db, after, limit)).await
    }

    async fn numbered(&self, seq: u64) -> Result<Option<RecordId>, StoreError> {
        self.inner.pool.read(move |db| records::numbered(db, seq)).await
    }

    async fn genres(&self, limit: usize) -> Result<Vec<(String, u64)>, StoreError> {
        let now = self.inner.watch.now()?;
        let lock = || self.inner.genres.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, asked, genres)) = &*lock()
            && *at == now
            && *asked >= limit
        {
            return Ok(genres.iter().take(limit).cloned().collect());
        }
        let genres = self.inner.pool.read(move |db| records::genres(db, limit)).await?;
        *lock() = Some((now, limit, genres.clone()));
        Ok(genres)
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

    async fn are_blocked(&self, records: &[Record]) -> Result<Vec<bool>, StoreError> {
        let asked: Vec<_> = records.iter().map(blocklist::Asked::of).collect();
        self.inner.pool.read(move |db| asked.iter().map(|one| one.is_covered(db)).collect()).await
    }

    async fn is_artist_blocked(&self, artist: &Did) -> Result<bool, StoreError> {
        let did = artist.to_string();
        self.inner.pool.read(move |db| blocklist::covers_artist(db, &did)).await
    }

    async fn content_standing(&self, roots: &[Cid]) -> Result<ContentStanding, StoreError> {
        let roots = roots.to_vec();
        self.inner.pool.read(move |db| blocklist::content_standing(db, &roots)).await
    }

    async fn generation(&self) -> Result<u64, StoreError> {
        Ok(self.inner.watch.now()?.records)
    }
}
