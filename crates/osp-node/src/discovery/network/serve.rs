//! Answering others who ask for records (`/osp/records/0.1.0`, spec section 13.5), from the store.
//!
//! What the operator blocks is left out everywhere. How many answers are made at once is bounded by the host
//! ([`osp_p2p::host::records`]), how long each is by the page.

use async_trait::async_trait;
use bytes::Bytes;
use osp_core::{
    content::parse_cid,
    did::Did,
    record::{Record, RecordId},
};
use osp_discovery::{
    IndexKey,
    exchange::{Answer, AnswerBuilder, Query, RefusalReason, Request},
    key::KeyKind,
};
use osp_p2p::{PeerId, RecordsServer};
use osp_store::{
    RecordIndex as _, StoreError, StoredRecord, Withdrawn,
    embedded::{EmbeddedStore, Under},
};
use std::{
    collections::HashSet,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Answers from the store of a home.
pub(crate) struct StoreRecords {
    store: EmbeddedStore,
    /// Requests answered.
    pub(super) answered: AtomicU64,
}

impl StoreRecords {
    pub(crate) fn new(store: EmbeddedStore) -> Self {
        Self { store, answered: AtomicU64::new(0) }
    }

    async fn page(&self, request: &Request) -> Result<Answer, StoreError> {
        match &request.query {
            Query::Key(key) => match under(key) {
                Some(under) => self.under(&under, request).await,
                // A key that nothing can have.
                None => Ok(Answer::default()),
            },
            Query::Ids(ids) => self.ids(ids, request).await,
            Query::Feed => self.feed(request).await,
        }
    }

    async fn under(&self, key: &Under, request: &Request) -> Result<Answer, StoreError> {
        let Some(after) = cursor(request) else { return Ok(Answer::refusal(RefusalReason::Cursor)) };
        let held = self.store.under(key, after, request.limit + 1).await?;
        let more = held.len() > request.limit;
        let mut page = Page::new(request);
        let mut last = None;
        for held in held.into_iter().take(request.limit) {
            if self.may_be_shown(&held.record).await? && !page.add(&held.record) {
                return Ok(page.finish(last));
            }
            last = Some(held.place);
        }
        Ok(page.finish(last.filter(|_| more)))
    }

    async fn ids(&self, ids: &[String], request: &Request) -> Result<Answer, StoreError> {
        let mut page = Page::new(request);
        for id in ids {
            let Some(stored) = self.store.get(id).await? else { continue };
            // A retracted track is not given, its retraction is.
            let stored = match stored.withdrawn {
                Some(Withdrawn::Retracted(json)) => match Record::parse(&json) {
                    Ok(retraction) => StoredRecord { id: retraction.id(), json, withdrawn: None },
                    Err(_) => continue,
                },
                _ => stored,
            };
            if self.may_be_shown(&stored).await? && !page.add(&stored) {
                break;
            }
        }
        Ok(page.finish(None))
    }

    /// As `GET /api/v1/feed` has it: without what is withdrawn, retractions included.
    async fn feed(&self, request: &Request) -> Result<Answer, StoreError> {
        let Some(after) = cursor(request) else { return Ok(Answer::refusal(RefusalReason::Cursor)) };
        let mut page = Page::new(request);
        let mut last = after;
        for (seq, stored) in self.store.feed(after, request.limit).await? {
            let shown = stored.withdrawn.is_none() && self.may_be_shown(&stored).await?;
            if shown && !page.add(&stored) {
                break;
            }
            last = seq;
        }
        Ok(page.finish(Some(last)))
    }

    async fn may_be_shown(&self, stored: &StoredRecord) -> Result<bool, StoreError> {
        match Record::parse(&stored.json) {
            Ok(record) => Ok(!self.store.is_blocked(&record).await?),
            Err(_) => Ok(false),
        }
    }
}

#[async_trait]
impl RecordsServer for StoreRecords {
    async fn answer(&self, _: PeerId, request: Bytes) -> Option<Bytes> {
        let answer = match Request::parse(&request) {
            Ok(request) => self.page(&request).await,
            Err(_) => Ok(Answer::refusal(RefusalReason::Unsupported)),
        };
        let answer = answer.unwrap_or_else(|error| {
            tracing::warn!(%error, "a request for records cannot be answered from the store");
            Answer::refusal(RefusalReason::Busy)
        });
        self.answered.fetch_add(1, Relaxed);
        answer.to_json().ok().map(Bytes::from)
    }

    fn busy(&self) -> Option<Bytes> {
        Answer::refusal(RefusalReason::Busy).to_json().ok().map(Bytes::from)
    }
}

/// A page being filled, with each record once.
struct Page {
    builder: AnswerBuilder,
    ids_only: bool,
    there: HashSet<RecordId>,
}

impl Page {
    fn new(request: &Request) -> Self {
        let builder = AnswerBuilder::new(request.limit);
        Self { builder, ids_only: request.ids_only, there: HashSet::new() }
    }

    /// Says whether there was room.
    fn add(&mut self, stored: &StoredRecord) -> bool {
        if !self.there.insert(stored.id.clone()) {
            return true;
        }
        if self.ids_only { self.builder.id(stored.id.as_str()) } else { self.builder.record(&stored.json) }
    }

    fn finish(self, next: Option<u64>) -> Answer {
        self.builder.finish(next.map(|place| place.to_string()))
    }
}

/// Where to go on; `None` for a cursor that was not given here.
fn cursor(request: &Request) -> Option<u64> {
    match request.after.as_deref() {
        None => Some(0),
        Some(text) => text.parse().ok().filter(|place| i64::try_from(*place).is_ok()),
    }
}

/// What the store calls a key; `None` for one that no record can have.
pub(super) fn under(key: &IndexKey) -> Option<Under> {
    let value = key.value();
    Some(match key.kind() {
        KeyKind::Artist => Under::Artist(Did::parse(value).ok()?),
        KeyKind::Title => Under::Title(value.to_owned()),
        KeyKind::Genre => Under::Genre(value.to_owned()),
        KeyKind::Track => Under::Record(RecordId::parse(value).ok()?),
        KeyKind::Content => Under::Content(parse_cid(value).ok()?),
    })
}
